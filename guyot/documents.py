"""The documents that a recipe cuts, as named columns; each method takes those that it needs.

What all documents have is small: 64 bits of the doc_id and a digest of the content. All else is a column,
an array of one value a document, or a source, such as vectors that are read block by block. Text, images
and episodes are documents with different columns.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar, assert_never, overload

import numpy as np
from numpy.typing import NDArray

from guyot.columns import BYTES, COLUMNS, CONTENT_DIGEST, KIND, TOKENS, Column, Need, Source, signal
from guyot.errors import ArrayError
from guyot.memo import Memo

Unit = Literal["documents", "tokens", "bytes"]
_Scalar = TypeVar("_Scalar", bound=np.generic)
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Documents:
    """Columns over n documents, in the order of their doc_ids, so that a tie goes to the lower row.

    id_bits : uint64[n], the first 64 bits of each doc_id
    content_digest : bytes, S[n] of any width; None: of no content, such as vectors alone; see
        `CONTENT_DIGEST`
    columns : by name, [n] each: those of `COLUMNS` with their dtype, and any other of numbers, such as a
        quality signal
    sources : by name, such as `VECTORS`
    kinds : the names of the documents' kinds, which the column `kind` numbers
    memo : what methods computed of these documents and several recipes use

    Raises
    ------
    ArrayError : columns of different lengths, a known column of another dtype, or no column of numbers.

    Examples
    --------
    >>> two = Documents(np.arange(2, dtype=np.uint64), np.array([b"a", b"b"], "S32"),
    ...                 {"distance": np.array([0.5, 0.25], np.float32)})
    >>> two.column("distance").tolist(), two.weights("documents").tolist()
    ([0.5, 0.25], [1, 1])
    """

    id_bits: NDArray[np.uint64]
    content_digest: NDArray[np.bytes_] | None
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict[str, NDArray[Any]])
    sources: Mapping[str, object] = field(default_factory=dict[str, object])
    kinds: tuple[str, ...] = ()
    memo: Memo = field(default_factory=Memo, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse columns that do not fit together."""
        lengths = {"id_bits": len(self.id_bits)}
        if self.content_digest is not None:
            lengths["content_digest"] = len(self.content_digest)
        lengths |= {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ArrayError(f"all columns need one length; got {lengths}; align them by doc_id")
        for name, values in self.columns.items():
            wanted = signal(name).dtype
            if not np.issubdtype(values.dtype, wanted) and not (name not in COLUMNS and values.dtype == bool):
                raise ArrayError(f"column {name} has dtype {values.dtype}; give it as {wanted.__name__}")

    def __len__(self) -> int:
        """Count the documents."""
        return len(self.id_bits)

    def column(self, name: str) -> NDArray[Any]:
        """Return a column by its name: float64[n] or int64[n], as the documents came with it.

        Raises
        ------
        ArrayError : the documents came without it.
        """
        return self.require(signal(name))

    @overload
    def require(self, need: Column[_Scalar], *, of: str = "") -> NDArray[_Scalar]: ...
    @overload
    def require(self, need: Source[_Value], *, of: str = "") -> _Value: ...
    def require(self, need: Need, *, of: str = "") -> object:
        """Return a column or source that a method needs.

        Parameters
        ----------
        of : what needs it, for the message, such as `step length`

        Raises
        ------
        ArrayError : the documents came without it.
        """
        held: Mapping[str, object] = self.columns if isinstance(need, Column) else self.sources
        if need is CONTENT_DIGEST and self.content_digest is not None:
            return self.content_digest
        if need.name not in held:
            raise ArrayError(
                f"{of or 'the caller'} needs the {need.describe()}; these documents have "
                f"{self._described()}; give Documents {need.name}"
            )
        return held[need.name]

    def check(self, needs: Iterable[Need], *, of: str) -> None:
        """Raise if a column or source that a method needs is missing.

        Raises
        ------
        ArrayError : as `require`.
        """
        for need in needs:
            self.require(need, of=of)

    def weights(self, unit: Unit) -> NDArray[np.int64]:
        """Return each document's weight in a unit: int64[n], not to be changed.

        Raises
        ------
        ArrayError : the documents came without their tokens or bytes.
        """
        match unit:
            case "documents":
                return np.broadcast_to(np.int64(1), len(self))
            case "tokens":
                return self.require(TOKENS, of="the unit tokens")
            case "bytes":
                return self.require(BYTES, of="the unit bytes")
            case _:
                assert_never(unit)

    def is_of(self, kinds: tuple[str, ...], *, of: str = "") -> NDArray[np.bool_]:
        """Return a mask of the documents of these kinds, or of all if no kind is named: bool[n].

        Raises
        ------
        ArrayError : the documents came without their kind.
        """
        if not kinds:
            return np.ones(len(self), np.bool_)
        wanted = [number for number, name in enumerate(self.kinds) if name in kinds]
        return np.isin(self.require(KIND, of=of), wanted)

    def with_columns(self, **columns: NDArray[Any]) -> "Documents":
        """Return the documents with columns added or replaced.

        Examples
        --------
        >>> one = Documents(np.zeros(1, np.uint64), np.array([b"a"], "S32"))
        >>> one.with_columns(sharpness=np.array([0.5])).column("sharpness").tolist()
        [0.5]
        """
        return replace(self, columns={**self.columns, **columns}, memo=Memo())

    def with_sources(self, **sources: object) -> "Documents":
        """Return the documents with sources added or replaced."""
        return replace(self, sources={**self.sources, **sources}, memo=Memo())

    def _described(self) -> str:
        """Name what the documents came with."""
        return ", ".join([*sorted(self.columns), *sorted(self.sources)]) or "no column at all"
