"""The verbs of lineage: which runs saw a document, what a run consumed, and how two mixtures differ."""

import click

from guyot.cli.said import say
from jobs.cli.options import format_option, lake_option, put, settings_given


@click.command()
@click.argument("document", metavar="DOC_ID|SOURCE[#KEY]|KEY")
@format_option
@lake_option
def saw(document: str, form: str, lake: str | None) -> None:
    """List every training run that read a document, with epochs and steps.

    A row is a stretch of adjacent steps of one epoch of a run.
    """
    put(lake=lake)
    from assets.graph.lake import LakeResources
    from jobs.cli import rows
    from jobs.cli.lineage_tables import runs_that_saw

    found = runs_that_saw(LakeResources(settings_given()), document)
    say(found.summary, err=True)
    rows.write(found.rows, form)


@click.command()
@click.argument("run", metavar="RUN_ID|RECIPE/SEED")
@format_option
@lake_option
def inputs(run: str, form: str, lake: str | None) -> None:
    """List exactly what a training run consumed: mixture, order, tokenizer, documents, weights, settings."""
    put(lake=lake)
    from assets.graph.lake import LakeResources
    from jobs.cli import rows
    from jobs.cli.lineage_tables import inputs_of_run

    found = inputs_of_run(LakeResources(settings_given()), run)
    say(found.summary, err=True)
    rows.write(found.rows, form)


@click.command()
@click.argument("one", metavar="RECIPE[@VERSION]")
@click.argument("other", metavar="RECIPE[@VERSION]")
@click.option("--limit", default=50, show_default=True, metavar="N", help="Rows at most; 0: all.")
@format_option
@lake_option
def diff(one: str, other: str, limit: int, form: str, lake: str | None) -> None:
    """List the documents that one mixture keeps and another does not, and why."""
    put(lake=lake)
    from assets.graph.lake import LakeResources
    from jobs.cli import rows
    from jobs.cli.lineage_tables import difference

    found = difference(LakeResources(settings_given()), one, other, limit)
    say(found.summary, err=True)
    rows.write(found.rows, form)


VERBS = (saw, inputs, diff)
