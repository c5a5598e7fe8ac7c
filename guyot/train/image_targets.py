"""What a model of images is trained to tell of each: its caption among others, or its class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from guyot.errors import SettingError
from guyot.meta import meta_value

ImageObjective = Literal["contrastive", "label"]
CONTRASTIVE: ImageObjective = "contrastive"
LABEL: ImageObjective = "label"
FACT = "image_targets"  # of a schedule of images, in which each image that has a target counts as one


@dataclass(frozen=True)
class ImageTargets:
    """Where the targets of images are.

    objective : `contrastive`, the caption; `label`, a value of the meta
    label_column : the key of that value

    Raises
    ------
    SettingError : labels without a column.
    """

    objective: ImageObjective = CONTRASTIVE
    label_column: str = ""

    def __post_init__(self) -> None:
        """Refuse labels that are nowhere, and forget the column of captions."""
        if self.objective == LABEL and not self.label_column:
            raise SettingError(
                "training.image_objective=label was asked for without a column; set training.label_column to "
                "the key of the images' other columns that is their class, such as shape"
            )
        if self.objective == CONTRASTIVE:
            object.__setattr__(self, "label_column", "")

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self | None:
        """Read them from the facts of a schedule; None of a schedule of texts."""
        found = facts.get(FACT)
        return None if found is None else cls(**found)

    def of(self, captions: Sequence[str], metas: Sequence[str]) -> list[str]:
        """Return the target of each image, empty where it has none.

        Parameters
        ----------
        captions : n captions, which may be empty
        metas : n JSON objects

        Examples
        --------
        >>> ImageTargets("label", "shape").of(["a mug", ""], ['{"shape": "mug"}', "{}"])
        ['mug', '']
        >>> ImageTargets().of(["a mug", " "], ["{}", "{}"])
        ['a mug', '']
        """
        if self.objective == CONTRASTIVE:
            return [caption.strip() for caption in captions]
        return [meta_value(meta, self.label_column) for meta in metas]
