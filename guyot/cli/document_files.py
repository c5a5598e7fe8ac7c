"""The files of `guyot prune`: documents in, what is kept out, and JSON lines of what is not."""

import contextlib
import json
import os
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from guyot.corpus import json_lines, parquet
from guyot.corpus.mixture import Mixture
from guyot.corpus.records import Rejected, Row
from guyot.errors import CorruptError, SettingError
from guyot.recipe import Recipe
from guyot.recipes import recipe_of

KINDS = ".jsonl, .jsonl.gz, .jsonl.zst or .parquet"


def check_files(source: Path, output: Path, others: list[Path]) -> None:
    """Raise for files that cannot be read or written, or that are the same.

    Raises
    ------
    SettingError : naming the file, and what to change.
    """
    if not source.is_file():
        raise SettingError(f"input {source} was asked for; it is no file; give one of {KINDS}")
    for path in (source, output):
        if not json_lines.is_json_lines(str(path)) and not parquet.is_parquet(str(path)):
            raise SettingError(f"{path} was given; files of documents are {KINDS}; name it so")
    if parquet.is_parquet(str(source)) != parquet.is_parquet(str(output)):
        raise SettingError(
            f"input {source.name} and output {output.name} were given; records are kept as they are, so both "
            "must be JSON lines, or both Parquet"
        )
    for path in others:
        if not json_lines.is_json_lines(str(path)):
            raise SettingError(f"{path} was given; what is not kept is written as JSON lines; name it .jsonl")
    paths = [path.resolve() for path in (source, output, *others)]
    if len(set(paths)) < len(paths):
        raise SettingError(f"{len(paths)} files were given, of which some are the same; give each its own")
    for path in (output, *others):
        if not path.resolve().parent.is_dir():
            raise SettingError(f"{path} was asked for; there is no folder {path.parent}; make it first")


def read_recipe(named: str) -> Recipe:
    """Return a recipe by its name, or from a file of JSON.

    Raises
    ------
    SettingError : there is none of that name, or the file is no recipe.
    """
    if not named.endswith(".json"):
        return recipe_of(named)
    if not Path(named).is_file():
        raise SettingError(f"recipe {named} was asked for; it is no file; give one, or the name of a recipe")
    return Recipe.from_json(Path(named).read_text())


class DocumentFile:
    """A file of documents, which is read twice: as records, and when its kept ones are copied."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state = _state_of(path)
        self._is_parquet = parquet.is_parquet(str(path))

    def rows(self, text_column: str, id_column: str) -> Iterator[Row | Rejected]:
        """Read the records."""
        read = parquet.read_parquet if self._is_parquet else json_lines.read_json_lines
        return read(str(self._path), text_column, id_column)

    def write_kept(self, output: Path, records: list[int]) -> None:
        """Copy records as they are, one or some in memory at a time.

        Raises
        ------
        CorruptError : the file has changed since its records were read.
        """
        kept = np.zeros(max(records, default=-1) + 1, np.bool_)
        kept[records] = True
        with _replaced(output) as path:
            if self._is_parquet:
                parquet.copy_rows(str(self._path), path, kept)
            else:
                _copy_lines(str(self._path), path, kept)
            if _state_of(self._path) != self._state:
                raise CorruptError(f"{self._path} changed while it was pruned; run it again")

    def write_dropped(self, output: Path, rows: list[Row], mixture: Mixture) -> None:
        """Write, for each document that was dropped, by which step, why, and because of which other."""
        with _written(output) as sink:
            for one in mixture.dropped:
                row, witness = one["row"], one["witness"]
                assert isinstance(row, int)
                fields = {
                    **self._place(rows[row].record),
                    **{name: one[name] for name in ("id", "step", "reason", "score", "threshold")},
                    "witness": one["witness_id"],
                    **(self._place(rows[witness].record, "witness_") if isinstance(witness, int) else {}),
                    "why": mixture.why(row),
                }
                _write_line(sink, fields)

    def write_rejected(self, output: Path, rejected: list[Rejected]) -> None:
        """Write, for each record that is no document, where it is and what is wrong."""
        with _written(output) as sink:
            for one in rejected:
                _write_line(sink, {**self._place(one.record), "reason": one.reason, "detail": one.detail})

    def _place(self, record: int, prefix: str = "") -> dict[str, int]:
        """Return a record's position: the line from 1, or the row from 0."""
        return {f"{prefix}row": record} if self._is_parquet else {f"{prefix}line": record + 1}


def _copy_lines(source: str, target: str, kept: NDArray[np.bool_]) -> None:
    """Copy the lines that are kept, byte for byte."""
    with json_lines.opened(target, "wb") as sink:
        for number, line in enumerate(json_lines.lines_of(source)):
            if number >= len(kept):
                break
            if kept[number]:
                sink.write(line)


def _write_line(sink: BinaryIO, value: Mapping[str, object]) -> None:
    """Write a value as a line of JSON."""
    sink.write(json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n")


@contextlib.contextmanager
def _written(output: Path) -> Generator[BinaryIO]:
    """Open a file for writing, which appears under its name once it is complete."""
    with _replaced(output) as path, json_lines.opened(path, "wb") as sink:
        yield sink


@contextlib.contextmanager
def _replaced(output: Path) -> Generator[str]:
    """Yield a path to write to; its file replaces the output when the block succeeds."""
    beside = output.with_name(f".partial-{output.name}")
    try:
        yield str(beside)
        os.replace(beside, output)
    finally:
        beside.unlink(missing_ok=True)


def _state_of(path: Path) -> tuple[int, int]:
    """Return what changes when a file does."""
    state = path.stat()
    return state.st_size, state.st_mtime_ns
