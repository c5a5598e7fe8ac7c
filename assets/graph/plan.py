"""What is missing or stale, asset by asset, told from the manifests of the lake alone.

Everything that starts work asks here: `guyot run` and `guyot backfill`, the sensor and the schedule.
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from assets.audit import agreement, corruption_sensitivity, duplicate_truth, length_confound, shift
from assets.cluster import centroids, cluster_assignments, cluster_scores, minhash_scores
from assets.graph import snapshot
from assets.graph.build import BuildSpec
from assets.ingest import embeddings, minhash_signatures, quality_signals, raw_shards, tokenizer
from assets.prune import epoch_schedules, pruned_mixtures
from assets.publish import catalogue, report
from assets.publish.database import Catalogue
from assets.train import evaluations, leaderboard, training_runs
from guyot.identity import fingerprint
from recipes import SEEDS
from resources.lake.store import Store
from resources.models.encoder import EncoderResource
from resources.settings import Settings
from resources.sources.batches import READ_SETTINGS
from resources.storage.concurrent import concurrent


def open_lake(settings: Settings) -> "Lake":
    """Return what a plan reads."""
    return Lake(settings, Store(settings=settings), EncoderResource(settings=settings))


@dataclasses.dataclass(frozen=True)
class Lake:
    """What the plan reads to tell what is stale."""

    settings: Settings
    store: Store
    encoder: EncoderResource

    @property
    def catalogue(self) -> Catalogue:
        """The tables as views."""
        return Catalogue(settings=self.settings, store=self.store)

    def shards(self) -> list[str]:
        """List the live shards."""
        return snapshot.live_shards(self.store)


@dataclasses.dataclass(frozen=True)
class Phase:
    """One asset: its partitions (None for an asset without), and what each is made from."""

    asset: str
    specs: Callable[[Lake, list[str]], dict[str | None, BuildSpec]]
    fitted: bool = False

    def stale(self, lake: Lake, recipes: list[str]) -> list[str | None]:
        """List the partitions that are missing or stale."""
        specs = self.specs(lake, recipes)
        is_live = BuildSpec.is_fitted if self.fitted else BuildSpec.is_live
        live = concurrent(lambda spec: is_live(spec, lake.store), specs.values())
        return [key for key, stands in zip(specs, live, strict=True) if not stands]


def _shards(spec: Callable[[Lake, str], BuildSpec]) -> Callable[[Lake, list[str]], Any]:
    """Plan an asset with a partition per shard."""
    return lambda lake, _: dict(concurrent(lambda shard: (shard, spec(lake, shard)), lake.shards()))


def _raw(lake: Lake) -> Iterator[tuple[str, BuildSpec]]:
    """State what each shard's documents are made from; the registry is read once."""
    for shard, files in raw_shards.listed(lake.store).items():
        yield shard, raw_shards.spec(lake.store, lake.settings, shard, files)


def _recipes(spec: Callable[[Lake, str], BuildSpec]) -> Callable[[Lake, list[str]], Any]:
    """Plan an asset with a partition per recipe."""
    return lambda lake, names: {name: spec(lake, name) for name in names}


def _runs(spec: Callable[[Lake, str, int], BuildSpec]) -> Callable[[Lake, list[str]], Any]:
    """Plan an asset with a partition per recipe and seed."""
    return lambda lake, names: {f"{name}|{seed}": spec(lake, name, seed) for name in names for seed in SEEDS}


def _whole(spec: Callable[[Lake], BuildSpec]) -> Callable[[Lake, list[str]], Any]:
    """Plan an asset without partitions."""
    return lambda lake, _: {None: spec(lake)}


