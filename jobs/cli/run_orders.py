"""The order in which a run read its mixture: as the graph planned it, or as its own dataset did."""

import dataclasses
import json
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.graph.lake import LakeResources
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from guyot.lake.mixture import LakeMixture
from guyot.lake.names import MIXTURES
from guyot.lake.reading import Reading
from guyot.lake.versions import Versions
from guyot.train.exposure import tokens_that_saw
from guyot.train.schedule import ORDER, Schedule


@dataclasses.dataclass(frozen=True, eq=False)
class RunOrder:
    """The schedule of a run over the rows of its snapshot.

    ids : S32[n], the doc_id of each row
    document_tokens : int64[n] where the schedule counts whole documents, tokens of each; else None
    """

    ids: NDArray[np.bytes_]
    schedule: Schedule
    document_tokens: NDArray[np.int64] | None = None

    def rows(self, doc_ids: Sequence[str]) -> dict[str, int]:
        """Return the rows of those documents that it has, found at once."""
        at = np.flatnonzero(np.isin(self.ids, np.array(doc_ids, "S32")))
        return {self.ids[row].decode(): row for row in at.tolist()}

    def spans(self, row: int | None) -> NDArray[np.int64]:
        """Return the positions that are a document's, none for no row: int64[m, 2], half open, ascending."""
        return np.zeros((0, 2), np.int64) if row is None else tokens_that_saw(self.schedule, row)

    def tokens_of_position(self, row: int | None) -> int:
        """Return how many tokens of a document one position is: 1, or all of them."""
        return 1 if self.document_tokens is None or row is None else int(self.document_tokens[row])


@dataclasses.dataclass(frozen=True)
class RunPositions:
    """What a run read of its order: positions [first, end), of which each step reads so many."""

    first: int
    end: int | None
    per_step: int


def name_of(run: dict[str, Any]) -> Hashable:
    """Name the order in which a run read: runs of one name read in the same.

    Parameters
    ----------
    run : a row of training_runs, or of external_runs
    """
    if run.get("reads"):
        return run["recipe"], run["mixture_version"], run["reads"], run["end_position"]
    return run["recipe"], run["schedule_version"], json.loads(run["config"]).get("order_seed")


def positions_of(run: dict[str, Any]) -> RunPositions:
    """Return what a run read of its order."""
    if run.get("reads"):
        per_sample = json.loads(run["reads"])["context_length"] or 1
        return RunPositions(run["first_position"], run["end_position"], run["batch_size"] * per_sample)
    config = json.loads(run["config"])
    # of images, each of which is one position
    per_step = config.get("batch_images") or config["window_tokens"] * config["batch_windows"]
    return RunPositions(0, None, per_step)


def order_of(lake: LakeResources, run: dict[str, Any]) -> RunOrder | None:
    """Compute the order of a run; None where it is one of an older version, which is not computed any more.

    Raises
    ------
    MissingError : the lake does not hold what it names.
    """
    if run.get("reads"):
        return _reported(lake, run)
    reader = epoch_schedules.reader(lake)
    schedule = reader.pinned(epoch_schedules.name, run["recipe"], run["schedule_version"])
    if schedule.facts.get("order") != ORDER:
        return None
    return RunOrder(*schedule_of(reader, schedule, json.loads(run["config"]).get("order_seed")))


def _reported(lake: LakeResources, run: dict[str, Any]) -> RunOrder | None:
    """Compute the order of a run that was done elsewhere, as its dataset did."""
    reads = json.loads(run["reads"])
    if reads["order"] != ORDER:
        return None
    versions = Versions(lake.store.root)
    mixture = LakeMixture(versions.version(MIXTURES, run["recipe"], run["mixture_version"]), versions)
    rows, schedule = Reading.from_identity(reads).planned(mixture, versions, run["end_position"])
    return RunOrder(rows.ids, schedule, None if reads["context_length"] else rows.tokens)
