"""The inputs of comparisons, each made once by a module of benchmarks/inputs and kept under build/bench."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.measuring.child import environment
from benchmarks.measuring.environments import BUILD, ROOT

INPUTS = BUILD / "bench" / "inputs"


class NoInputError(Exception):
    """An input could not be made; the message says why."""


def input_of(prepare: tuple[str, ...]) -> Path:
    """Return the folder of an input, which is made if it is missing or is made otherwise now.

    Raises
    ------
    NoInputError : with the last line of what failed.
    """
    module, *arguments = prepare
    source = ROOT / Path(*module.split(".")).with_suffix(".py")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    folder = INPUTS / "-".join([source.stem, *arguments, digest])
    if not folder.is_dir():
        beside = folder.with_name(f".making-{folder.name}")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        command = [sys.executable, "-m", module, str(beside), *arguments]
        # on one thread: beside other work that takes the fewest core-seconds
        done = subprocess.run(
            command, cwd=ROOT, env=environment(1), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NoInputError(f"{module}: {(done.stderr.strip() or 'it printed nothing').splitlines()[-1]}")
        beside.rename(folder)
    return folder
