"""The verbs of the graph for the command `guyot`: its tables and its answers without a browser.

In a checkout `guyot.cli` adds VERBS to those that need no graph.
"""

from typing import TYPE_CHECKING

import click

from jobs.cli import lineage, operate
from jobs.cli.cluster import cluster
from jobs.cli.episodes import episodes
from jobs.cli.options import format_option, lake_option, pairs_of, put, settings_given
from jobs.cli.runs import runs
from jobs.cli.scenes import scenes
from jobs.cli.verify import verify
from jobs.cli.withdraw import withdraw

if TYPE_CHECKING:
    from assets.graph.lake import LakeResources


@click.command()
@click.option("--source", metavar="DIR", help="Where the source files are. [GUYOT_SOURCE]")
@lake_option
@click.option("--recipe", "recipes", multiple=True, metavar="NAME", help="Cut and train only these.")
@click.option("--until", metavar="ASSET", help="Stop after this asset.")
@click.option(
    "--encoder",
    metavar="NAME",
    help="minilm, static, hashing, a directory or a hub id; of images pixels or efficientnet-lite0, or one.",
)
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Any other setting.")
def run(
    source: str | None,
    lake: str | None,
    recipes: tuple[str, ...],
    until: str | None,
    encoder: str | None,
    pairs: tuple[str, ...],
) -> None:
    """Materialize what is missing or stale, with progress."""
    put(**pairs_of(pairs))
    put(source=source, lake=lake, encoder=encoder)
    from assets.graph.lake import LakeResources
    from jobs.cli import output
    from jobs.materialize import PartlyBuiltError, materialize_stale

    settings, names = settings_given(), list(dict.fromkeys(recipes)) or None
    try:
        with output.shown():
            done = materialize_stale(settings, names, until)
    except PartlyBuiltError as error:
        output.summary(LakeResources(settings).remembered(), names, error.built)
        raise
    output.summary(done.look, names, done.assets)


@click.command()
@click.argument("document", metavar="DOC_ID|SOURCE[#KEY]|KEY")
@click.option("--recipe", metavar="NAME", help="Only this recipe.")
@lake_option
def explain(document: str, recipe: str | None, lake: str | None) -> None:
    """Show whether a document was kept, or which step dropped it, why, and its witness."""
    put(lake=lake)
    from jobs.cli import output
    from jobs.cli.explain import explain as explained

    output.explanation(explained(_lake(), document, recipe))


@click.command()
@click.argument("query")
@format_option
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="What the query may take.",
)
@lake_option
def sql(query: str, form: str, seconds: float, lake: str | None) -> None:
    """Ask the catalogue, read-only.

    A query reads the lake and nothing else, in 2 GB of memory and 10 GB of temporary files; its answer has
    1 GB at most.

    On a terminal a row is one line: cells are cut with … to the terminal's width, and where even that is
    too narrow each row's cells stand below each other. In a pipe or a file no cell is cut: a line of column
    names, then a line a row, the cells apart by tabs, for grep, cut and sort. In both, control characters,
    line breaks too, are written as escapes. csv and json give every value whole and unchanged.
    """
    put(lake=lake)
    from assets.publish.database import Catalogue
    from jobs.cli import rows

    rows.write(Catalogue(_lake().store).query(query, seconds=seconds), form)


@click.command("report")
@lake_option
def report_path(lake: str | None) -> None:
    """Print the path of the HTML report of the newest state."""
    put(lake=lake)
    from assets.publish.report import PAGE, report

    store = _lake().store
    click.echo(store.file(store.required(report.name), PAGE))


@click.command()
@click.option(
    "--older-than",
    "hours",
    type=click.FloatRange(min=0),
    default=24.0,
    show_default=True,
    metavar="HOURS",
    help="Leave what is younger: a reader may hold it.",
)
@click.option("--dry-run", is_flag=True, help="Say what would go, and leave it.")
@lake_option
def gc(hours: float, dry_run: bool, lake: str | None) -> None:
    """Remove versions that nothing needs; what a training run consumed always stays."""
    put(lake=lake)
    import contextlib
    import time

    from assets.graph import compaction, retention
    from guyot.errors import GuyotError
    from jobs.cli import output
    from resources.lake import saved_batches, workdirs

    opened = _lake()
    files, now = opened.store.files, time.time()
    found = retention.find(opened, older_than_seconds=hours * 3600, now=now)
    gone = found if dry_run else list(retention.remove(opened, found))
    swept = 0 if dry_run else workdirs.sweep(files) + saved_batches.sweep(files, now)
    if swept:
        click.echo(f"{swept} folders of dead writers removed")
    output.collected(gone, dry_run)
    if not dry_run:
        with contextlib.suppress(GuyotError):  # what is damaged is told by who reads it
            compaction.compact_all(opened)


def _lake() -> "LakeResources":
    """Open the lake of the settings."""
    from assets.graph.lake import LakeResources

    return LakeResources(settings_given())


VERBS = (
    *operate.VERBS, *lineage.VERBS, cluster, runs, scenes, episodes, withdraw, run, explain, sql, report_path,
    gc, verify,
)  # fmt: skip
