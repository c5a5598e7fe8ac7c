"""Planted secrets: credentials that no file, log, event or error may hold; and who listens where."""

from __future__ import annotations

import contextlib
import re
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from support import postgres

from resources.storage.files import Files

SECRET = "planted-4711-secret"
KEYS = {
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "HF_TOKEN": SECRET,
}  # what processes are given, beside a database's password


def with_password(url: str) -> str:
    """Return the URL of a database with a password, which a server that trusts everybody does not read."""
    return url.replace("@", f":{SECRET}@", 1)


def addresses(processes: Iterable[psutil.Process]) -> set[str]:
    """List the addresses on which processes listen."""
    found: set[str] = set()
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended since they were listed
            connections = process.net_connections("inet")
            found |= {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}
    return found


def check_nowhere(folder: Path, *, bucket: str, database: str, marker: str) -> None:
    """Make sure that no secret lies in a folder, in a bucket, in a database.

    Parameters
    ----------
    marker : what is no secret, and lies in Parquet and in the database: that it is found shows that a secret
        would be, as does an asset's name in an unpacked snapshot
    """
    found: set[str] = set()
    for name, content in _written(folder, bucket, database):
        assert SECRET.encode() not in content, name
        if (b"raw_shards" if name == "a snapshot" else marker.encode()) in content:
            found.add(Path(name).suffix or name)
    assert found >= {"the event log", "a snapshot", ".parquet"}, found


def _written(folder: Path, bucket: str, database: str) -> Iterator[tuple[str, bytes]]:
    """Read everything that was written."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
    files = Files(bucket)
    for file in files.walk(bucket):
        content = files.read(file.uri)
        yield file.uri, content
        if file.uri.endswith(".parquet"):
            yield file.uri, str(pq.read_table(pa.BufferReader(content)).to_pylist()).encode()
    dump = subprocess.run(
        [f"{postgres.BIN}/pg_dump", "--inserts", database], capture_output=True, check=True
    ).stdout
    assert b"event_logs" in dump
    yield "the event log", dump
    for packed in re.findall(rb"\\x(78(?:01|5e|9c|da)[0-9a-f]+)", dump):  # Dagster's snapshots of jobs
        yield "a snapshot", zlib.decompress(bytes.fromhex(packed.decode()))
