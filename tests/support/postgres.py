"""A real Postgres server for tests, of the newest version that is installed."""

import contextlib
import glob
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from support.s3 import free_port

_FOUND = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
BIN = _FOUND[-1] if _FOUND else ""  # Debian keeps the server's programs off the PATH
_USER = "postgres"


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server on a new and empty cluster, on 127.0.0.1; give the URL of its database."""
    # it refuses to run as root
    as_user = {"user": _USER, "group": _USER, "extra_groups": []} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory() as folder:
        if as_user:
            shutil.chown(folder, _USER, _USER)
        data, port = Path(folder) / "data", free_port()
        initdb = [f"{BIN}/initdb", "-D", str(data), "-U", _USER, "-A", "trust", "--no-sync"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd="/", **as_user)
        command = [f"{BIN}/postgres", "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", folder]
        with subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL, **as_user) as server:
            try:
                _wait(port)
                yield f"postgresql://{_USER}@127.0.0.1:{port}/postgres"
            finally:
                server.terminate()


def _wait(port: int) -> None:
    """Wait until it answers."""
    for _ in range(300):
        if not subprocess.run(
            [f"{BIN}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
        ).returncode:
            return
        time.sleep(0.1)
    raise AssertionError("Postgres did not start in 30 s")
