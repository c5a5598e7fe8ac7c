"""Which training runs read a document: in which epochs and at which steps, by the inverse of their orders."""

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from assets.graph.lake import LakeResources
from jobs.cli.run_orders import RunOrder, RunPositions, name_of, order_of, positions_of


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
    """List the training runs of the catalogue, Guyot's own and those reported, of one recipe or of all."""
    tables = "SELECT * FROM training_runs"
    if rows("SELECT 1 FROM duckdb_views() WHERE view_name = 'external_runs'"):  # older catalogues have none
        tables += " UNION ALL BY NAME SELECT * FROM external_runs"
    where = "WHERE ? IS NULL OR recipe = ?"
    return rows(f"SELECT * FROM ({tables}) {where} ORDER BY recipe, seed, run_id", recipe, recipe)


def exposures(lake: LakeResources, runs: Iterable[dict[str, Any]], doc_id: str) -> list[Exposure]:
    """Compute when runs read a document.

    Parameters
    ----------
    runs : rows of training_runs or external_runs, those of a recipe beside one another

    Notes
    -----
    A schedule that several runs share is computed once; of each epoch one group of documents is looked at.
    """
    return [exposure for _, exposure in exposures_of(lake, runs, [doc_id])]


def exposures_of(
    lake: LakeResources, runs: Iterable[dict[str, Any]], doc_ids: Sequence[str]
) -> Iterator[tuple[str, Exposure]]:
    """Compute when runs read some documents: (doc_id, exposure) of each document and run, run by run."""
    for _, group in itertools.groupby(runs, name_of):
        order: RunOrder | None = None
        rows: dict[str, int] = {}
        for number, run in enumerate(group):
            if number == 0:
                order = order_of(lake, run)
                rows = {} if order is None else order.rows(doc_ids)
            about = (run["run_id"], run["recipe"], run["seed"], run["mixture_version"])
            for doc_id in doc_ids:
                visits = None if order is None else tuple(_visits(order, positions_of(run), rows.get(doc_id)))
                yield doc_id, Exposure(*about, visits)


def _visits(order: RunOrder, read: RunPositions, row: int | None) -> list[Visit]:
    """Join the tokens of a document that lie in adjacent steps of one epoch."""
    visits: list[Visit] = []
    tokens_each = order.tokens_of_position(row)
    spans = np.clip(order.spans(row), read.first, read.end)
    for begin, end in spans[spans[:, 0] < spans[:, 1]].tolist():
        epoch, tokens = begin // order.schedule.epoch_tokens, (end - begin) * tokens_each
        first, last = (begin - read.first) // read.per_step, (end - 1 - read.first) // read.per_step
        before = visits[-1] if visits else None
        if before is not None and before.epoch == epoch and first <= before.last_step + 1:
            visits[-1] = Visit(epoch, before.first_step, last, before.tokens + tokens)
        else:
            visits.append(Visit(epoch, first, last, tokens))
    return visits
