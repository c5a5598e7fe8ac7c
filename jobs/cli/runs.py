"""The verbs of runs: report a training that was done elsewhere, and list all that the lake knows."""

import getpass
from pathlib import Path

import click

from guyot.cli.said import say
from jobs.cli.options import format_option, lake_option, put, settings_given

_FILE = click.Path(path_type=Path)


@click.group()
def runs() -> None:
    """Report trainings that were done elsewhere, and list all runs."""


@runs.command()
@click.argument("name")
@click.option(
    "--mixture", default="", metavar="RECIPE[@VERSION]", help="What it read; by default the live one."
)
@click.option("--tokens", type=int, metavar="N", help="Tokens that it read, of all ranks.")
@click.option("--first-token", type=int, default=0, metavar="N", help="Tokens of the order before these.")
@click.option("--context-length", type=int, metavar="N", help="As the dataset had it.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Of the dataset's order.")
@click.option("--segment-tokens", type=int, metavar="N", help="As the dataset had it.")
@click.option("--epochs", type=int, metavar="N", help="As the dataset had it. [1]")
@click.option(
    "--state", type=_FILE, metavar="FILE", help="The dataset's state_dict() as JSON, in place of these."
)
@click.option(
    "--batch-size", type=int, default=1, show_default=True, metavar="N",
    help="Samples of a step, of all ranks together.",
)  # fmt: skip
@click.option("--hyperparameters", type=_FILE, metavar="FILE.json", help="A JSON object.")
@click.option("--metrics", type=_FILE, metavar="FILE.jsonl", help="Lines of step and numbers by name.")
@click.option(
    "--checkpoint", "checkpoints", type=_FILE, multiple=True, metavar="FILE", help="A file of weights."
)
@click.option("--init", default="", metavar="TEXT", help="What it began with.")
@click.option("--code-version", default="", metavar="TEXT", help="Such as a commit.")
@click.option("--by", metavar="NAME", help="Who reports it.  [default: this machine's user]")
@click.option("--replace", "is_replaced", is_flag=True, help="In place of an earlier report of that name.")
@lake_option
def register(
    name: str, metrics: Path | None, by: str | None, is_replaced: bool, lake: str | None, **said: object
) -> None:
    """Report a training that read a mixture elsewhere, so that `guyot saw` knows it like Guyot's own.

    It read the samples of `mixture.torch_dataset(...)` with the arguments given here, over any ranks. Of
    checkpoints the digest is recorded; they stay where they are. Its mixture is kept as long as the lake is.
    """
    put(lake=lake)
    from assets.graph.lake import LakeResources
    from assets.train.inputs import registered_runs
    from jobs.cli import output
    from jobs.cli.run_files import metrics_of
    from jobs.cli.run_registration import Report, record_of
    from jobs.materialize import backfill

    settings = settings_given()
    opened = LakeResources(settings)
    report = Report(name=name, by=by or getpass.getuser(), **said)  # pyright: ignore[reportArgumentType]
    record, rows = record_of(opened, report), metrics_of(metrics)
    is_new = registered_runs.write(opened.store, record, rows, replace=is_replaced)
    with output.shown():
        backfill(settings, ["external_runs", "catalogue"], [])
    say(
        f"run {name} {'is recorded' if is_new else 'was recorded already'}: {record['tokens']:,} "
        f"{record['unit']} in {record['steps']:,} steps of mixture {record['recipe']}@"
        f"{record['mixture_version']}; `guyot saw` and `guyot inputs {name}` know it"
    )


@runs.command("list")
@format_option
@lake_option
def list_runs(form: str, lake: str | None) -> None:
    """List the runs that the lake knows, Guyot's own and those reported."""
    put(lake=lake)
    from assets.graph.lake import LakeResources
    from jobs.cli import rows
    from jobs.cli.lineage_tables import all_runs

    found = all_runs(LakeResources(settings_given()))
    say(found.summary, err=True)
    rows.write(found.rows, form)
