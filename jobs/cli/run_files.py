"""Reads the files that a training elsewhere leaves: hyperparameters, metrics over time, checkpoints."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from guyot.errors import SettingError

SAFETENSORS = ".safetensors"
STEP = "step"


def object_of(path: Path | None, what: str) -> dict[str, Any]:
    """Read a JSON object; an empty one where no file is given.

    Raises
    ------
    SettingError : the file cannot be read, or holds something else.
    """
    if path is None:
        return {}
    found = _json(_text(path, what), f"{path}, given as {what},")
    if not isinstance(found, dict):
        raise SettingError(
            f"{path}, given as {what}, holds a {type(found).__name__}; it must be a JSON object"
        )
    return found


def metrics_of(path: Path | None) -> list[dict[str, Any]]:
    """Read metrics over time, in the order of the file: step, name and value of each number in each line.

    Raises
    ------
    SettingError : a line is no JSON object, or has no step.
    """
    if path is None:
        return []
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(_text(path, "metrics").splitlines(), 1):
        if line.strip():
            rows += _metrics_of_line(line, f"line {number} of {path}")
    return rows


def checkpoints_of(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Describe files of weights: path, bytes, digest (BLAKE2b, 128 bits) and, of safetensors, the tensors.

    Raises
    ------
    SettingError : one is no file, or is called safetensors and is none.
    """
    found: list[dict[str, Any]] = []
    for path in paths:
        if not path.is_file():
            what = "is a folder; name the files in it" if path.is_dir() else "is not there"
            raise SettingError(f"checkpoint {path} was given; it {what}")
        tensors = _tensors_of(path) if path.suffix == SAFETENSORS else None
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        about = {"path": str(path), "bytes": path.stat().st_size, "digest": digest, "tensors": tensors}
        found.append(about)
    return found


def _metrics_of_line(line: str, where: str) -> Iterator[dict[str, Any]]:
    """Yield the numbers of a line; what is no number is passed over, as trainers log names and times too."""
    found = _json(line, where)
    if not isinstance(found, dict) or not _is_number(found.get(STEP)) or found[STEP] != int(found[STEP]):
        raise SettingError(
            f"{where} has no step: {line[:80]!r}; each line of metrics must be a JSON object with a whole "
            "number `step` and numbers by name"
        )
    for name, value in found.items():
        if name != STEP and _is_number(value):
            yield {"step": int(found[STEP]), "name": name, "value": float(value)}


def _is_number(value: Any) -> bool:
    """Return whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tensors_of(path: Path) -> int:
    """Check the header of a safetensors file; return how many tensors it names."""
    import safetensors

    try:
        with safetensors.safe_open(path, framework="np") as file:
            return len(list(file.keys()))
    except safetensors.SafetensorError as error:
        raise SettingError(
            f"checkpoint {path} was given; it is no whole safetensors file: {error}; write it again"
        ) from error


def _text(path: Path, what: str) -> str:
    """Read a file as text."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} was given as {what}; it cannot be read as text: {error}") from error


def _json(text: str, where: str) -> Any:
    """Read JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise SettingError(f"{where} is no JSON: {error}") from error
