"""`guyot export`: the documents of a mixture in a trainer's format."""

import os
from pathlib import Path

import click

from guyot.cli.said import say

FORMATS = ["parquet", "jsonl.zst", "hf", "webdataset", "mds"]


@click.command("export")
@click.argument("recipe")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="parquet",
    show_default=True,
    help="hf, webdataset and mds are written by their own libraries.",
)
@click.option("--output", required=True, metavar="DIR", type=click.Path(path_type=Path), help="A new folder.")
@click.option("--version", metavar="HEX", help="Of the mixture.  [default: the live one]")
@click.option(
    "--documents-per-file", default=50_000, show_default=True, metavar="N", help="At most; not for mds."
)
@click.option("--lake", metavar="DIR", help="The lake. [GUYOT_LAKE; ./lake]")
def export_command(
    recipe: str, form: str, output: Path, version: str | None, documents_per_file: int, lake: str | None
) -> None:
    """Write the documents that RECIPE keeps in a trainer's format.

    Each keeps its doc_id; guyot.json beside the files names the mixture and its version. The folder appears
    when all is written.
    """
    import guyot

    mixture = guyot.open_lake(lake or os.environ.get("GUYOT_LAKE") or "lake").mixture(recipe, version)
    n_documents = mixture.export(output, form, documents_per_file=documents_per_file)
    say(f"{n_documents:,} documents of mixture {mixture.version.name} in {output}", err=True)
