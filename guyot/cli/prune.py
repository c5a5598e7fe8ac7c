"""`guyot prune`: one file of documents in, the kept ones out, with a reason for each that goes."""

import time
from collections import Counter
from pathlib import Path

import click

from guyot.cli.said import say
from guyot.prune import Unit

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("prune")
@click.argument("source", metavar="INPUT", type=_FILE)
@click.option("--recipe", required=True, metavar="NAME|FILE", help="A named recipe, or a recipe as JSON.")
@click.option("--keep", type=float, metavar="SHARE", help="What to keep, above 0, at most 1; met exactly.")
@click.option(
    "--unit",
    type=click.Choice(["documents", "tokens", "bytes"]),
    help="What the share is of.  [default: documents, or without --keep the recipe's own]",
)
@click.option("--output", required=True, metavar="FILE", type=_FILE, help="The documents that are kept.")
@click.option(
    "--dropped", metavar="FILE", type=_FILE, help="JSON lines of the others: reason, score, witness."
)
@click.option(
    "--quarantine", metavar="FILE", type=_FILE, help="JSON lines of the records that are no document."
)
@click.option(
    "--text-column", default="", metavar="NAME", help="Where the text is.  [default: text, else content]"
)
@click.option(
    "--id-column", default="", metavar="NAME", help="Where the id is.  [default: id, else the record]"
)
@click.option(
    "--encoder", metavar="DIR", help="A transformers or static model.  [default: the hashing encoder]"
)
@click.option("--seed", default=0, show_default=True, help="Of the clustering.")
def prune_command(
    source: Path,
    recipe: str,
    keep: float | None,
    unit: Unit | None,
    output: Path,
    dropped: Path | None,
    quarantine: Path | None,
    text_column: str,
    id_column: str,
    encoder: str | None,
    seed: int,
) -> None:
    """Keep the documents of a file that a recipe keeps.

    INPUT is .jsonl, .jsonl.gz, .jsonl.zst or .parquet, and the output of the same kind, packed as its name
    says. Lines that are kept are kept byte for byte, in their order. Tokens are one for every four bytes.
    """
    from guyot.cli.document_files import DocumentFile, check_files, read_recipe
    from guyot.corpus.corpus import Corpus
    from guyot.corpus.records import separate

    begun = time.monotonic()
    check_files(source, output, [path for path in (dropped, quarantine) if path])
    asked = read_recipe(recipe)
    file = DocumentFile(source)
    rows, rejected = separate(file.rows(text_column, id_column))
    counts = Counter(one.reason for one in rejected)
    say(
        f"{len(rows) + len(rejected):,} records = {len(rows):,} documents + {len(rejected):,} rejected"
        + "".join(f", {count:,} {reason}" for reason, count in sorted(counts.items())),
        err=True,
    )
    if quarantine:
        file.write_rejected(quarantine, rejected)
    corpus = Corpus.from_rows(rows, rejected, encoder=encoder, seed=seed)
    mixture = corpus.prune(asked, keep, unit)
    file.write_kept(output, [row.record for row, kept in zip(rows, mixture.mask, strict=True) if kept])
    if dropped:
        file.write_dropped(dropped, rows, mixture)
    say(f"{mixture}; {time.monotonic() - begun:.1f} s", err=True)
