"""The live mixtures of one snapshot beside one another, and what is known of their documents."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.asset import Inputs
from assets.graph.doc_ids import ids_of
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import snapshot_of
from assets.prune.pruned_mixtures import STEPS
from guyot.audit.length_confound import drop_order, length_deciles
from resources.lake.manifest import Manifest

READS = (
    one("cluster_scores"), one("minhash_scores"), named("pruned_mixtures"), named("raw_shards"),
    named("quality_signals"),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Grouping:
    """One way to group documents: its name, the groups' names, and int32[n], each document's group."""

    name: str
    names: tuple[str, ...]
    group: NDArray[np.int32]


@dataclasses.dataclass(frozen=True)
class Audited:
    """Training documents of a snapshot, and the mixtures made of it.

    ids : S32[n], sorted
    tokens, bytes : int64[n]
    scores : float64[n] by name, what cluster_scores and minhash_scores hold; nan where null
    recipes : names, in the order of recipes.py
    kept : bool[r, n]
    decided : int16[r, n], number of the step that dropped the document; for a kept one, of the last step
    score : float64[r, n], in that step
    """

    ids: NDArray[np.bytes_]
    tokens: NDArray[np.int64]
    bytes: NDArray[np.int64]
    scores: dict[str, NDArray[np.float64]]
    groupings: tuple[Grouping, ...]
    recipes: tuple[str, ...]
    kept: NDArray[np.bool_]
    decided: NDArray[np.int16]
    score: NDArray[np.float64]

    @property
    def pruning(self) -> NDArray[np.int64]:
        """The recipes that drop something: int64[p]."""
        return np.flatnonzero(~self.kept.all(axis=1))

    def place(self, number: int) -> NDArray[np.float64]:
        """Return each document's place in a recipe's line to be kept: float64[n], higher is kept first."""
        return drop_order(self.decided[number], self.score[number])


def mixtures(reader: TableReader) -> dict[str, Manifest]:
    """Return the live mixtures that are of the snapshot of the live cluster_scores."""
    snapshot = reader.required("cluster_scores").facts["snapshot"]
    found = {name: reader.current("pruned_mixtures", name) for name in BY_NAME}
    return {n: m for n, m in found.items() if m is not None and m.facts["snapshot"] == snapshot}


def inputs(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the contents of the mixtures that an audit of all of them is made from."""
    contents = {f"pruned_mixtures/{name}": mixture.content for name, mixture in mixtures(reader).items()}
    return dict.fromkeys(keys, contents)


def load(reader: TableReader) -> Audited:
    """Read the mixtures and their documents, aligned by doc_id."""
    scores, linked = reader.required("cluster_scores"), reader.required("minhash_scores")
    table = reader.table(scores, columns=["doc_id", "cluster", "distance", "max_similarity"])
    ids, source = ids_of(table["doc_id"]), snapshot_of(scores)
    raw = source.table(reader, "raw_shards", ["doc_id", "source_path", "kind"])
    raw = raw.take(_order(ids, raw["doc_id"]))
    signals = source.table(reader, "quality_signals", ["doc_id", "tokens", "bytes"])
    signals = signals.take(_order(ids, signals["doc_id"]))
    jaccard = reader.table(linked, columns=["doc_id", "jaccard"])
    n_bytes = signals["bytes"].to_numpy()
    decile = length_deciles(n_bytes)
    live = mixtures(reader)
    cuts = [_cut(reader, mixture, ids) for mixture in live.values()]
    return Audited(
        ids=ids,
        tokens=signals["tokens"].to_numpy(),
        bytes=n_bytes,
        scores={
            "distance": table["distance"].to_numpy().astype(np.float64),
            "max_similarity": table["max_similarity"].to_numpy().astype(np.float64),
            "minhash_jaccard": jaccard["jaccard"].to_numpy()[_order(ids, jaccard["doc_id"])],
        },
        groupings=(
            _grouping("kind", raw["kind"]),
            _grouping("source", pc.list_element(pc.split_pattern(raw["source_path"], "/", max_splits=1), 0)),
            Grouping("length decile", tuple(str(i + 1) for i in range(10)), decile),
            _clusters(table["cluster"].to_numpy()),
        ),
        recipes=tuple(live),
        kept=np.array([kept for kept, _, _ in cuts], np.bool_).reshape(len(cuts), len(ids)),
        decided=np.array([decided for _, decided, _ in cuts], np.int16).reshape(len(cuts), len(ids)),
        score=np.array([score for _, _, score in cuts]).reshape(len(cuts), len(ids)),
    )


def _order(ids: NDArray[np.bytes_], column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Find where each id is in a column that holds them all."""
    found = ids_of(column)
    order = np.argsort(found)
    return order[np.searchsorted(found, ids, sorter=order)]


def _cut(
    reader: TableReader, mixture: Manifest, ids: NDArray[np.bytes_]
) -> tuple[NDArray[np.bool_], NDArray[np.int16], NDArray[np.float64]]:
    """Read what a mixture kept, which step decided, and its scores."""
    table = reader.table(mixture, columns=["doc_id", "kept", "step", "score"])
    at = _order(ids, table["doc_id"])
    names = reader.table(mixture, STEPS.file, ["step"])["step"].combine_chunks()
    dropped_by = pc.index_in(table["step"], names)
    decided = pc.fill_null(dropped_by, len(names) - 1).to_numpy().astype(np.int16)
    return table["kept"].to_numpy()[at], decided[at], table["score"].to_numpy()[at]


def _grouping(name: str, column: pa.ChunkedArray) -> Grouping:
    """Group documents by a column of names."""
    names = sorted(pc.unique(column).to_pylist())
    return Grouping(
        name, tuple(names), pc.index_in(column, pa.array(names, pa.string())).to_numpy().astype(np.int32)
    )


def _clusters(cluster: NDArray[np.int32]) -> Grouping:
    """Group documents by their cluster."""
    return Grouping("cluster", tuple(str(i) for i in range(int(cluster.max(initial=-1)) + 1)), cluster)


def rows_of(groupings: tuple[Grouping, ...]) -> Iterator[tuple[Grouping, int, str]]:
    """Yield every group: its grouping, number and name."""
    for grouping in groupings:
        for number, name in enumerate(grouping.names):
            yield grouping, number, name
