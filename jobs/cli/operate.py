"""The verbs that keep a lake going: backfill, automation, janitor, up."""

import sys
from pathlib import Path

import click

from guyot.cli.said import say
from jobs.cli.options import lake_option, put, settings_given


@click.command()
@click.argument("assets", nargs=-1, metavar="[ASSET]...")
@click.option("--partition", "keys", multiple=True, metavar="KEY", help="Only these partitions.")
@lake_option
def backfill(assets: tuple[str, ...], keys: tuple[str, ...], lake: str | None) -> None:
    """Materialize assets over all their partitions; without a name, those of the shards.

    What is up to date costs next to nothing. A tokenizer or centroids, which stay as shards come and go,
    are trained anew on today's documents when they are named.
    """
    put(lake=lake)
    from jobs.cli import output
    from jobs.materialize import backfill as backfilled

    settings = settings_given()
    with output.shown():
        done = backfilled(settings, list(assets), list(keys))
    say(f"{', '.join(done) or 'nothing'} up to date")


_workspace = click.option(
    "--workspace",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path(__file__).resolve().parents[2] / "workspace.yaml",
    metavar="FILE",
    help="The deployment's workspace.  [default: workspace.yaml of the checkout]",
)


@click.command()
@click.argument("action", type=click.Choice(["start", "stop", "status"]))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@_workspace
@lake_option
def automation(action: str, names: tuple[str, ...], workspace: Path, lake: str | None) -> None:
    """Start or stop the sensor and the schedule, or one of them, and tell what happens when."""
    put(lake=lake)
    import datetime

    from jobs import automation as automated
    from jobs.instance.dagster_internals import is_daemon_alive
    from jobs.instance.home import instance_of

    with instance_of(settings_given()) as instance:
        if action != "status":
            automated.switch(instance, names or automated.NAMES, workspace, on=action == "start")
        states = automated.status(instance, datetime.datetime.now(datetime.UTC))
        for one in states:
            state, last = "running" if one.on else "stopped", f"; last time {one.last}" if one.last else ""
            say(f"{one.name}: {state}, {one.when}{last}")
        if not is_daemon_alive(instance):
            say("There is no daemon, so nothing happens by itself: start it with `guyot up`.")


@click.command()
@_workspace
@lake_option
def janitor(workspace: Path, lake: str | None) -> None:
    """Fail the runs whose process is gone and queue them again; remove what dead writers left."""
    put(lake=lake)
    _clear(workspace)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the UI listens.")
@click.option("--port", default=3000, show_default=True, help="Where the UI listens.")
@_workspace
@lake_option
def up(host: str, port: int, workspace: Path, lake: str | None) -> None:
    """Clear away what died, then start the UI and the daemon, and stay."""
    put(lake=lake)
    _clear(workspace)
    from jobs.instance import service

    say(f"The graph is at http://{host}:{port} in a moment; Ctrl-C stops it.")
    sys.exit(service.run_dagster(settings_given(), workspace, host, port))


def _clear(workspace: Path) -> None:
    """Clear away what dead workers hold and left, and say what it was."""
    import time

    from jobs.instance import service

    dead, queued, swept = service.recover(settings_given(), workspace, time.time())
    for one in dead:
        say(f"run {one.run.run_id} ({one.run.job_name}): {one.why}")
    say(f"{len(dead)} dead runs, {queued} queued again, {swept} folders of dead writers removed")


VERBS = (backfill, automation, janitor, up)
