"""Epoch schedules: how often and in which order training visits a mixture, for one token budget."""

import json
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph import snapshot
from assets.graph.build import (
    BuildSpec,
    build,
    collect_failures,
    columns,
    describe_partitions,
    raise_failures,
)
from assets.graph.partitions import ONE_RUN, RECIPE_KEYS
from guyot.train.schedule import Schedule, plan
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.settings import Settings

CODE = "2"


def spec(store: Store, settings: Settings, recipe: str) -> BuildSpec:
    """State what a recipe's schedule is made from."""
    mixture = store.required("pruned_mixtures", recipe)
    inputs = {
        "pruned_mixtures": mixture.content,
        **{f"quality_signals/{s}": v["quality_signals"] for s, v in snapshot.of(mixture).shards.items()},
    }
    used = settings.select("training.tokens", "training.segment_tokens", "seed")
    return BuildSpec("epoch_schedules", inputs, used, CODE, recipe)


@dg.asset(
    group_name="prune",
    kinds={"parquet"},
    owners=["team:curation"],
    partitions_def=RECIPE_KEYS,
    backfill_policy=ONE_RUN,
    deps=["pruned_mixtures"],
    code_version=CODE,
    metadata=columns(
        epoch="int32: number of the epoch, from 0",
        seed="int64: seed of its order",
        visit_tokens="int64: the longest visit; a longer document is visited in pieces",
        n_documents="int64: documents that it visits, wholly or in part",
        n_tokens="int64: tokens of those visits",
        exposure_histogram="string: JSON, documents by how many epochs saw them up to its end",
    ),
)
def epoch_schedules(
    context: dg.AssetExecutionContext, settings: Settings, store: Store
) -> dg.MaterializeResult[Any]:
    """One row is an epoch; the order itself is computed from the seed, not stored."""
    recipes = list(context.partition_keys)

    def work(recipe: str) -> Manifest:
        return build(
            store,
            spec(store, settings, recipe),
            lambda writer: _write(store, settings, recipe, writer),
        )

    refused: dict[str, str] = {}
    told = describe_partitions(context, collect_failures(recipes, work, refused), len(recipes))
    raise_failures("scheduled", refused, len(recipes))
    return told


def kept_documents(store: Store, mixture: Manifest) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
    """Return (doc_ids S32[n], tokens int64[n]) of what a mixture keeps, in order of doc_id."""
    rows = store.table(mixture, columns=["doc_id", "kept"])
    ids = snapshot.ids_of(rows.filter(rows["kept"])["doc_id"])
    signals = snapshot.of(mixture).table(store, "quality_signals", ["doc_id", "tokens"])
    at = snapshot.positions(ids, snapshot.ids_of(signals["doc_id"]))
    tokens = np.zeros(len(ids), np.int64)
    tokens[at[at >= 0]] = signals["tokens"].to_numpy()[at >= 0]
    return ids, tokens


def mixture_of(store: Store, schedule: Manifest) -> Manifest:
    """Return the mixture that a schedule pins, live or not.

    Raises
    ------
    MissingError : the lake does not hold that version.
    """
    return store.pinned("pruned_mixtures", schedule.key, schedule.facts["mixture_version"])


def schedule_of(store: Store, schedule: Manifest) -> tuple[NDArray[np.bytes_], Schedule]:
    """Compute the schedule that a version stands for: (doc_ids S32[n] of its rows, schedule)."""
    ids, tokens = kept_documents(store, mixture_of(store, schedule))
    facts = schedule.facts
    return ids, plan(tokens, facts["train_tokens"], facts["seed"], schedule.key, facts["visit_tokens"])


def _write(store: Store, settings: Settings, recipe: str, writer: Writer) -> None:
    """Plan a recipe's epochs and write a row for each."""
    mixture = store.required("pruned_mixtures", recipe)
    _, tokens = kept_documents(store, mixture)
    schedule = plan(tokens, settings.training.tokens, settings.seed, recipe, settings.training.segment_tokens)
    epochs = schedule.epochs
    last = len(epochs) - 1
    writer.table(
        pa.table(
            {
                "epoch": pa.array([e.epoch for e in epochs], pa.int32()),
                "seed": pa.array([e.seed for e in epochs], pa.int64()),
                "visit_tokens": pa.array([settings.training.segment_tokens] * len(epochs), pa.int64()),
                "n_documents": pa.array([e.n_documents for e in epochs], pa.int64()),
                "n_tokens": pa.array([e.n_tokens for e in epochs], pa.int64()),
                "exposure_histogram": [
                    _histogram(schedule.exposures, e.epoch, e.epoch == last) for e in epochs
                ],
            }
        )
    )
    writer.facts |= {
        "train_tokens": settings.training.tokens,
        "seed": settings.seed,
        "visit_tokens": settings.training.segment_tokens,
        "mixture_version": mixture.version,
        "mixture_tokens": int(tokens.sum()),
    }


def _histogram(exposures: NDArray[np.int64], epoch: int, is_last: bool) -> str:
    """Count documents by how often they were seen up to the end of an epoch, as JSON."""
    if not is_last:
        return json.dumps({str(epoch + 1): len(exposures)})
    times, documents = np.unique(exposures, return_counts=True)
    return json.dumps(dict(zip(map(str, times.tolist()), documents.tolist(), strict=True)))
