"""What the command line shows: bars while work goes on, tables at its end."""

import contextlib
import csv
import decimal
import json
import logging
import math
import sys
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from assets.graph.retention import Garbage
from assets.graph.snapshot import live_shards
from resources.lake.store import Store
from resources.progress import LOGGER, Step
from resources.settings import Settings

_UNCUT = 100_000  # columns: what a pipe or a file reads is never cut
_err = Console(stderr=True)
_out = Console(width=None if sys.stdout.isatty() else _UNCUT)


class _Bars(logging.Handler):
    """Turns the progress records of long work into bars, or into lines where there is no terminal."""

    def __init__(self, bars: Progress) -> None:
        super().__init__()
        self._bars = bars
        self._tasks: dict[str, Any] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Show one report."""
        step: Step = getattr(record, "step")  # noqa: B009  (set through `extra`)
        if not _err.is_terminal:
            _err.print(f"  {step}", markup=False, highlight=False)
            return
        if step.work not in self._tasks:
            self._tasks[step.work] = self._bars.add_task(step.work, total=step.total, said="")
        text = str(step).partition(": ")[2]
        task = self._tasks[step.work]
        self._bars.update(task, completed=step.done, total=step.total, said=text, visible=not step.finished)


@contextlib.contextmanager
def shown() -> Iterator[Callable[[str, int], None]]:
    """Show progress while the block runs; yields what to tell about each asset that is begun."""
    logging.getLogger("dagster").setLevel(logging.ERROR)
    said = TextColumn("{task.fields[said]}", markup=False)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), said)
    with Progress(*columns, console=_err, transient=True) as bars:
        handler = _Bars(bars)
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False

        def on_asset_start(asset: str, partitions: int) -> None:
            note = f" ({partitions} partitions)" if partitions > 1 else ""
            _err.print(f"[bold]{asset}[/bold]{note}", highlight=False)

        try:
            yield on_asset_start
        finally:
            LOGGER.removeHandler(handler)


def summary(settings: Settings, recipes: list[str], made: list[str]) -> None:
    """Say what the lake holds now: documents, quarantine, and the recipes beside each other."""
    store = Store(settings=settings)
    read = (store.current("raw_shards", shard) for shard in live_shards(store))
    shards = [manifest for manifest in read if manifest is not None]
    documents = sum(manifest.rows for manifest in shards)
    records = sum(manifest.facts["records"] for manifest in shards)
    _out.print(
        f"{records:,} records = {documents:,} documents + {records - documents:,} quarantined, "
        f"in {len(shards)} shards of {store.root}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    if not made:
        _out.print("Everything was up to date.")
    board = store.current("leaderboard")
    if board is not None:
        _out.print(_board([row for row in store.table(board).to_pylist() if row["recipe"] in recipes]))
    elif store.partitions("pruned_mixtures"):
        _out.print(_mixtures(store, recipes))


def _board(rows: list[dict[str, Any]]) -> Table:
    """Lay the leaderboard out."""
    table = Table(title="Bits per byte on held-out documents, with 95% intervals: lower is better")
    for name in ("recipe", "documents", "tokens", "kept", "all", "short files", "long files"):
        table.add_column(name, justify="left" if name == "recipe" else "right")
    for row in rows:
        cells = [
            _interval(row, *names)
            for names in (
                ("bits_per_byte", "low", "high"),
                ("short", "short_low", "short_high"),
                ("long", "long_low", "long_high"),
            )
        ]
        counts = (f"{row['documents']:,}", f"{row['tokens']:,}", f"{row['kept_fraction']:.1%}")
        table.add_row(row["recipe"], *counts, *cells)
    return table


def _interval(row: dict[str, Any], value: str, low: str, high: str) -> str:
    """Write a value with its interval."""
    if row[value] is None:
        return "no documents"
    return f"{row[value]:.3f} ({row[low]:.3f}-{row[high]:.3f})"


def _mixtures(store: Store, recipes: list[str]) -> Table:
    """Lay the mixtures out, where nothing is trained yet."""
    table = Table(title="Mixtures")
    for name in ("recipe", "kept", "of", "unit", "documents", "version"):
        table.add_column(name, justify="left" if name in ("recipe", "unit", "version") else "right")
    for recipe in recipes:
        manifest = store.current("pruned_mixtures", recipe)
        if manifest is not None:
            facts = manifest.facts
            counts = (f"{facts['kept']:,}", f"{facts['total']:,}", facts["unit"])
            table.add_row(recipe, *counts, f"{facts['n_kept']:,}", manifest.version)
    return table


def collected(gone: list[Garbage], dry_run: bool) -> None:
    """Say what was removed, or would be, table by table."""
    told = "would be removed" if dry_run else "removed"
    for table in dict.fromkeys(one.table for one in gone):
        of_table = [one for one in gone if one.table == table]
        half = sum(not one.whole for one in of_table)
        left = f", {half} of them left by writers that died" if half else ""
        size = sum(one.bytes for one in of_table)
        _out.print(f"{table}: {len(of_table)} versions, {size:,} bytes{left}", highlight=False)
    total = sum(one.bytes for one in gone)
    _out.print(f"{len(gone)} versions, {total:,} bytes {told}", highlight=False)


def rows(found: Any, form: str) -> None:
    """Print a query's rows as a table, CSV or JSON."""
    if form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(found.column_names)
        writer.writerows(zip(*(column.to_pylist() for column in found.columns), strict=True))
    elif form == "json":
        json.dump(_plain(found.to_pylist()), sys.stdout, indent=1, allow_nan=False)
        sys.stdout.write("\n")
    else:
        table = Table()
        for name in found.column_names:
            table.add_column(_cell(name))
        for row in zip(*(column.to_pylist() for column in found.columns), strict=True):
            table.add_row(*(_cell(value) for value in row))
        _out.print(table)


def _plain(value: Any) -> Any:
    """Make of a value what JSON has: no NaN but null, and a sum of integers, a decimal here, a number."""
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)


def _cell(value: Any) -> Any:
    """Write a value so that nothing in it is taken for markup or reaches the terminal as a command."""
    from rich.text import Text

    text = "" if value is None else str(value)
    return Text("".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text))


def explanation(found: Any) -> None:
    """Print what became of a document."""
    for row in found.quarantined:
        where = f"bytes {row['byte_begin']} to {row['byte_end']}, " if row["byte_begin"] >= 0 else ""
        _say(f"quarantined: {row['reason']} ({where}{row['detail']})", row["source_uri"])
    if found.document is None:
        return
    _text(found.document, "document")
    for verdict in found.verdicts:
        _verdict(verdict)


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
        steps = sighting.steps
        told = f"at {len(steps)} steps, {steps[0]} to {steps[-1]}" if steps else "at no step"
        _say(f"  seen {told}, mixture {sighting.mixture_version}", f"  run {sighting.run_id}")


def _text(row: dict[str, Any], what: str) -> None:
    """Print a document's name and beginning."""
    key = f"#{row['record_key']}" if row["record_key"] else ""
    about = ", ".join(row[name] for name in ("doc_id", "kind", "split", "shard"))
    _say(about, f"{what} {row['source_uri']}{key}")
    for line in row["content"][:400].splitlines()[:8]:
        _out.print(_cell("    | " + line), soft_wrap=True)


def _say(text: str, subject: str) -> None:
    """Print a line about a subject; nothing in it is markup."""
    from rich.text import Text

    _out.print(Text.assemble((str(_cell(subject)), "bold"), ": ", str(_cell(text))), soft_wrap=True)
