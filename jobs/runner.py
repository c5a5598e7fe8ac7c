"""Runs assets in this process, in the event log that the UI shows; turns a failed run into one error."""

import contextlib
import dataclasses
import time
from collections.abc import Iterable, Iterator

import dagster as dg

from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.shard_partitions import ShardPartitions
from guyot import errors
from guyot.errors import GuyotError
from jobs.instance import dead_runs
from jobs.instance.home import instance_of
from jobs.spans import span_tags
from resources.settings import Settings

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # the bars say it
_OUR_ERRORS = {name for name in vars(errors) if name.endswith("Error")} | {"UndeclaredReadError"}
_NOT_ENDED = ("IN_PROGRESS", "FAILURE")
_INTERRUPTED = "DagsterExecutionInterruptedError"


class RunInterruptedError(KeyboardInterrupt):
    """Someone pressed Ctrl-C; what was built until then stays."""

    def __init__(self, assets: str) -> None:
        super().__init__(
            f"interrupted while building {assets}; what is built stays, and running it again goes on"
        )


@dataclasses.dataclass(frozen=True)
class Runner:
    """What runs are executed with."""

    defs: dg.Definitions
    instance: dg.DagsterInstance
    lake: LakeResources

    def partitions(self, asset: str) -> list[str]:
        """List an asset's partitions in Dagster's order, which is what a range of them goes by."""
        defined = self.defs.resolve_assets_def(asset).partitions_def
        return list(defined.get_partition_keys(dynamic_partitions_store=self.instance)) if defined else []

    def shard_partitions(self) -> ShardPartitions:
        """Return Dagster's partitions of the shards."""
        return ShardPartitions(self.instance.get_dynamic_partitions(str(SHARDS.name)))

    def execute(self, assets: Iterable[str], span: tuple[str, str] | None) -> None:
        """Run assets with the lake's settings over a range of their partitions.

        Raises
        ------
        RunInterruptedError : someone pressed Ctrl-C.
        GuyotError : an asset could not be built, or a check that blocks did not pass.
        """
        names = list(assets)
        key = span[0] if span and span[0] == span[1] else None
        config = {"resources": {"settings": {"config": self.lake.settings.model_dump()}}}
        try:
            outcome = self.defs.resolve_implicit_global_asset_job_def().execute_in_process(
                instance=self.instance,
                asset_selection=[dg.AssetKey(name) for name in names],
                partition_key=key,
                tags={**({} if key else span_tags(span)), **dead_runs.process_tag()},
                raise_on_error=False,
                run_config={**_QUIET, **config},
            )
        except (KeyboardInterrupt, dg.DagsterExecutionInterruptedError) as error:
            raise RunInterruptedError(self._under_way() or ", ".join(names)) from error
        if not outcome.success:
            raise _failure(", ".join(names), outcome)

    def _under_way(self) -> str:
        """Name the steps of the latest run that have not ended well."""
        (run,) = self.instance.get_runs(limit=1)
        steps = self.instance.get_run_step_stats(run.run_id)
        return ", ".join(step.step_key for step in steps if step.status and step.status.name in _NOT_ENDED)


@contextlib.contextmanager
def runner_of(settings: Settings) -> Iterator[Runner]:
    """Open the event log; what dead workers hold or left is cleared away first."""
    from definitions import defs  # the graph, loaded when it is needed

    lake = LakeResources(settings)
    lake.sources.check_outside_lake()  # before anything is written into it
    with instance_of(settings) as instance:
        dead_runs.recover(instance, lake.store.files, time.time())
        yield Runner(defs, instance, lake)


def _failure(assets: str, outcome: dg.ExecuteInProcessResult) -> "GuyotError | RunInterruptedError":
    """Convert a failed run into one error that describes the failure."""
    for event in outcome.all_events:
        error = getattr(event.event_specific_data, "error", None)
        if not event.is_step_failure or error is None:
            continue
        while error.cause is not None and error.cls_name not in {*_OUR_ERRORS, _INTERRUPTED}:
            error = error.cause
        if error.cls_name == _INTERRUPTED:
            return RunInterruptedError(event.step_key or assets)
        message = error.message.strip().removeprefix(f"guyot.errors.{error.cls_name}: ")
        return GuyotError(f"{event.step_key or assets} failed: {message} (run {outcome.run_id})")
    return GuyotError(f"{assets} failed; the UI shows run {outcome.run_id}")
