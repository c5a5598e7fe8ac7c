"""What the command line shows: bars while work goes on, tables at its end."""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.graph.retention import Garbage
from jobs.cli import terminal
from resources.lake import set_aside as damaged_files
from resources.lake.manifest import ROWS
from resources.lake.store import Store
from resources.progress import LOGGER, ProgressStep
from resources.setting_groups import IMAGE, Documents

_err = Console(stderr=True)
_MAX_CHARACTERS, _MAX_LINES = 400, 8  # of a document, by which a person knows it


class _Bars(logging.Handler):
    """Turns the progress records of long work into bars, or into lines where there is no terminal."""

    def __init__(self, bars: Progress) -> None:
        super().__init__()
        self._bars = bars
        self._tasks: dict[str, Any] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Show one report, or a note."""
        step: ProgressStep | None = getattr(record, "step", None)  # set through `extra`
        if step is None:
            _err.print(f"  {terminal.name(record.getMessage())}", markup=False, highlight=False)
            return
        if step.begins:
            note = f" ({step.total:,.0f} {step.unit})" if (step.total or 0) > 1 else ""
            _err.print(f"[bold]{step.work}[/bold]{note}", highlight=False)
            return
        if not _err.is_terminal:
            _err.print(f"  {step}", markup=False, highlight=False)
            return
        if step.work not in self._tasks:
            self._tasks[step.work] = self._bars.add_task(step.work, total=step.total, said="")
        text = str(step).partition(": ")[2]
        task = self._tasks[step.work]
        self._bars.update(task, completed=step.done, total=step.total, said=text, visible=not step.finished)


@contextlib.contextmanager
def shown() -> Iterator[None]:
    """Show progress while the block runs: a line for each asset that begins, bars below it."""
    logging.getLogger("dagster").setLevel(logging.ERROR)
    said = TextColumn("{task.fields[said]}", markup=False)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), said)
    with Progress(*columns, console=_err, transient=True) as bars:
        handler = _Bars(bars)
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False
        try:
            yield
        finally:
            LOGGER.removeHandler(handler)


def summary(look: LakeResources, recipes: list[str] | None, built: list[str]) -> None:
    """Show what the lake holds now: documents, quarantine, and the recipes side by side.

    Parameters
    ----------
    look : the lake as it is now
    recipes : those that were asked for; all where none were
    """
    from assets.ingest.raw_shards import QUARANTINE

    store, recipes = look.store, list(BY_NAME) if recipes is None else recipes
    read = (store.origin("raw_shards", shard) for shard in look.shards())
    shards = [origin.file_rows for origin in read if origin is not None]
    documents, quarantined = (sum(rows[file] for rows in shards) for file in (ROWS, QUARANTINE.file))
    terminal.out.print(
        f"{documents + quarantined:,} records = {documents:,} documents + {quarantined:,} quarantined, "
        f"in {len(shards)} shards of {store.root}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    if not built:
        terminal.out.print("Everything was up to date.")
    board = store.current("leaderboard")
    if board is not None:
        terminal.out.print(
            _board(
                [row for row in store.table(board).to_pylist() if row["recipe"] in recipes],
                store.settings.reading.documents,
            )
        )
    elif store.partitions("pruned_mixtures"):
        terminal.out.print(_mixtures(store, recipes))


_BOARD_COLUMNS = {
    "all": ("bits_per_byte", "low", "high"),
    "short files": ("bits_per_byte_short", "bits_per_byte_short_low", "bits_per_byte_short_high"),
    "long files": ("bits_per_byte_long", "bits_per_byte_long_low", "bits_per_byte_long_high"),
}


def _board(rows: list[dict[str, Any]], documents: Documents) -> Table:
    """Lay the leaderboard out; images have no length."""
    is_of_images = documents == IMAGE
    measure = "image on held-out images" if is_of_images else "byte on held-out documents"
    table = Table(title=f"Bits per {measure}, with 95% intervals: lower is better")
    values = ["all"] if is_of_images else list(_BOARD_COLUMNS)
    counted = ("documents", "trained on" if is_of_images else "tokens", "kept")
    for name in ("recipe", *counted, *values, "more than random"):
        table.add_column(name, justify="left" if name == "recipe" else "right", overflow="fold")
    for row in rows:
        cells = [_interval(row, *_BOARD_COLUMNS[name]) for name in values]
        counts = (f"{row['documents']:,}", f"{row['tokens']:,}", f"{row['kept_fraction']:.1%}")
        table.add_row(row["recipe"], *counts, *cells, _difference(row))
    return table


def _difference(row: dict[str, Any]) -> str:
    """Write what a recipe's models pay more than random's, and what that shows."""
    if row["difference"] is None:
        return ""
    ends = f"{row['difference_low']:+.3f} to {row['difference_high']:+.3f}"
    return f"{row['difference']:+.3f} ({ends}): {row['verdict']}"


def _interval(row: dict[str, Any], value: str, low: str, high: str) -> str:
    """Write a value with its interval."""
    if row[value] is None:
        return "no documents"
    return f"{row[value]:.3f} ({row[low]:.3f}-{row[high]:.3f})"


def _mixtures(store: Store, recipes: list[str]) -> Table:
    """Lay the mixtures out, where nothing is trained yet."""
    table = Table(title="Mixtures")
    for name in ("recipe", "kept", "of", "unit", "documents", "version"):
        justify = "left" if name in ("recipe", "unit", "version") else "right"
        table.add_column(name, justify=justify, overflow="fold")
    for recipe in recipes:
        manifest = store.current("pruned_mixtures", recipe)
        if manifest is not None:
            facts = manifest.facts
            counts = (f"{facts['kept_units']:,}", f"{facts['total']:,}", facts["unit"])
            table.add_row(recipe, *counts, f"{facts['n_kept']:,}", manifest.version)
    return table


def collected(gone: list[Garbage], dry_run: bool) -> None:
    """Print what was removed, or would be, table by table."""
    action = "would be removed" if dry_run else "removed"
    for table in dict.fromkeys(one.table for one in gone):
        of_table = [one for one in gone if one.table == table]
        half = sum(not one.has_manifest for one in of_table)
        left = f", {half} of them left by writers that died" if half else ""
        size = sum(one.bytes for one in of_table)
        terminal.out.print(f"{table}: {len(of_table)} versions, {size:,} bytes{left}", highlight=False)
    total = sum(one.bytes for one in gone)
    terminal.out.print(f"{len(gone)} versions, {total:,} bytes {action}", highlight=False)


def set_aside(store: Store) -> None:
    """Say what `guyot verify --repair` set aside, if something is there: no verb removes it."""
    n_files, n_bytes = damaged_files.held(store.files)
    if n_files:
        _err.print(
            f"{n_files:,} files that were set aside, {n_bytes:,} bytes, lie in "
            f"{damaged_files.place(store.files)}; remove that folder when nobody needs them",
            markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip


def explanation(found: Any) -> None:
    """Print what became of a document."""
    for row in found.quarantined:
        where = f"bytes {row['byte_begin']} to {row['byte_end']}, " if row["byte_begin"] >= 0 else ""
        _say(f"quarantined: {row['reason']} ({where}{row['detail']})", row["source_path"])
    if found.document is None:
        return
    _text(found.document, "document")
    for verdict in found.verdicts:
        _verdict(verdict)
    if found.page is not None:
        _say(str(found.page), "pictures")


def _verdict(verdict: Any) -> None:
    """Print what one recipe did."""
    done = "kept" if verdict.kept else f"dropped by {verdict.step}, reason {verdict.reason}"
    numbers = [
        f"{name} {value:.6g}"
        for name, value in (
            ("score", verdict.score),
            ("threshold", verdict.threshold),
            ("similarity to the witness", verdict.similarity if verdict.witness else None),
        )
        if value is not None
    ]
    _say(f"{done}; {', '.join(numbers)}" if numbers else done, f"{verdict.recipe} ({verdict.version})")
    if verdict.sentence:
        _say(verdict.sentence, "  why")
    if verdict.witness:
        _text(verdict.witness, "  witness")
    for sighting in verdict.seen:
        _say(f"  {_steps(sighting.steps)}, mixture {sighting.mixture_version}", f"  run {sighting.run_id}")


def _steps(steps: list[int] | None) -> str:
    """Put the steps that saw a document into words."""
    if steps is None:
        return "read in an order of an older version, so at which steps is not known"
    return f"seen at {len(steps)} steps, {steps[0]} to {steps[-1]}" if steps else "seen at no step"


def _text(row: dict[str, Any], what: str) -> None:
    """Print a document's name and beginning."""
    key = f"#{row['record_key']}" if row["record_key"] else ""
    about = ", ".join(row[name] for name in ("doc_id", "kind", "split", "shard"))
    _say(about, f"{what} {row['source_path']}{key}")
    content = row["content"]
    begins = content[:_MAX_CHARACTERS].splitlines()[:_MAX_LINES]
    is_cut = len(content) > _MAX_CHARACTERS or len(content.splitlines()) > _MAX_LINES
    for number, line in enumerate(begins, 1):
        mark = terminal.MARK if is_cut and number == len(begins) else ""
        terminal.out.print(terminal.cell(f"    | {line.expandtabs(4)}{mark}"), soft_wrap=True)


def _say(text: str, subject: str) -> None:
    """Print a line about a subject; nothing in it is markup."""
    from rich.text import Text

    line = Text.assemble((terminal.name(subject), "bold"), ": ", terminal.name(text))
    terminal.out.print(line, soft_wrap=True)
