"""Epoch schedules: how often and in which order training visits a mixture, for one token budget."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import ids_of, positions
from assets.graph.lake import LakeResources
from assets.graph.partitions import RECIPE_KEYS
from assets.graph.reader import TableReader
from assets.graph.reads import named, same
from assets.graph.snapshot import snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.train.schedule import Schedule, plan
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

EPOCHS = TableSpec(
    "epoch_schedules",
    "an epoch of a schedule version",
    (
        ColumnSpec("epoch", pa.int32(), "number of the epoch, from 0"),
        ColumnSpec("seed", pa.int64(), "seed of its order"),
        ColumnSpec(
            "segment_tokens", pa.int64(), "the longest visit; a longer document is visited in pieces"
        ),
        ColumnSpec("n_documents", pa.int64(), "documents that it visits, wholly or in part"),
        ColumnSpec("n_tokens", pa.int64(), "tokens of those visits"),
        ColumnSpec(
            "exposure_histogram",
            pa.string(),
            "JSON, documents by how many epochs saw them up to its end",
        ),
    ),
)  # fmt: skip


def signals_of_mixture(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the versions of the signals whose tokens count: those of each mixture's snapshot."""
    shards = {key: snapshot_of(reader.required("pruned_mixtures", key)).shards for key in keys}
    return {
        key: {f"quality_signals/{shard}": versions["quality_signals"] for shard, versions in found.items()}
        for key, found in shards.items()
    }


@lake_asset(
    group_name="prune",
    partitions_def=RECIPE_KEYS,
    tables=[EPOCHS],
    reads=[same("pruned_mixtures"), named("quality_signals")],
    inputs=signals_of_mixture,
    settings=("training.tokens", "training.segment_tokens", "seed"),
    code_version="2",
)
def epoch_schedules(build: Build, writer: Writer) -> None:
    """One row is an epoch; the order itself is computed from the seed, not stored."""
    settings = build.settings
    mixture = build.reader.required("pruned_mixtures", build.key)
    _, tokens = kept_documents(build.reader, mixture)
    schedule = plan(
        tokens, settings.training.tokens, settings.seed, build.key, settings.training.segment_tokens
    )
    epochs = schedule.epochs
    histograms = [_histogram(schedule.exposures, e.epoch, e is epochs[-1]) for e in epochs]
    columns = [
        [e.epoch for e in epochs],
        [e.seed for e in epochs],
        [settings.training.segment_tokens] * len(epochs),
        [e.n_documents for e in epochs],
        [e.n_tokens for e in epochs],
        histograms,
    ]
    writer.table(pa.table(columns, schema=EPOCHS.schema))
    writer.facts |= {
        "train_tokens": settings.training.tokens,
        "seed": settings.seed,
        "segment_tokens": settings.training.segment_tokens,
        "mixture_version": mixture.version,
        "mixture_tokens": int(tokens.sum()),
    }


def kept_documents(reader: TableReader, mixture: Manifest) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
    """Return (doc_ids S32[n], tokens int64[n]) of what a mixture keeps, in order of doc_id."""
    rows = reader.table(mixture, columns=["doc_id", "kept"])
    ids = ids_of(rows.filter(rows["kept"])["doc_id"])
    signals = snapshot_of(mixture).table(reader, "quality_signals", ["doc_id", "tokens"])
    at = positions(ids, ids_of(signals["doc_id"]))
    tokens = np.zeros(len(ids), np.int64)
    tokens[at[at >= 0]] = signals["tokens"].to_numpy()[at >= 0]
    return ids, tokens


def mixture_of(reader: TableReader, schedule: Manifest) -> Manifest:
    """Return the mixture that a schedule pins, live or not.

    Raises
    ------
    MissingError : the lake does not hold that version.
    """
    return reader.pinned("pruned_mixtures", schedule.key, schedule.facts["mixture_version"])


def schedule_of(
    reader: TableReader, schedule: Manifest, seed: int | None = None
) -> tuple[NDArray[np.bytes_], Schedule]:
    """Compute the schedule of a version: (doc_ids S32[n] of its rows, schedule).

    Parameters
    ----------
    seed : of the order, for a run that has one of its own; None: the version's
    """
    ids, tokens = kept_documents(reader, mixture_of(reader, schedule))
    facts = schedule.facts
    drawn_by: int = facts["seed"] if seed is None else seed
    return ids, plan(tokens, facts["train_tokens"], drawn_by, schedule.key, facts["segment_tokens"])


def _histogram(exposures: NDArray[np.int64], epoch: int, is_last: bool) -> str:
    """Count documents by how often they were seen up to the end of an epoch, as JSON."""
    if not is_last:
        return json.dumps({str(epoch + 1): len(exposures)})
    times, documents = np.unique(exposures, return_counts=True)
    return json.dumps(dict(zip(map(str, times.tolist()), documents.tolist(), strict=True)))
