"""Trees of hostile files, drawn from seeds: every record is a document or in quarantine, in bounded memory and time.

SEED is that of the first tree, MINUTES how long trees are drawn: `make fuzz` asks for 5, the suite for 2 small trees. Each run
prints a table.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support import hostile_reading
from support.hostile_trees import Planted, write_tree

from resources.sources.local_listing import printable
from resources.sources.reasons import REASONS

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory as Linux tells it")
SEED, SECONDS = int(os.environ.get("SEED", "0")), 60 * float(os.environ.get("MINUTES", "0"))
MAX_BYTES = 700_000_000  # of memory beyond what the program has, whatever the files
MAX_SECONDS, MAX_SECONDS_A_BYTE = 10.0, 20e-6  # of a core, for a file; of what it may unpack to
HEAD = f"{'tree':>6} {'files':>6} {'documents':>9} {'quarantined':>11} {'mismatches':>10} {'peak MB':>8}  slowest byte"


def read(root: Path, documents: str, planted: list[Planted]) -> dict[str, Any]:
    """Read a tree in another process."""
    changing = [one.path.hex() for one in planted if one.changes]
    command = [sys.executable, hostile_reading.__file__, str(root), documents, *changing]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout)


def mismatches(planted: list[Planted], found: dict[str, Any]) -> list[str]:
    """List what is not as it must be."""
    wrong: list[str] = []
    names = {printable(os.fsdecode(one.path)): one for one in planted}
    for path in names.keys() ^ found["files"].keys():
        wrong.append(f"{path!r} was {'not read' if path in names else 'read and not planted'}")
    for path in names.keys() & found["files"].keys():
        one, counts = names[path], dict(found["files"][path]["counts"])
        documents, changed = counts.pop("documents", 0), counts.pop("changed", 0)
        said = f"{path!r}, {one.what}: {documents} documents, {changed} changed, {counts}"
        if counts.keys() - REASONS.keys():
            wrong.append(f"{said}: an unknown reason")
        if not documents + sum(counts.values()) + changed or documents > one.at_most:
            wrong.append(f"{said}: nothing, or more than {one.at_most} documents")
        if one.changes:
            if not changed:
                wrong.append(f"{said}: it changed, and nothing was said")
        elif (
            changed
            or one.documents not in (None, documents)
            or one.quarantined not in (None, sum(counts.values()))
        ):
            wrong.append(f"{said}; {one.documents} and {one.quarantined} were planted")
    return wrong


def slow(found: dict[str, Any]) -> tuple[list[str], float, str]:
    """List the files that took too long; return the most seconds that a byte took, and of which file."""
    free, expansion = (
        hostile_reading.SETTINGS[f"reading.{n}"] for n in ("free_unpacked_bytes", "max_expansion")
    )
    wrong, worst, name = [], 0.0, ""
    for path, one in found["files"].items():
        allowed = max(free, expansion * one["bytes"])
        if one["seconds"] > max(MAX_SECONDS, MAX_SECONDS_A_BYTE * allowed):
            wrong.append(f"{path!r} of {one['bytes']} bytes took {one['seconds']:.1f} s")
        if one["bytes"] > 1000 and one["seconds"] / one["bytes"] > worst:
            worst, name = one["seconds"] / one["bytes"], path
    return wrong, worst, name


def check(root: Path, seed: int, n_files: int = 40) -> tuple[str, list[str]]:
    """Write a tree, read it, and return its line of the table and what is wrong."""
    documents = ("text", "text", "image")[seed % 3]
    root.mkdir()
    planted = write_tree(root, seed, documents, n_files)
    found = read(root, documents, planted)
    wrong = mismatches(planted, found)
    took_long, worst, name = slow(found)
    grown = found["peak"] - found["before"]
    if grown > MAX_BYTES:
        wrong.append(f"{grown} bytes of memory were needed")
    counts = [one["counts"] for one in found["files"].values()]
    n_documents = sum(one.get("documents", 0) for one in counts)
    n_rejected = sum(sum(one.values()) for one in counts) - n_documents
    line = (
        f"{seed:>6} {len(planted):>6} {n_documents:>9} {n_rejected:>11} {len(wrong):>10} {grown / 1e6:>8.0f}  "
        f"{worst * 1e6:.2f} us, {name[:60]!r}"
    )
    shutil.rmtree(root)
    return line, [f"seed {seed}: {one}" for one in (*wrong, *took_long)]


@pytest.mark.parametrize("seed", [0, 2])
def test_a_tree_of_hostile_files_loses_no_record(tmp_path: Path, seed: int) -> None:
    line, wrong = check(tmp_path / "tree", seed, n_files=12)
    assert not wrong, f"{HEAD}\n{line}\n" + "\n".join(wrong)


@pytest.mark.long
def test_trees_of_hostile_files_lose_no_record_for_minutes(tmp_path: Path) -> None:
    until, seed = time.monotonic() + SECONDS, SEED
    print(f"\n{HEAD}")  # noqa: T201  (with -s)
    while seed == SEED or time.monotonic() < until:
        line, wrong = check(tmp_path / "tree", seed)
        print(line, flush=True)  # noqa: T201
        assert not wrong, "\n".join(wrong)
        seed += 1
