"""A tiny source and the lake that `guyot run` makes of it, for tests of the command as people run it."""

import os
import subprocess
import sysconfig
from pathlib import Path

GUYOT = Path(sysconfig.get_path("scripts")) / "guyot"
SETTINGS = {
    "ENCODER": "hashing", "TRAIN_TOKENS": "2000", "TRAIN_BATCH_WINDOWS": "2", "TRAIN_WINDOW_TOKENS": "64",
    "MODEL_WIDTH": "16", "MODEL_LAYERS": "1", "MODEL_HEADS": "2", "VOCABULARY_SIZE": "300",
    "BOOTSTRAP_DRAWS": "20", "HELD_OUT_FRACTION": "0.2", "EVALUATION_TOKENS": "64",
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


def make_lake(lake: Path, source: Path, *arguments: str) -> None:
    """Run the graph."""
    settings = {f"GUYOT_{name}": value for name, value in SETTINGS.items()}
    environment = {**os.environ, **settings, "GUYOT_LAKE": str(lake), "GUYOT_SOURCE": str(source)}
    done = subprocess.run(
        [GUYOT, "run", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
