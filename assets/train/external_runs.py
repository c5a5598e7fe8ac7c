"""External runs: trainings that were done elsewhere, tied to the exact mixture and order that they read."""

from collections.abc import Mapping, Sequence

from assets.graph.asset import Inputs, Name, lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.graph.snapshot import snapshot_of
from assets.train.inputs import registered_runs
from assets.train.inputs.registered_runs import EXTERNAL, METRICS
from resources.lake.manifest import WHOLE, Manifest
from resources.lake.writer import Writer

_PINNED_OF_SNAPSHOT = ("raw_shards", "quality_signals")


def reports(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the newest version of every report."""
    return dict.fromkeys(keys, registered_runs.versions(lake.store))


def pins(reader: TableReader, runs: Manifest) -> set[Name]:
    """Name the versions that the runs consumed: mixtures, schedules, tokenizers and documents."""
    pinned: set[Name] = set()
    for run in reader.table(runs).to_pylist():
        pinned.add(("pruned_mixtures", run["recipe"], run["mixture_version"]))
        if run["schedule_version"]:
            pinned.add(("epoch_schedules", run["recipe"], run["schedule_version"]))
        if run["tokenizer_version"]:
            pinned.add(("tokenizer", WHOLE, run["tokenizer_version"]))
        mixture = reader.manifest("pruned_mixtures", run["recipe"], run["mixture_version"])
        if mixture is not None:
            shards = snapshot_of(mixture).shards
            pinned |= {(table, s, shards[s][table]) for s in shards for table in _PINNED_OF_SNAPSHOT}
    return pinned


@lake_asset(
    group_name="train",
    tables=[EXTERNAL, METRICS],
    reads=[named("pruned_mixtures"), named("epoch_schedules"), named("tokenizer")],
    inputs=reports,
    pins=pins,
    keeps_all_versions=True,
    code_version="1",
    owners=["team:research"],
)
def external_runs(build: Build, writer: Writer) -> None:
    """One row is a run that `guyot runs register` reported; metrics.parquet has what it measured."""
    store = build.lake.store
    found = [store.pinned(registered_runs.TABLE, run, one) for run, one in build.spec.inputs.items()]
    records, metrics = registered_runs.tables(store, found)
    writer.table(records)
    writer.table(metrics, METRICS.file)