PHASES: tuple[Phase, ...] = (
    Phase("raw_shards", lambda at, _: dict(_raw(at))),
    Phase("tokenizer", _whole(lambda at: tokenizer.spec(at.store, at.settings)), fitted=True),
    Phase("quality_signals", _shards(lambda at, s: quality_signals.spec(at.store, s))),
    Phase("minhash_signatures", _shards(lambda at, s: minhash_signatures.spec(at.store, at.settings, s))),
    Phase("embeddings", _shards(lambda at, s: embeddings.spec(at.store, at.encoder, s))),
    Phase(
        "centroids",
        _whole(lambda at: centroids.spec(at.store, at.settings, at.encoder)),
        fitted=True,
    ),
    Phase("cluster_assignments", _shards(lambda at, s: cluster_assignments.spec(at.store, s))),
    Phase(
        "corruption_sensitivity",
        _whole(lambda at: corruption_sensitivity.spec(at.store, at.settings, at.encoder)),
    ),
    Phase("cluster_scores", _whole(lambda at: cluster_scores.spec(at.store, at.settings))),
    Phase("minhash_scores", _whole(lambda at: minhash_scores.spec(at.store, at.settings))),
    Phase("duplicate_truth", _whole(lambda at: duplicate_truth.spec(at.store, at.settings, at.encoder))),
    Phase("pruned_mixtures", _recipes(lambda at, r: pruned_mixtures.spec(at.store, at.settings, r))),
    Phase("length_confound", _whole(lambda at: length_confound.spec(at.store))),
    Phase("agreement", _whole(lambda at: agreement.spec(at.store))),
    Phase("shift", _whole(lambda at: shift.spec(at.store))),
    Phase("epoch_schedules", _recipes(lambda at, r: epoch_schedules.spec(at.store, at.settings, r))),
    Phase("training_runs", _runs(lambda at, r, s: training_runs.spec(at.store, at.settings, r, s))),
    Phase("evaluations", _runs(lambda at, r, s: evaluations.spec(at.store, at.settings, r, s))),
    Phase("leaderboard", _whole(lambda at: leaderboard.spec(at.store))),
    Phase("catalogue", _whole(lambda at: catalogue.spec(at.catalogue))),
    Phase("report", _whole(lambda at: report.spec(at.store))),
)
REGISTRY, CATALOGUE = "shard_registry", "catalogue"
ASSETS = (REGISTRY, *(phase.asset for phase in PHASES))
PER_SHARD = ("raw_shards", "quality_signals", "minhash_signatures", "embeddings", "cluster_assignments")
# One recipe's failure is none of another's.
PER_RECIPE = ("pruned_mixtures", "epoch_schedules", "training_runs", "evaluations")
FITTED = tuple(phase.asset for phase in PHASES if phase.fitted)
BY_ASSET = {phase.asset: phase for phase in PHASES}
_ONE = "dagster/partition"
_FIRST, _LAST = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def phases_until(asset: str | None) -> Iterator[Phase]:
    """Yield the phases up to an asset and, so that the tables can be queried, the catalogue."""
    last = len(PHASES) if asset is None else ASSETS.index(asset)
    yield from PHASES[:last]
    yield from (phase for phase in PHASES[last:] if phase.asset == CATALOGUE)


def spans(stale: list[str | None], everything: list[str]) -> Iterator[tuple[str, str] | None]:
    """Join stale partitions that stand side by side into ranges: one run each."""
    if stale == [None]:
        yield None
        return
    begin, wanted = None, set(stale)
    for key, following in itertools.zip_longest(everything, everything[1:]):
        if key not in wanted:
            continue
        begin = begin or key
        # Runs of recipe x seed are asked for one by one: a range of two dimensions is their product.
        if following not in wanted or "|" in key:
            yield begin, key
            begin = None


def span_tags(span: tuple[str, str] | None) -> dict[str, str]:
    """Return the tags that make a run one of these partitions."""
    if span is None:
        return {}
    return {_ONE: span[0]} if span[0] == span[1] else {_FIRST: span[0], _LAST: span[1]}


def span_of(tags: Mapping[str, str]) -> tuple[str, str] | None:
    """Read the partitions of a run from its tags."""
    if _ONE in tags:
        return tags[_ONE], tags[_ONE]
    return (tags[_FIRST], tags[_LAST]) if _FIRST in tags else None


def unfitted(lake: Lake) -> list[str]:
    """List what shards are measured and placed with, where there is none or one of other settings."""
    wanted = {
        "tokenizer": (tokenizer.trained_with(lake.settings), tokenizer.CODE),
        "centroids": (centroids.trained_with(lake.settings, lake.encoder), centroids.CODE),
    }
    live = {name: lake.store.current(name) for name in FITTED}
    return [n for n, made in live.items() if made is None or (made.settings, made.code) != wanted[n]]


def stale_shards(lake: Lake, assets: tuple[str, ...] = PER_SHARD) -> list[str]:
    """List the live shards of which one of these assets, or one it is made from, is missing or stale."""
    of_shard = {
        "quality_signals": lambda s: quality_signals.spec(lake.store, s),
        "minhash_signatures": lambda s: minhash_signatures.spec(lake.store, lake.settings, s),
        "embeddings": lambda s: embeddings.spec(lake.store, lake.encoder, s),
        "cluster_assignments": lambda s: cluster_assignments.spec(lake.store, s),
    }
    chosen = [of_shard[name] for name in PER_SHARD if name in assets and name in of_shard]

    def is_stale(shard: str, raw: BuildSpec) -> bool:
        # Each is looked at only where those before it are live: it could not be told otherwise.
        specs = itertools.chain([raw], (spec(shard) for spec in chosen))
        return not all(spec.is_live(lake.store) for spec in specs)

    pairs = list(_raw(lake))
    stale = concurrent(lambda pair: is_stale(*pair), pairs)
    return [shard for (shard, _), found in zip(pairs, stale, strict=True) if found]


def inputs_fingerprint(lake: Lake, shards: list[str]) -> str:
    """Hash all that decides what the tables of some shards hold."""
    files = raw_shards.listed(lake.store)
    live = (lake.store.current(name) for name in FITTED)
    codes = [
        a.CODE for a in (raw_shards, quality_signals, minhash_signatures, embeddings, cluster_assignments)
    ]
    return fingerprint(
        [
            {shard: files.get(shard) for shard in shards},
            lake.settings.select(*READ_SETTINGS),
            embeddings.encoder_settings(lake.encoder),
            minhash_signatures.signed_with(lake.settings),
            [None if manifest is None else manifest.content for manifest in live],
            codes,
        ]
    )
