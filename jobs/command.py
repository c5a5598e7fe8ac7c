"""The command `guyot`: the graph, its tables and its answers without a browser."""

import os
from typing import Any

import click

from guyot.errors import GuyotError, SettingError

PREFIX = "GUYOT_"


class _Group(click.Group):
    """Shows Guyot's own errors as one line; anything else is a bug and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except GuyotError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="guyot")
def main() -> None:
    """Prune training data, and say for every document why it stayed or went."""


_lake = click.option("--lake", metavar="DIR", help="The lake. [GUYOT_LAKE; ./lake of the checkout]")


@main.command()
@click.option("--source", metavar="DIR", help="Where the source files are. [GUYOT_SOURCE]")
@_lake
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
    _set(**_pairs(pairs))
    _set(source=source, lake=lake, encoder=encoder)
    from jobs import console
    from jobs.run import materialize_stale
    from recipes import RECIPES

    names = list(dict.fromkeys(recipes)) or [recipe.name for recipe in RECIPES]
    settings = _settings()
    with console.shown() as tell:
        made = materialize_stale(settings, names, until, tell)
    console.summary(settings, names, made)


@main.command()
@click.argument("document", metavar="DOC_OR_SOURCE_URI")
@click.option("--recipe", metavar="NAME", help="Only this recipe.")
@_lake
def explain(document: str, recipe: str | None, lake: str | None) -> None:
    """Say of a document whether it was kept, by which step it went, and because of which other."""
    _set(lake=lake)
    from jobs import console
    from jobs.explain import explain as explained

    catalogue, store = _catalogue()
    console.explanation(explained(catalogue, store, document, recipe))


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
@_lake
def sql(query: str, form: str, lake: str | None) -> None:
    """Ask the catalogue, read-only."""
    _set(lake=lake)
    from jobs import console

    catalogue, _ = _catalogue()
    console.rows(catalogue.query(query), form)


@main.command()
@_lake
def report(lake: str | None) -> None:
    """Print the path of the HTML report of the newest state."""
    _set(lake=lake)
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
@_lake
def gc(hours: float, dry_run: bool, lake: str | None) -> None:
    """Remove versions that nothing needs; what a training run consumed always stays."""
    _set(lake=lake)
    import time

    from jobs import console
    from resources import garbage
    from resources.store import Store

    store = Store(settings=_settings())
    found = garbage.find(store, older_than_seconds=hours * 3600, now=time.time())
    gone = found if dry_run else list(garbage.remove(store, found))
    console.collected(gone, dry_run)


def _set(**settings: str | None) -> None:
    """Put arguments into the environment, where they outrank the launchpad."""
    os.environ.update({PREFIX + name.upper(): v for name, v in settings.items() if v is not None})


def _pairs(pairs: tuple[str, ...]) -> dict[str, str | None]:
    """Read NAME=VALUE arguments."""
    from resources.settings import Settings

    split: dict[str, str | None] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not value:
            raise SettingError(f"--set {pair!r} was given; write it as NAME=VALUE")
        split[name] = value
        if name not in Settings.model_fields:
            raise SettingError(
                f"setting {name!r} is not known; choose from {', '.join(Settings.model_fields)}"
            )
    return split


def _settings() -> Any:  # noqa: ANN401  (resources.settings.Settings, imported when needed)
    """Read the settings from the environment."""
    from pydantic import ValidationError

    from resources.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "a setting"
        raise SettingError(
            f"{name}={first['input']!r}: {first['msg']}; set GUYOT_{name.upper()} otherwise"
        ) from error


def _catalogue() -> tuple[Any, Any]:
    """Open the catalogue and the store of the lake."""
    from resources.catalogue import Catalogue
    from resources.store import Store

    settings = _settings()
    store = Store(settings=settings)
    return Catalogue(settings=settings, store=store), store


if __name__ == "__main__":
    main()
