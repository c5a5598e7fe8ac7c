"""What minhash_scores cost from nothing and after a hundredth more documents: core-seconds and memory.

    .venv/bin/python benchmarks/minhash_increment.py [--documents 200000] [--repetitions 3]

A lake of short synthetic texts, some of them near-copies and copies of others, is written through the store
and the library. Then a shard with a hundredth more is added. minhash_scores are made from those before, and
from nothing, each in a process of its own, whose most memory beyond what it began with is told too.
"""

import argparse
import hashlib
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.graph import discover
from assets.graph.build import build_partition, tasks
from assets.graph.lake import LakeResources
from assets.ingest.minhash_signatures import SIGNATURES
from assets.ingest.raw_shards import DOCUMENTS
from guyot.seeds import generator
from guyot.text.minhash_signatures import N_PERMUTATIONS, signatures
from guyot.text.shingles import shingles
from resources.lake.manifest import WHOLE
from resources.settings import Settings

WORDS = 40  # in a text
VOCABULARY = 20_000
NEAR, COPIES = 0.05, 0.03  # shares of texts that are an earlier one with a word changed, or as it is
BATCH = 5_000


def texts(n: int) -> Iterator[list[str]]:
    """Draw texts, batch by batch; near-copies and copies are of the texts of their batch."""
    for begin in range(0, n, BATCH):
        size = min(BATCH, n - begin)
        draw = generator(0, "texts", begin)
        words = draw.integers(0, VOCABULARY, (size, WORDS))
        kind = draw.random(size)
        again = np.flatnonzero(kind < NEAR + COPIES)
        words[again] = words[draw.integers(0, size, len(again))]
        near = np.flatnonzero(kind < NEAR)
        words[near, 0] = VOCABULARY + near
        yield [" ".join(f"w{word}" for word in row) for row in words.tolist()]


def write_lake(root: Path, documents: int) -> None:
    """Write a lake's texts and signatures, in shards of a batch, with a hundredth more in the last ones."""
    lake = lake_of(root)
    for number, contents in enumerate([*texts(documents), *texts_added(documents)]):
        shard = f"shard-{number:05d}"
        ids = [digest(f"{shard}/{row}") for row in range(len(contents))]
        rows = {name: [""] * len(ids) for name in DOCUMENTS.names}
        rows |= {"doc_id": ids, "content": contents, "split": ["train"] * len(ids)}
        rows["content_digest"] = [digest(text) for text in contents]
        with lake.store.write("raw_shards", shard, inputs={}, settings={}, code="") as writer:
            writer.table(pa.table(rows, schema=DOCUMENTS.schema))
        signed = np.ravel(signatures(shingles(contents, "words", 5)))
        column = pa.FixedSizeListArray.from_arrays(pa.array(signed), N_PERMUTATIONS)
        inputs = {"raw_shards": lake.store.required("raw_shards", shard).content}
        with lake.store.write("minhash_signatures", shard, inputs=inputs, settings={}, code="") as writer:
            columns = [pa.array(ids), column.cast(SIGNATURES.schema.field("signature").type)]
            writer.table(pa.table(columns, schema=SIGNATURES.schema), plain=SIGNATURES.names)


def texts_added(documents: int) -> Iterator[list[str]]:
    """Return the texts of a hundredth more; half of them follow the first texts, as near-copies."""
    added = max(2, documents // 100)
    first = next(texts(min(BATCH, documents)))
    old = [f"changed {text.split(' ', 1)[1]}" for text in first[: added // 2]]
    draw = generator(0, "added")
    words = draw.integers(0, VOCABULARY, (added - len(old), WORDS))
    fresh = [" ".join(f"w{word}" for word in row) for row in words.tolist()]
    yield [*old, *fresh]


def digest(text: str) -> str:
    """Hash to 32 hex digits."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def lake_of(root: Path) -> LakeResources:
    """Open the lake."""
    return LakeResources(Settings.of(lake=str(root), source=str(root), encoder="hashing"))


def take_snapshot(lake: LakeResources, *, added: bool) -> None:
    """Write cluster_scores of nothing but a snapshot, with what was added or without."""
    shards = lake.store.partitions("raw_shards")
    names = ("raw_shards", "minhash_signatures")
    snapshot = {s: {name: lake.store.required(name, s).version for name in names} for s in shards}
    if not added:
        del snapshot[shards[-1]]
    inputs = {"snapshot": str(len(snapshot))}
    with lake.store.write("cluster_scores", WHOLE, inputs=inputs, settings={}, code="") as writer:
        writer.table(pa.table({"doc_id": pa.array([], pa.string())}))
        writer.facts["snapshot"] = snapshot


def build(root: Path) -> dict[str, float | str]:
    """Make minhash_scores; return core-seconds, the memory that it took, and how it was made."""
    lake, asset = lake_of(root), discover.asset("minhash_scores")
    work = tasks(asset, lake, asset.specs(lake, [WHOLE]))
    pc.equal(pa.array(["a"]), "a")  # Arrow loads much at its first comparison, which is not counted
    before, begun = memory("VmRSS"), time.process_time()
    built = build_partition(work[0])
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "bytes": peak - before, "made_by": str(built.shown["made_by"])}


def memory(name: str) -> int:
    """Read a figure of this process's memory, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


def apart(root: Path) -> dict[str, float | str]:
    """Build in a process of its own."""
    command = [sys.executable, __file__, "--build", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def tables(lake: LakeResources) -> list[bytes]:
    """Read the tables of the scores."""
    manifest = lake.store.required("minhash_scores")
    return [lake.store.checked(manifest, name) for name in sorted(manifest.files)]


def report(documents: int, repetitions: int) -> None:
    """Build, measure and print."""
    taken: dict[str, list[dict[str, float | str]]] = {"rebuild": [], "increment": []}
    equal = True
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        write_lake(root, documents)
        lake = lake_of(root)
        for _ in range(repetitions):
            shutil.rmtree(root / "minhash_scores", ignore_errors=True)
            take_snapshot(lake, added=False)
            apart(root)
            take_snapshot(lake, added=True)
            taken["increment"].append(apart(root))
            incremented = tables(lake)
            shutil.rmtree(root / "minhash_scores")
            taken["rebuild"].append(apart(root))
            equal &= incremented == tables(lake)
    click.echo(f"{documents:,} documents and {max(2, documents // 100):,} more")
    medians: dict[str, float] = {}
    for name, found in taken.items():
        assert all(one["made_by"] == name for one in found), found
        seconds = sorted(float(one["seconds"]) for one in found)
        medians[name] = statistics.median(seconds)
        held = statistics.median(float(one["bytes"]) for one in found) / documents
        click.echo(
            f"{name:>9}: {medians[name]:.2f} core-seconds ({seconds[0]:.2f} to {seconds[-1]:.2f}, "
            f"n={len(seconds)}), {held:,.0f} bytes per document"
        )
    click.echo(f"increment / rebuild: {medians['increment'] / medians['rebuild']:.3f}")
    click.echo(f"equal bytes: {'yes' if equal else 'NO'}")


def main() -> None:
    """Report, or build for a process that does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.build:
        print(json.dumps(build(given.build)))  # noqa: T201
        return
    report(given.documents, given.repetitions)


if __name__ == "__main__":
    main()
