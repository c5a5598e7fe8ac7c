"""A tiny source and the lake that `guyot run` makes of it, for tests that ask a finished lake."""

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest
from filelock import FileLock

GUYOT = Path(sysconfig.get_path("scripts")) / "guyot"
SETTINGS = {
    "ENCODER": "hashing", "TRAINING__TOKENS": "2000", "TRAINING__BATCH_WINDOWS": "2",
    "TRAINING__WINDOW_TOKENS": "64",
    "TRAINING__MODEL_WIDTH": "16", "TRAINING__MODEL_LAYERS": "1", "TRAINING__MODEL_HEADS": "2",
    "TOKENIZATION__VOCABULARY_SIZE": "300",
    "AUDIT__BOOTSTRAP_DRAWS": "20", "READING__HELD_OUT_FRACTION": "0.2", "TRAINING__EVALUATION_TOKENS": "64",
}  # fmt: skip


def write_source(source: Path) -> None:
    """Write packages of near-duplicates, a copy, some prose, and a file that cannot be read."""
    for package in range(12):
        folder = source / f"package{package}"
        folder.mkdir(parents=True)
        for number in range(3):
            body = "\n".join(
                f"def f{number}_{i}(x):\n    return x * {package * i}" for i in range(3 + number)
            )
            (folder / f"module{number}.py").write_text(body)
        (folder / "notes.md").write_text(f"# Package {package}\n" + "It multiplies. " * package)
    (source / "package2" / "copy.py").write_text((source / "package1" / "module2.py").read_text())
    (source / "latin.py").write_bytes(b"x = '\xe9\xff'\n")


def shared_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake with evaluated runs of semdedup and d4, made once for all test processes; only read it."""
    base = tmp_path_factory.getbasetemp()
    base = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared-lake"
    with FileLock(f"{base}.lock"):
        if not (base / "lake" / "catalogue.duckdb").exists():
            write_source(base / "source")
            make_lake(
                base / "lake",
                base / "source",
                "--recipe",
                "semdedup",
                "--recipe",
                "d4",
                "--until",
                "evaluations",
            )
    return base / "lake"


def make_lake(lake: Path, source: Path, *arguments: str) -> None:
    """Run the graph."""
    settings = {f"GUYOT_{name}": value for name, value in SETTINGS.items()}
    environment = {**os.environ, **settings, "GUYOT_LAKE": str(lake), "GUYOT_SOURCE": str(source)}
    done = subprocess.run(
        [GUYOT, "run", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
