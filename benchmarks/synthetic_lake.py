"""A synthetic lake for benchmarks: documents with given vectors and signals, written as their assets would.

No text is read and nothing is encoded: what costs is the graph from the centroids on.
"""

import dataclasses
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.cluster.scoring.scored_documents import CLUSTERS
from assets.graph import discover
from assets.graph.build import Built, build_partition, tasks
from assets.graph.doc_ids import id_column
from assets.graph.lake import LakeResources
from assets.ingest import shard_registry
from guyot.seeds import generator
from resources.lake.manifest import ROWS, WHOLE, Manifest
from resources.settings import Settings
from resources.sources.registry import Entry, table_of
from resources.sources.scan import Listing

KINDS = ("markdown", "python", "text")
HELD_OUT = 0.02  # share of the documents


@dataclasses.dataclass(frozen=True)
class Shape:
    """How large the lake is: documents before the increment, in all shards together and in each."""

    documents: int
    width: int
    shard_documents: int

    @property
    def added(self) -> int:
        """Documents of the increment: a hundredth."""
        return max(1, self.documents // 100)

    @property
    def total(self) -> int:
        """Documents after the increment."""
        return self.documents + self.added

    @property
    def begins(self) -> list[int]:
        """Where each shard begins, the increment last, and the end of all."""
        return [*range(0, self.documents, self.shard_documents), self.documents, self.total]

    @property
    def shards(self) -> list[str]:
        """The names of the shards; the increment is the last."""
        return [f"shard-{number:05d}" for number in range(len(self.begins) - 1)]


@dataclasses.dataclass(frozen=True)
class Synthetic:
    """The lake of the benchmark, and the registry before and after the increment."""

    lake: LakeResources
    before: Listing
    after: Listing

    @classmethod
    def of(cls, root: Path, shape: Shape, **settings: object) -> "Synthetic":
        """Open the lake in a folder."""
        own = Settings.of(lake=str(root), source=str(root), encoder="hashing", **settings)
        return cls(LakeResources(own), _listing(shape.shards[:-1]), _listing(shape.shards))

    def register(self, listing: Listing) -> None:
        """Make the files of a listing the live ones."""
        shard_registry.record(self.lake, listing)

    def build(self, asset: str, keys: Sequence[str] = (WHOLE,)) -> list[Built]:
        """Build partitions of an asset; those that the lake holds are reused."""
        declared = discover.asset(asset)
        return [build_partition(task) for task in tasks(declared, self.lake, declared.specs(self.lake, keys))]

    def assign(self) -> None:
        """Assign every shard that is not."""
        self.build("cluster_assignments", self.lake.shards())

    def score(self) -> Manifest:
        """Build cluster_scores."""
        self.build("cluster_scores")
        return self.lake.store.required("cluster_scores")

    def forget(self, table: str) -> None:
        """Remove a table, so that nothing is left to build upon."""
        shutil.rmtree(Path(self.lake.store.path(table)), ignore_errors=True)

    def bytes_of(self, manifest: Manifest) -> list[bytes]:
        """Read the tables of the scores."""
        return [self.lake.store.checked(manifest, name) for name in (ROWS, CLUSTERS.file)]

    def write(
        self, table: str, shard: str, rows: pa.Table, vectors: NDArray[np.float16] | None = None
    ) -> None:
        """Write a version as if its asset had built it."""
        spec = discover.asset(table).spec(self.lake, shard)
        inputs, settings = dict(spec.inputs), dict(spec.settings)
        with self.lake.store.write(table, shard, inputs=inputs, settings=settings, code=spec.code) as writer:
            writer.table(rows)
            if vectors is not None:
                writer.vectors(vectors)


def ids_of(shape: Shape) -> list[str]:
    """Draw a doc_id for each vector."""
    digits = generator(0, "ids").bytes(16 * shape.total).hex()
    return [digits[begin : begin + 32] for begin in range(0, len(digits), 32)]


def build_lake(
    root: Path, shape: Shape, vectors: NDArray[np.float16], copy_of: NDArray[np.int64] | None = None,
    **settings: object,
) -> Synthetic:  # fmt: skip
    """Write a lake whose documents have vectors and signals; its live files are those before the increment.

    Parameters
    ----------
    vectors : float16[n, d]
    copy_of : int64[n], the document whose content each has: itself, or an earlier one; None: its own
    """
    synthetic = Synthetic.of(root, shape, **settings)
    synthetic.register(synthetic.after)
    with synthetic.lake.store.write("tokenizer", WHOLE, inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"token": ["a"], "id": [0]}))
    ids = np.array(ids_of(shape), "S32")
    contents = ids if copy_of is None else ids[copy_of]
    for shard, begin, end in zip(shape.shards, shape.begins, shape.begins[1:], strict=False):
        part = slice(begin, end)
        synthetic.write("raw_shards", shard, _documents(shard, ids[part], contents[part]))
        synthetic.write("quality_signals", shard, _signals(shard, ids[part]))
        doc_ids = pa.table({"doc_id": id_column(ids[part])})
        synthetic.write("minhash_signatures", shard, doc_ids)
        synthetic.write("embeddings", shard, doc_ids, vectors[part])
    synthetic.register(synthetic.before)  # the centroids are older than the increment
    return synthetic


def _documents(shard: str, ids: NDArray[np.bytes_], contents: NDArray[np.bytes_]) -> pa.Table:
    """Lay documents out as raw_shards does, without their texts."""
    draw = generator(0, "documents", shard)
    split = np.where(draw.random(len(ids)) < HELD_OUT, "held_out", "train")
    return pa.table(
        {
            "doc_id": id_column(ids),
            "source_path": pa.array([f"{shard}/file"] * len(ids)),
            "kind": pa.array(np.array(KINDS)[draw.integers(0, len(KINDS), len(ids))]),
            "content_digest": id_column(contents),
            "split": pa.array(split),
        }
    )


def _signals(shard: str, ids: NDArray[np.bytes_]) -> pa.Table:
    """Draw the signals of short documents."""
    draw = generator(0, "signals", shard)
    tokens = np.exp(draw.normal(4, 1, len(ids))).astype(np.int64) + 1
    parts = {"bytes": 4.0, "chars": 3.9, "words": 0.7, "lines": 0.1, "max_line": 0.8}
    numbers = {name: (tokens * part).astype(np.int64) + 1 for name, part in parts.items()}
    shares = ("alpha_fraction", "repetition", "duplicate_lines", "compression_ratio")
    parses = pa.array(draw.random(len(ids)) < 0.95, mask=draw.random(len(ids)) < 2 / 3)
    return pa.table(
        {
            "doc_id": id_column(ids),
            **numbers,
            "tokens": tokens,
            **{name: draw.random(len(ids)) for name in shares},
            "parses": parses,
        }
    )


def _listing(shards: list[str]) -> Listing:
    """List a file per shard."""
    entry = Entry("file:///f", "f", "text", "f", "train", 1, "", "d", "", "", state="live")
    entries = [dataclasses.replace(entry, uri=f"file:///{s}", path=s, shard=s) for s in shards]
    return Listing(table_of(entries), {}, {})


def timed(work: Callable[[], object]) -> float:
    """Return the CPU seconds of some work, of all threads."""
    begun = time.process_time()
    work()
    return time.process_time() - begun
