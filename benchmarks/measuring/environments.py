"""The environments in which ways run: Guyot's own, and those of the peers, each pinned by a file."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
GUYOT = "guyot"
TORCH = "torch==2.13.0"  # as in the Makefile, which passes its TORCH on: elsewhere it may need an index


@dataclass(frozen=True)
class Environment:
    """An environment: its folder under build/, its pinned packages, and whether torch goes in before them."""

    folder: str
    requirements: str
    torch: bool = False
    only_named: bool = False


ENVIRONMENTS = {
    "peers": Environment("bench-venv", "peers.txt", torch=True),
    "text_dedup": Environment("bench-venv-text-dedup", "text_dedup.txt"),
    "sb3": Environment("bench-venv-sb3", "sb3.txt", torch=True),
    # for the texts in it: none of its code is ever imported, so nothing that it would need is installed
    "texts": Environment("bench-venv-texts", "texts.txt", only_named=True),
}


class NotSetUpError(Exception):
    """An environment could not be made; the message says why."""


def python_of(environment: str) -> Path:
    """Return the interpreter of an environment, which is made if it is missing or another was pinned.

    Raises
    ------
    NotSetUpError : with the last lines of what failed.
    """
    if environment == GUYOT:
        return Path(sys.executable)
    spec = ENVIRONMENTS[environment]
    requirements = ROOT / "benchmarks" / "requirements" / spec.requirements
    python = BUILD / spec.folder / "bin" / "python"
    stamp = BUILD / spec.folder / ".set-up"
    torch = os.environ.get("TORCH") or TORCH
    wanted = hashlib.sha256(requirements.read_bytes() + torch.encode() * spec.torch).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        _run([sys.executable, "-m", "venv", "--clear", str(BUILD / spec.folder)])
        pip = [str(python), "-m", "pip", "install", "--quiet"]
        if spec.torch:  # first, so that a CPU build is not traded for a CUDA one
            _run([*pip, *torch.split()])
        _run([*pip, *["--no-deps"] * spec.only_named, "--requirement", str(requirements)])
        stamp.write_text(wanted)
    return python


def _run(command: list[str]) -> None:
    """Run a step of the setup."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = " ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise NotSetUpError(f"{' '.join(command[1:5])} failed: {last}")
