"""Source trees of hostile files, drawn from a seed: every format in every state, with what each must yield."""

from __future__ import annotations

import functools
import gzip
import io
import json
import os
import random  # noqa: TID251  (of no result that is kept)
import socket
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from support.images import encoded, picture

WORDS = "the of and to in is it you that was for on are with as his they at one have this from".split()
JSON_LINES = (".jsonl", ".jsonl.gz", ".jsonl.zst")
NAMES = ("plain", "with space", "naïve 日本", "e\u0301", "line\nbreak", "esc\x1b[31m", "\u202eright", "'--", "x" * 190,
         "%00", "*?", "a" + "\u200b", "\U0001f600", "-rf", "$(id)")  # fmt: skip
VALUES = (
    None,
    True,
    -1,
    2**70,
    1e400,
    -0.0,
    "",
    "\u0000",
    "\ud7ff",
    [],
    {},
    [[[1]]],
    {"a": {"b": None}},
    "x" * 20_000,
)


@dataclass(frozen=True)
class Planted:
    """A file of a tree.

    path : below the root; its name may be no UTF-8
    what : its format and state
    documents, quarantined : what it must yield; None where that is not known
    at_most : documents that it may yield
    changes : whether it becomes another file while it is read
    """

    path: bytes
    what: str
    documents: int | None
    quarantined: int | None
    at_most: int
    changes: bool = False


def write_tree(root: Path, seed: int, documents: str, n_files: int = 40) -> list[Planted]:
    """Write a tree.

    Parameters
    ----------
    documents : text or image, what a lake of it holds
    """
    draw = random.Random(seed)
    makers = IMAGE_MAKERS if documents == "image" else TEXT_MAKERS
    found = _write_special(root, draw) if draw.random() < 0.5 else []
    for number in range(n_files):
        extension, make = draw.choice(makers)
        n_records = draw.choice((1, 2, 7, 60))
        content = make(draw, n_records)
        state = draw.choice(tuple(STATES))
        content, documents_, quarantined, at_most = STATES[state](draw, content, n_records, extension)
        name = f"{number:03d} {draw.choice(NAMES)}{extension}"
        folder = draw.choice(("", "deep/er/", f"{draw.choice(NAMES)[:40]} {number}/"))
        path = os.fsencode(root) + b"/" + (folder + name).encode("utf-8", "surrogatepass")
        if draw.random() < 0.03:
            path, documents_, quarantined, at_most = path + b"\xff" + extension.encode(), 0, 1, 0
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as sink:
            sink.write(content)
        changes = draw.random() < 0.1 and documents_ == n_records and b"\xff" not in path
        relative = path.removeprefix(os.fsencode(root) + b"/")
        found.append(
            Planted(relative, f"{extension} {state}", documents_, quarantined, at_most, changes=changes)
        )
    return found


def _text(draw: random.Random) -> str:
    return " ".join(draw.choices(WORDS, k=draw.choice((1, 5, 200)))) + f" {draw.random()}"


def _lines(draw: random.Random, n_records: int) -> bytes:
    odd = {f"c{i}": value for i, value in enumerate(draw.sample(VALUES, 4)) if value != 1e400}
    records = [{"text": _text(draw), "id": f"k{i}", **odd} for i in range(n_records)]
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def _packed(extension: str) -> Callable[[random.Random, int], bytes]:
    return lambda draw, n_records: _pack(_lines(draw, n_records), extension)


def _pack(content: bytes, extension: str) -> bytes:
    if extension.endswith(".gz"):
        return gzip.compress(content, mtime=0)
    return pa.compress(content, codec="zstd", asbytes=True) if extension.endswith(".zst") else content


def _table(table: pa.Table, draw: random.Random) -> bytes:
    sink = io.BytesIO()
    pq.write_table(
        table, sink, compression=draw.choice(("none", "snappy", "gzip", "zstd", "brotli", "lz4")),
        use_dictionary=draw.random() < 0.5, row_group_size=draw.choice((1, 5, 1000)),
        data_page_version=draw.choice(("1.0", "2.0")), version=draw.choice(("1.0", "2.4", "2.6")),
    )  # fmt: skip
    return sink.getvalue()


def _parquet(draw: random.Random, n_records: int) -> bytes:
    type_ = draw.choice((pa.string(), pa.large_string(), pa.binary(), pa.dictionary(pa.int32(), pa.string())))
    texts = pa.array([_text(draw) for _ in range(n_records)]).cast(type_)
    lists = pa.array([[1, None]] * n_records, pa.list_(pa.int64()))
    return _table(pa.table({"text": texts, "lists": lists, "nested": [{"a": [1]}] * n_records}), draw)


def _image_bytes(draw: random.Random) -> bytes:
    return encoded(picture(draw.randrange(1000)), draw.choice(("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")))


