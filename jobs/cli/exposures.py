"""Which training runs read a document: in which epochs and at which steps, by the inverse of their orders."""

import dataclasses
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.graph.lake import LakeResources
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from guyot.train.exposure import tokens_that_saw
from guyot.train.schedule import ORDER, Schedule


@dataclasses.dataclass(frozen=True)
class Visit:
    """Adjacent steps of one epoch that read a document, and how many of its tokens."""

    epoch: int
    first_step: int
    last_step: int
    tokens: int


@dataclasses.dataclass(frozen=True)
class Exposure:
    """A training run, and when it read the document.

    visits : in order; None where the run's order is one of an older version, which is not computed any more
    """

    run_id: str
    recipe: str
    seed: int
    mixture_version: str
    visits: tuple[Visit, ...] | None

    @property
    def steps(self) -> list[int] | None:
        """The steps that read it, each once, ascending."""
        if self.visits is None:
            return None
        return sorted({step for v in self.visits for step in range(v.first_step, v.last_step + 1)})


def runs_of(rows: Any, recipe: str | None = None) -> list[dict[str, Any]]:
    """List the training runs of the catalogue, of one recipe or of all."""
    where = "WHERE ? IS NULL OR recipe = ?"
    return rows(f"SELECT * FROM training_runs {where} ORDER BY recipe, seed, run_id", recipe, recipe)


def exposures(lake: LakeResources, runs: Iterable[dict[str, Any]], doc_id: str) -> list[Exposure]:
    """Compute when runs read a document.

    Parameters
    ----------
    runs : rows of training_runs, those of a recipe beside one another

    Notes
    -----
    A schedule that several runs share is computed once; of each epoch one group of documents is looked at.
    """
    return [exposure for _, exposure in exposures_of(lake, runs, [doc_id])]


def exposures_of(
    lake: LakeResources, runs: Iterable[dict[str, Any]], doc_ids: Sequence[str]
) -> Iterator[tuple[str, Exposure]]:
    """Compute when runs read some documents: (doc_id, exposure) of each document and run, run by run."""
    for (recipe, version, seed), group in itertools.groupby(runs, _order_of):
        ordered = _ordered(lake, recipe, version, seed)
        spans = None if ordered is None else [_spans(*ordered, doc_id) for doc_id in doc_ids]
        for run in group:
            config = json.loads(run["config"])
            per_step = config["window_tokens"] * config["batch_windows"]
            about = (run["run_id"], recipe, run["seed"], run["mixture_version"])
            for place, doc_id in enumerate(doc_ids):
                visits = None
                if ordered is not None and spans is not None:
                    visits = tuple(_visits(spans[place], ordered[1], per_step))
                yield doc_id, Exposure(*about, visits)


def _order_of(run: dict[str, Any]) -> tuple[str, str, int | None]:
    """Name the order in which a run read: recipe, version of the schedule, and the seed if it has its own."""
    return run["recipe"], run["schedule_version"], json.loads(run["config"]).get("order_seed")


def _ordered(
    lake: LakeResources, recipe: str, version: str, seed: int | None
) -> tuple[NDArray[np.bytes_], Schedule] | None:
    """Return a schedule and the doc_ids of its rows; None where its order is one of an older version."""
    reader = epoch_schedules.reader(lake)
    schedule = reader.pinned(epoch_schedules.name, recipe, version)
    return schedule_of(reader, schedule, seed) if schedule.facts.get("order") == ORDER else None


def _spans(ids: NDArray[np.bytes_], schedule: Schedule, doc_id: str) -> NDArray[np.int64]:
    """Return the tokens of a training that are a document's."""
    at = np.flatnonzero(ids == doc_id.encode()).tolist()
    return tokens_that_saw(schedule, at[0]) if at else np.zeros((0, 2), np.int64)


def _visits(spans: NDArray[np.int64], schedule: Schedule, per_step: int) -> list[Visit]:
    """Join the tokens that lie in adjacent steps of one epoch."""
    visits: list[Visit] = []
    for begin, end in spans.tolist():
        epoch, first, last = begin // schedule.epoch_tokens, begin // per_step, (end - 1) // per_step
        before = visits[-1] if visits else None
        if before is not None and before.epoch == epoch and first <= before.last_step + 1:
            visits[-1] = Visit(epoch, before.first_step, last, before.tokens + end - begin)
        else:
            visits.append(Visit(epoch, first, last, end - begin))
    return visits
