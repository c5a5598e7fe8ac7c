"""Models that are made from others once per machine, and kept in a cache folder."""

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from guyot.errors import CorruptError
from resources.models.text_model import sha256

DIGESTS = "sha256.json"


def cache_folder() -> Path:
    """Return the folder of what can be made again: guyot in XDG_CACHE_HOME, by default in ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guyot"


def made_once(kind: str, identity: str, names: Sequence[str], make: Callable[[Path], None]) -> Path:
    """Return the directory of a model, making it if there is none.

    Parameters
    ----------
    kind : the folder in the cache folder
    identity : a hash of all that decides what is made
    names : the files whose digests are written beside them, and compared each time
    make : writes the files into an empty folder

    Raises
    ------
    CorruptError : the files in the cache are not those that were written.

    Notes
    -----
    Another process that asks meanwhile waits; a process that is killed leaves nothing that counts.
    """
    target = cache_folder() / kind / identity
    if not target.is_dir():
        with _locked(target.with_suffix(".lock")):
            if not target.is_dir():  # or another process has made it meanwhile
                _write(target, names, make)
    _check(target, kind, names)
    return target


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that other processes wait for, and that ends with this process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(target: Path, names: Sequence[str], make: Callable[[Path], None]) -> None:
    """Make a model in a folder beside, which gets its name when it is whole."""
    for leftover in target.parent.glob(f"{target.name}.tmp-*"):  # of a process that was killed
        shutil.rmtree(leftover)
    beside = Path(tempfile.mkdtemp(prefix=f"{target.name}.tmp-", dir=target.parent))
    try:
        make(beside)
        (beside / DIGESTS).write_text(json.dumps({name: sha256(beside / name) for name in names}))
        for path in beside.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _check(folder: Path, kind: str, names: Sequence[str]) -> None:
    """Compare the files with the digests that were written beside them."""
    with contextlib.suppress(OSError, ValueError):
        wanted = json.loads((folder / DIGESTS).read_text())
        if wanted == {name: sha256(folder / name) for name in names}:
            return
    raise CorruptError(
        f"the {kind} model in {folder} is not what was written there; remove that folder, and it is "
        "made again"
    )
