# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""The order in which a training reads a mixture, as the graph planned it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from guyot.lake.mixture import LakeMixture, ids_of
from guyot.lake.names import DOC_ID, KEPT, MIXTURES, SCHEDULES, SEGMENT_TOKENS, SIGNALS, TOKENS, TRAIN_TOKENS
from guyot.lake.versions import Versions
from guyot.train.schedule import plan, segments


@dataclass(frozen=True)
class ScheduledDocument:
    """A document, or a piece of it, at its place in a training: its tokens [first_token, first_token + n)."""

    epoch: int
    doc_id: str
    first_token: int
    n_tokens: int


def scheduled(versions: Versions, recipe: str) -> Iterator[ScheduledDocument]:
    """Yield the segments that a training reads, in order, from the scheduled version of the mixture.

    Raises
    ------
    MissingError : the lake has no schedule of that recipe, or not its mixture any more.
    """
    facts = versions.version(SCHEDULES, recipe).facts
    mixture = LakeMixture(versions.version(MIXTURES, recipe, facts["mixture_version"]), versions)
    kept = mixture.decisions.filter(mixture.decisions[KEPT])
    ids = ids_of(kept[DOC_ID])
    order = np.argsort(ids)
    tokens = np.zeros(len(ids), np.int64)
    for shard in mixture.shards(SIGNALS):
        rows = versions.rows(shard, [DOC_ID, TOKENS])
        found = ids_of(rows[DOC_ID])
        at = np.minimum(np.searchsorted(ids, found, sorter=order), len(ids) - 1)
        same = ids[order[at]] == found
        tokens[order[at[same]]] = rows[TOKENS].to_numpy()[same]
    names = kept[DOC_ID].to_pylist()
    for one in segments(plan(tokens, facts[TRAIN_TOKENS], facts["seed"], recipe, facts[SEGMENT_TOKENS])):
        yield ScheduledDocument(one.epoch, names[one.row], one.first_token, one.n_tokens)
