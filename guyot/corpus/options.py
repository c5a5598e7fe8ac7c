"""How a corpus is measured: the options that each of its constructors takes."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

from guyot.encoders.hashing import HashingEncoder
from guyot.errors import SettingError


class TextEncoder(Protocol):
    """Turns texts into vectors."""

    @property
    def width(self) -> int:
        """Count the dimensions of a vector."""
        ...

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32[n, width]; rows need not be of unit length."""
        ...


class Options(TypedDict, total=False):
    """How a corpus is measured; what is left out has its default.

    encoder : an object with `encode(texts)` and `width`, or the directory of a transformers model or of a
        static one of model2vec; by default the hashing encoder, which sees spelling and needs no weights
    tokens : how many tokens each text has: a number for each, or a function of a text; by default one for
        every four bytes of UTF-8, rounded up, which is a rule of thumb and no count
    n_clusters : centroids; by default the square root of the number of documents
    seed : of the clustering; 0 by default
    evaluation : texts that documents must not be copies of, for the step Decontaminate; or such texts by the
        name of their evaluation set
    progress : whether work of more than two seconds shows a line on stderr; it does by default
    """

    encoder: TextEncoder | str | Path | None
    tokens: Sequence[int] | NDArray[np.integer] | Callable[[str], int] | None
    n_clusters: int
    seed: int
    evaluation: Mapping[str, Sequence[str]] | Sequence[str] | None
    progress: bool


def check_options(options: Options) -> None:
    """Refuse options that there are not.

    Raises
    ------
    SettingError : naming them, and those that there are.
    """
    known = Options.__annotations__
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise SettingError(
            f"options {', '.join(unknown)} of a corpus are not known; choose from {', '.join(known)}"
        )


def encoder_of(given: TextEncoder | str | Path | None) -> TextEncoder:
    """Return the encoder that is meant; the directory of a model needs `guyot[encoders]`."""
    if given is None:
        return HashingEncoder()
    if isinstance(given, str | Path):
        from guyot.encoders import static_encoder, transformer_encoder

        folder = Path(given).expanduser()
        if static_encoder.is_static(folder):
            return static_encoder.load(folder)
        return transformer_encoder.load(folder)
    return given
