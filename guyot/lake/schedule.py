# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""The order in which a training reads a mixture, as the graph planned it."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from guyot.lake.mixture import LakeMixture, ids_of
from guyot.lake.names import (
    BLOCK_DOCUMENTS,
    CONTENT,
    DOC_ID,
    GROUP_BLOCKS,
    KEPT,
    META,
    MIXTURES,
    ORDER_NAME,
    SCHEDULES,
    SEGMENT_TOKENS,
    SIGNALS,
    TOKENS,
    TRAIN_TOKENS,
)
from guyot.lake.versions import Version, Versions
from guyot.train.epoch_order import Shuffle, shard_begins
from guyot.train.image_targets import ImageTargets
from guyot.train.plan import plan
from guyot.train.schedule import Schedule, require_order, segments


@dataclass(frozen=True)
class ScheduledDocument:
    """A document, or a piece of it, at its place in a training: its tokens [first_token, first_token + n).

    An image counts as one token.
    """

    epoch: int
    doc_id: str
    first_token: int
    n_tokens: int


@dataclass(frozen=True)
class MixtureRows:
    """The documents of a mixture's snapshot, as the rows of a schedule.

    shards : the snapshot's quality_signals, shard by shard
    begins : int64[s + 1], the row at which each shard begins, and the number of rows
    ids : S32[n]; empty where no document is
    tokens : int64[n]
    is_kept : bool[n]
    """

    shards: list[Version]
    begins: NDArray[np.int64]
    ids: NDArray[np.bytes_]
    tokens: NDArray[np.int64]
    is_kept: NDArray[np.bool_]


def mixture_rows(mixture: LakeMixture, versions: Versions) -> MixtureRows:
    """List the documents of a mixture's snapshot in the order in which they are stored."""
    decisions = mixture.decisions
    shards = list(mixture.shards(SIGNALS))
    tables = [versions.rows(shard, [DOC_ID, TOKENS]) for shard in shards]
    begins = shard_begins(np.array([len(table) for table in tables], np.int64))
    n_rows = int(begins[-1])
    found = MixtureRows(
        shards, begins, np.zeros(n_rows, "S32"), np.zeros(n_rows, np.int64), np.zeros(n_rows, np.bool_)
    )
    kept = decisions.filter(decisions[KEPT])[DOC_ID].combine_chunks()
    every = pa.chunked_array([chunk for table in tables for chunk in table[DOC_ID].chunks], pa.string())
    is_kept = pc.is_in(every, pa.array(kept)).to_numpy()  # of all at once: each call hashes what is kept
    done = 0
    for begin, table in zip(begins.tolist(), tables, strict=False):
        place = slice(begin, begin + len(table))
        found.ids[place] = ids_of(table[DOC_ID])
        found.tokens[place] = table[TOKENS].to_numpy()
        found.is_kept[place] = is_kept[done : done + len(table)]
        done += len(table)
    return found


def planned(versions: Versions, recipe: str) -> tuple[MixtureRows, Schedule]:
    """Compute the schedule that the graph planned for a recipe.

    Raises
    ------
    MissingError : the lake has no schedule of that recipe, or not its mixture any more, or the schedule is of
        an order that this version does not compute.
    """
    version = versions.version(SCHEDULES, recipe)
    facts = version.facts
    require_order(facts.get(ORDER_NAME), f"{SCHEDULES}/{recipe} version {version.name}")
    mixture = LakeMixture(versions.version(MIXTURES, recipe, facts["mixture_version"]), versions)
    rows = mixture_rows(mixture, versions)
    targets = ImageTargets.from_facts(facts)
    if targets is not None:
        rows = _as_images(rows, mixture, versions, targets)
    schedule = plan(
        rows.tokens,
        facts[TRAIN_TOKENS],
        facts["seed"],
        repeats=rows.is_kept.astype(np.int64),
        segment_tokens=facts[SEGMENT_TOKENS],
        shuffle=Shuffle(facts[BLOCK_DOCUMENTS], facts[GROUP_BLOCKS]),
    )
    return rows, schedule


def _as_images(
    rows: MixtureRows, mixture: LakeMixture, versions: Versions, targets: ImageTargets
) -> MixtureRows:
    """Count each image as one, and pass over those without a target."""
    is_kept, images = rows.is_kept.copy(), np.zeros(len(rows.ids), np.int64)
    for begin, shard in zip(rows.begins.tolist(), mixture.shards(), strict=False):
        table = versions.rows(shard, [CONTENT, META])
        found = targets.of(table[CONTENT].to_pylist(), table[META].to_pylist())
        place = slice(begin, begin + len(found))
        is_kept[place] &= np.array([bool(target) for target in found], np.bool_)
        images[place] = 1
    return dataclasses.replace(rows, tokens=images, is_kept=is_kept)


def scheduled(versions: Versions, recipe: str, from_token: int = 0) -> Iterator[ScheduledDocument]:
    """Yield the segments that a training reads, in order, from the scheduled version of the mixture.

    Parameters
    ----------
    from_token : tokens that were read before, as by a training that is resumed

    Raises
    ------
    MissingError : as `planned`.
    SettingError : the schedule has not so many tokens.
    """
    rows, schedule = planned(versions, recipe)
    for one in segments(schedule, from_token):
        yield ScheduledDocument(one.epoch, rows.ids[one.row].decode(), one.first_token, one.n_tokens)
