"""A recipe: steps in order and a target, as data that can be written, read back and fingerprinted."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, cast

from pydantic import Field, TypeAdapter, ValidationError

from guyot.cut import floor_fraction
from guyot.errors import SettingError
from guyot.identity import fingerprint
from guyot.prune import Step, Unit


@dataclass(frozen=True)
class Recipe:
    """An ordered list of steps and the fraction of the source to keep.

    name : a word of letters, digits, - and _; a partition of the graph is called by it
    steps : at least one; the last one meets the target, those before it have limits of their own
    target_fraction : above 0, at most 1, of all documents or their tokens or bytes; None: no target, every
        step goes by a limit of its own
    unit : what the fraction is of

    Raises
    ------
    SettingError : a field is out of range.

    Examples
    --------
    >>> from guyot.prune.random import Random
    >>> recipe = Recipe("half", (Random(),), 0.5, "documents")
    >>> Recipe.from_json(recipe.to_json()) == recipe
    True
    """

    name: str
    steps: tuple[Annotated[Step, Field(discriminator="method")], ...]
    target_fraction: float | None
    unit: Unit = "tokens"

    def __post_init__(self) -> None:
        """Refuse what cannot be applied."""
        if not self.name.replace("-", "").replace("_", "").isalnum() or not self.name.isascii():
            raise SettingError(f"recipe name {self.name!r}; use ASCII letters, digits, - and _")
        if not self.steps:
            raise SettingError(f"recipe {self.name} has 0 steps; give it at least 1")
        if self.target_fraction is not None and not 0 < self.target_fraction <= 1:
            raise SettingError(
                f"recipe {self.name} has target_fraction={self.target_fraction}; choose above 0, at most 1"
            )

    def target(self, total: int) -> int | None:
        """Return what to keep of a total in the recipe's unit, rounded down; None without a target."""
        return None if self.target_fraction is None else floor_fraction(total, self.target_fraction)

    @property
    def tables(self) -> tuple[str, ...]:
        """The lake's tables that its steps need besides cluster_scores, by name."""
        return tuple(sorted({table for step in self.steps for table in step.tables}))

    @property
    def audits(self) -> tuple[str, ...]:
        """The audits of the lake that its steps heed, by name."""
        return tuple(sorted({table for step in self.steps for table in step.audits}))

    @property
    def reclusters(self) -> bool:
        """Whether a step clusters again, so that the settings of clusterings matter."""
        return any(step.reclusters for step in self.steps)

    def to_json(self) -> str:
        """Write the recipe as JSON."""
        return json.dumps(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain values."""
        return cast(dict[str, Any], _adapter().dump_python(self, mode="json"))

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """Read a recipe.

        Raises
        ------
        SettingError : not JSON, an unknown field or method, or a value out of range.
        """
        try:
            return _adapter().validate_json(text, strict=True, extra="forbid")
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise SettingError(f"recipe JSON, at {place or 'the top'}: {first['msg']}") from error

    def fingerprint(self) -> str:
        """Hash what the recipe does: its steps and target, not its name."""
        return fingerprint({k: v for k, v in self.to_dict().items() if k != "name"})


@cache
def _adapter() -> TypeAdapter[Recipe]:
    """Return the reader and writer of recipes."""
    return TypeAdapter(Recipe, config=None)
