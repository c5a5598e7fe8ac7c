"""Run requests of the automation: work under way or failed three times unchanged is not requested again."""

import dataclasses

import dagster as dg

from assets.graph.runs_under_way import UNDER_WAY
from guyot.identity import fingerprint
from jobs.spans import span_of, span_tags

REQUEST_TAG = "guyot/request"  # names the work: the same of what comes out the same
ATTEMPTS = 3


@dataclasses.dataclass(frozen=True)
class Request:
    """A run to be requested.

    job : its name
    inputs_fingerprint : a hash of all that decides what comes out
    assets : those of the job that are wanted; none are all
    span : first and last of its partitions, in Dagster's order
    n_partitions : how many these are
    """

    job: str
    inputs_fingerprint: str
    assets: tuple[str, ...] = ()
    span: tuple[str, str] | None = None
    n_partitions: int = 0

    @property
    def name(self) -> str:
        """Hash the work."""
        return fingerprint([self.job, self.inputs_fingerprint, list(self.assets), self.span])

    def __str__(self) -> str:
        """Describe the request in one line."""
        over = f" over {self.n_partitions:,} partitions from {self.span[0]}" if self.span else ""
        return f"{self.job}{over}"

    def is_of(self, run: dg.DagsterRun) -> bool:
        """Return whether a run belongs to this request."""
        return run.tags.get(REQUEST_TAG) == self.name

    def run_request(self) -> dg.RunRequest:
        """Return it as Dagster takes it."""
        return dg.RunRequest(
            job_name=self.job,
            asset_selection=[dg.AssetKey(name) for name in self.assets] or None,
            tags={REQUEST_TAG: self.name, **span_tags(self.span)},
        )


def refusal(instance: dg.DagsterInstance, request: Request) -> str:
    """Return why a request is not to be made now, or ""."""
    runs = instance.get_runs(dg.RunsFilter(tags={REQUEST_TAG: request.name}))  # the newest first
    failed: list[dg.DagsterRun] = []
    for run in runs:
        if not run.is_finished or run.is_complete_and_waiting_to_retry:
            return f"{request} is under way: run {run.run_id}"
        if run.is_success:
            break
        failed.append(run)
    if failed and failed[0].status == dg.DagsterRunStatus.CANCELED:
        return f"{request} was canceled: run {failed[0].run_id}; {_AGAIN}"
    if len(failed) >= ATTEMPTS:
        return f"{request} failed {len(failed)} times, the last time in run {failed[0].run_id}; {_AGAIN}"
    return ""


_AGAIN = "it is asked for again when the source or the settings change, or by hand"


def under_way(instance: dg.DagsterInstance, job: str) -> dg.DagsterRun | None:
    """Find an unfinished run of a job."""
    found = instance.get_runs(dg.RunsFilter(job_name=job, statuses=UNDER_WAY), limit=1)
    return found[0] if found else None


def busy_partitions(instance: dg.DagsterInstance, assets: tuple[str, ...], everything: list[str]) -> set[str]:
    """List the partitions that unfinished runs of some assets have, whoever requested the runs.

    Parameters
    ----------
    everything : the assets' partitions, in Dagster's order
    """
    place = {key: number for number, key in enumerate(everything)}
    wanted = {dg.AssetKey(name) for name in assets}
    busy: set[str] = set()
    for run in instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY)):
        span = span_of(run.tags)
        if span and (run.asset_selection is None or not wanted.isdisjoint(run.asset_selection)):
            first, last = (place.get(key) for key in span)
            if first is not None and last is not None:
                busy.update(everything[first : last + 1])
    return busy
