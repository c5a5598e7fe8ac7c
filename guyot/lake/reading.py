# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""What is read of a mixture, and in which order: the arguments of `LakeMixture.torch_dataset`, no torch."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.lake.mixture import LakeMixture
from guyot.lake.names import DOCUMENTS, KIND
from guyot.lake.schedule import MixtureRows, mixture_rows
from guyot.lake.versions import Versions
from guyot.train.epoch_order import Shuffle
from guyot.train.plan import plan
from guyot.train.schedule import ORDER, Schedule, require_order

_BUDGETS = ("epochs", "train_tokens")


@dataclasses.dataclass(frozen=True)
class Reading:
    """What is read of a mixture; the arguments of `LakeMixture.torch_dataset`."""

    context_length: int | None
    seed: int
    epochs: int | None
    train_tokens: int | None
    segment_tokens: int | None
    repeats: Mapping[str, int]
    shuffle: Shuffle

    def __post_init__(self) -> None:
        if self.context_length is None and not (self.train_tokens is None and self.segment_tokens is None):
            raise SettingError(
                f"train_tokens={self.train_tokens}, segment_tokens={self.segment_tokens} without a "
                "context_length: whole documents are read then; give epochs, or a context_length"
            )
        if self.context_length is not None and self.context_length < 1:
            raise SettingError(f"context_length={self.context_length}; a window has at least 1 token")
        if self.epochs is not None and (self.train_tokens is not None or self.epochs < 1):
            raise SettingError(
                f"epochs={self.epochs}, train_tokens={self.train_tokens}; give one of them, at least 1"
            )

    def planned(
        self, mixture: LakeMixture, versions: Versions, end: int | None = None
    ) -> tuple[MixtureRows, Schedule]:
        """Plan what is read of a mixture: its documents, and their schedule.

        The schedule counts tokens or, where whole documents are read, documents.

        Parameters
        ----------
        end : the budget in these, in place of the reading's own

        Raises
        ------
        SettingError : there is nothing to read.
        """
        rows = mixture_rows(mixture, versions)
        counts = rows.tokens if self.context_length is not None else np.ones_like(rows.tokens)
        repeats = _repeats(mixture, versions, rows, self.repeats)
        budget = self.train_tokens if end is None else end
        if budget is None:
            budget = (self.epochs or 1) * int((counts * repeats).sum())
        schedule = plan(
            counts, budget, self.seed,
            repeats=repeats, segment_tokens=self.segment_tokens, shuffle=self.shuffle,
        )  # fmt: skip
        return rows, schedule

    def identity(self, mixture: LakeMixture) -> dict[str, Any]:
        """Return what names the order of a mixture's samples, plain values; `from_identity` reads it.

        Not the budget: more of the same order may be read after a state than was meant when it was taken.
        """
        read = {name: value for name, value in dataclasses.asdict(self).items() if name not in _BUDGETS}
        return {"recipe": mixture.version.key, "mixture": mixture.version.name, "order": ORDER, **read}

    @classmethod
    def from_identity(cls, identity: Mapping[str, Any]) -> "Reading":
        """Return the reading that an identity is of; it has no budget.

        Raises
        ------
        MissingError : its order is one that this version does not compute.
        SettingError : it is no identity of a dataset.
        """
        name = f"{identity.get('recipe')}@{identity.get('mixture')}"
        require_order(identity.get("order"), name)
        wanted = {field.name for field in dataclasses.fields(cls)} - set(_BUDGETS)
        found = {key: value for key, value in identity.items() if key in wanted}
        if wanted != set(found) or not isinstance(found["shuffle"], Mapping):
            raise SettingError(
                f"what a dataset of {name} reads was asked for; {sorted(identity)} were given; give "
                "`state_dict()['reads']` of a `torch_dataset`"
            )
        return cls(**{**found, "shuffle": Shuffle(**found["shuffle"])}, epochs=None, train_tokens=None)


def _repeats(
    mixture: LakeMixture, versions: Versions, rows: MixtureRows, by_kind: Mapping[str, int]
) -> NDArray[np.int64]:
    """Return how often an epoch reads each document: 0 where it is dropped."""
    repeats = rows.is_kept.astype(np.int64)
    if not by_kind:
        return repeats
    shards = zip(rows.begins.tolist(), mixture.shards(DOCUMENTS), strict=False)
    for begin, shard in shards:
        kinds = versions.rows(shard, [KIND])[KIND].to_pylist()
        repeats[begin : begin + len(kinds)] *= np.array([by_kind.get(kind, 1) for kind in kinds], np.int64)
    return repeats
