"""The command `guyot`: the graph, its tables and its answers without a browser."""

from typing import Any

import click

from guyot.errors import GuyotError
from jobs.cli import operate
from jobs.cli.options import lake_option, pairs_of, put, settings_given


class _Group(click.Group):
    """Shows Guyot's own errors as one line; anything else is a bug and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except GuyotError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="guyot")
def main() -> None:
    """Prune training data, and say for every document why it stayed or went."""


for verb in operate.VERBS:
    main.add_command(verb)


@main.command()
@click.option("--source", metavar="DIR", help="Where the source files are. [GUYOT_SOURCE]")
@lake_option
@click.option("--recipe", "recipes", multiple=True, metavar="NAME", help="Only these recipes.")
@click.option("--until", metavar="ASSET", help="Stop after this asset.")
@click.option("--encoder", metavar="NAME", help="minilm, hashing, a directory or a hub id.")
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
    from jobs.cli import output
    from jobs.materialize import PartlyMadeError, materialize_stale
    from recipes import RECIPES

    names = list(dict.fromkeys(recipes)) or [recipe.name for recipe in RECIPES]
    settings = settings_given()
    try:
        with output.shown() as on_asset_start:
            made = materialize_stale(settings, names, until, on_asset_start)
    except PartlyMadeError as error:
        output.summary(settings, names, error.made)
        raise
    output.summary(settings, names, made)


@main.command()
@click.argument("document", metavar="DOC_ID|SOURCE[#KEY]|KEY")
@click.option("--recipe", metavar="NAME", help="Only this recipe.")
@lake_option
def explain(document: str, recipe: str | None, lake: str | None) -> None:
    """Say of a document whether it was kept, by which step it went, and because of which other."""
    put(lake=lake)
    from jobs.cli import output
    from jobs.cli.explain import explain as explained

    catalogue, store = _catalogue()
    output.explanation(explained(catalogue, store, document, recipe))


@main.command()
@click.argument("query")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How the rows are printed.",
)
@lake_option
def sql(query: str, form: str, lake: str | None) -> None:
    """Ask the catalogue, read-only."""
    put(lake=lake)
    from jobs.cli import output

    catalogue, _ = _catalogue()
    output.rows(catalogue.query(query), form)


@main.command()
@lake_option
def report(lake: str | None) -> None:
    """Print the path of the HTML report of the newest state."""
    put(lake=lake)
    _, store = _catalogue()
    click.echo(store.file(store.required("report"), "report.html"))


@main.command()
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
    import time

    from assets.graph import retention
    from jobs.cli import output
    from resources.lake import workdirs
    from resources.lake.store import Store

    store = Store(settings=settings_given())
    found = retention.find(store, older_than_seconds=hours * 3600, now=time.time())
    gone = found if dry_run else list(retention.remove(store, found))
    swept = 0 if dry_run else workdirs.sweep(store.files)
    if swept:
        click.echo(f"{swept} folders that dead writers worked in removed")
    output.collected(gone, dry_run)


def _catalogue() -> tuple[Any, Any]:
    """Open the catalogue and the store of the lake."""
    from assets.publish.database import Catalogue
    from resources.lake.store import Store

    settings = settings_given()
    store = Store(settings=settings)
    return Catalogue(settings=settings, store=store), store


if __name__ == "__main__":
    main()