def _image_table(draw: random.Random, n_records: int) -> bytes:
    images = [{"bytes": _image_bytes(draw), "path": "a"} for _ in range(n_records)]
    return _table(pa.table({"image": images, "text": [_text(draw) for _ in images]}), draw)


def _archive(draw: random.Random, n_records: int) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for number in range(n_records):
            for extension, content in (("png", encoded(picture(number))), ("txt", _text(draw).encode())):
                member = tarfile.TarInfo(f"{number:05d}.{extension}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return sink.getvalue()


TEXT_MAKERS: list[tuple[str, Callable[[random.Random, int], bytes]]] = [
    *((extension, _packed(extension)) for extension in JSON_LINES), (".parquet", _parquet), (".parquet", _parquet),
    (".py", lambda draw, n_records: _text(draw).encode()),
]  # fmt: skip
IMAGE_MAKERS: list[tuple[str, Callable[[random.Random, int], bytes]]] = [
    (".parquet", _image_table), (".tar", _archive), (".png", lambda draw, n_records: _image_bytes(draw)),
]  # fmt: skip
Yield = tuple[bytes, int | None, int | None, int]  # content, documents, quarantined, documents at most


def _of_one(extension: str) -> bool:
    """Return whether a file is one document."""
    return extension in (".py", ".png")


def _good(draw: random.Random, content: bytes, n: int, extension: str) -> Yield:
    n = 1 if _of_one(extension) else n
    return content, n, 0, n


def _cut(draw: random.Random, content: bytes, n: int, extension: str) -> Yield:
    return content[: draw.randrange(len(content))], None, None, n


def _flipped(draw: random.Random, content: bytes, n: int, extension: str) -> Yield:
    changed, n_flips = bytearray(content), draw.choice((1, 3, 50))
    for _ in range(n_flips):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed), None, None, n + n_flips  # a flip can end a line, or begin a number of rows


def _other_bytes(draw: random.Random, content: bytes, n: int, extension: str) -> Yield:
    return (
        draw.choice((b"", b"\n", b"PAR1", b"\x1f\x8b", b"\xff" * 99, draw.randbytes(999), b"PAR1" * 50)),
        None,
        None,
        1,
    )


def _doubled(draw: random.Random, content: bytes, n: int, extension: str) -> Yield:
    return content + content, None, None, n


def _deep(draw: random.Random, content: bytes, n: int, extension: str) -> Yield:
    depth = draw.choice((300, 1000, 100_000))
    line = b'{"text": "a", "id": ' + b"[" * depth + b"]" * depth + b"}\n"
    return (
        (_pack(line, extension), None, None, 1)
        if extension in JSON_LINES
        else _good(draw, content, n, extension)
    )


@functools.cache
def _part(filler: bytes, extension: str) -> bytes:
    """Pack 4 MB."""
    return _pack(filler * (4_000_000 // len(filler)), extension)


def _bomb(draw: random.Random, content: bytes, n: int, extension: str) -> Yield:
    filler = draw.choice(
        (b"\n", b" ", b"x", b"[" + b"1," * 400 + b"1]\n", b'{"text": "' + b"a" * 900 + b'"}\n', b"\0")
    )
    if extension in (".jsonl.gz", ".jsonl.zst"):
        return _part(filler, extension) * draw.choice((1, 4)), None, None, 10**9
    if extension == ".parquet":
        large = draw.choice(("x" * 12_000_000, "x" * 900_000))
        sink = io.BytesIO()
        pq.write_table(
            pa.table({"text": [large] * 3, "image": [large.encode()] * 3}), sink, compression="zstd", use_dictionary=draw.random() < 0.5,
            row_group_size=2,
        )  # fmt: skip
        return sink.getvalue(), None, None, 3
    return _good(draw, content, n, extension)


STATES: dict[str, Callable[[random.Random, bytes, int, str], Yield]] = {
    "good": _good, "cut": _cut, "flipped": _flipped, "other bytes": _other_bytes, "doubled": _doubled, "deep": _deep,
    "bomb": _bomb,
}  # fmt: skip


def _write_special(root: Path, draw: random.Random) -> list[Planted]:
    """Write what is no file: each is one record of quarantine."""
    os.mkfifo(root / "pipe.parquet")
    os.mkfifo(root / "fifo.parquet")
    # the path of a socket is short: it is made beside and moved
    here = os.getcwd()
    os.chdir(root)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.parquet")
    os.chdir(here)
    links = {"gone.parquet": "nowhere", "self.parquet": "self.parquet", "null.parquet": "/dev/null", "up": ".",
             "zero.parquet": "/dev/zero", "kernel": "/proc", "messages.parquet": "/proc/kmsg", "inside.parquet": "pipe.parquet/x"}  # fmt: skip
    for name, target in links.items():
        (root / name).symlink_to(target)
    names = ["pipe.parquet", "fifo.parquet", "socket.parquet", *links]
    return [Planted(name.encode(), "special", 0, 1, 0) for name in names]
