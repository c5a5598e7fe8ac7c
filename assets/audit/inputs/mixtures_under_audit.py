"""The live mixtures of one snapshot beside one another, and what is known of their documents."""

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import DTypeLike, NDArray

from assets.graph.asset import Inputs
from assets.graph.doc_ids import SortedIds, ids_of
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import snapshot_of
from assets.prune.cutting.document_columns import numbered
from assets.prune.pruned_mixtures import STEPS
from guyot.audit.length_confound import drop_order, length_deciles
from guyot.prune.explanation import HELD_OUT
from resources.lake.manifest import Manifest

_ROWS_AT_ONCE = 65_536
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
class Decisions:
    """What a recipe decided about each document.

    step : int16[n], number of the step that dropped it; for a kept one, of the last step
    score : float64[n], in that step
    """

    step: NDArray[np.int16]
    score: NDArray[np.float64]

    @property
    def place(self) -> NDArray[np.float64]:
        """Each document's place in the recipe's line to be kept: float64[n], higher is kept first."""
        return drop_order(self.step, self.score)


@dataclasses.dataclass(frozen=True)
class Audited:
    """Training documents of a snapshot, and the mixtures made of it.

    ids : S32[n], sorted
    tokens, bytes : int64[n]
    scores : float32[n] or float64[n] by name, what cluster_scores and minhash_scores hold; nan where null
    recipes : names, in the order of recipes.py
    kept : bool[r, n]
    decisions : of a recipe by its number, read when it is called: they are large
    """

    ids: NDArray[np.bytes_]
    tokens: NDArray[np.int64]
    bytes: NDArray[np.int64]
    scores: dict[str, NDArray[np.floating]]
    groupings: tuple[Grouping, ...]
    recipes: tuple[str, ...]
    kept: NDArray[np.bool_]
    decisions: Callable[[int], Decisions]

    @property
    def pruning(self) -> NDArray[np.int64]:
        """The recipes that drop something: int64[p]."""
        return np.flatnonzero(~self.kept.all(axis=1))


def mixtures(reader: TableReader) -> dict[str, Manifest]:
    """Return the live mixtures that are of the snapshot of the live cluster_scores."""
    snapshot = reader.required("cluster_scores").facts["snapshot"]
    found = {name: reader.current("pruned_mixtures", name) for name in BY_NAME}
    return {n: m for n, m in found.items() if m is not None and _are_same(m.facts["snapshot"], snapshot)}


def _are_same(one: dict[str, dict[str, str]], other: dict[str, dict[str, str]]) -> bool:
    """Return whether two snapshots are the same; a look holds one object of those that are."""
    return one is other or one == other


def inputs(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the contents of the mixtures that an audit of all of them is made from."""
    contents = {f"pruned_mixtures/{name}": mixture.content for name, mixture in mixtures(reader).items()}
    return dict.fromkeys(keys, contents)


def load(reader: TableReader) -> Audited:
    """Read the mixtures and their documents, aligned by doc_id; memory holds a shard's rows beside them."""
    scores = reader.required("cluster_scores")
    placed = _Columns(
        scores.rows, doc_id="S32", cluster=np.int32, distance=np.float32, max_similarity=np.float32
    )
    for begin, batch in _batches(reader, scores, [*placed.values]):
        placed.fill(slice(begin, begin + len(batch)), batch)
    known = SortedIds.of(placed.values["doc_id"])
    signals = _Columns(scores.rows, tokens=np.int64, bytes=np.int64)
    kind, source = _Names(scores.rows), _Names(scores.rows)
    snapshot = snapshot_of(scores)
    for shard in snapshot.names:
        raw = reader.table(
            snapshot.manifest(reader, "raw_shards", shard), columns=["doc_id", "kind", "source_path"]
        )
        at = known.positions(ids_of(raw["doc_id"]))
        kind.fill(at, raw["kind"])
        source.fill(at, pc.list_element(pc.split_pattern(raw["source_path"], "/", max_splits=1), 0))
        manifest = snapshot.manifest(reader, "quality_signals", shard)
        table = reader.table(manifest, columns=["doc_id", "tokens", "bytes"])
        signals.fill(known.positions(ids_of(table["doc_id"])), table)
    live = mixtures(reader)
    kept = np.zeros((len(live), scores.rows), np.bool_)
    for own, mixture in zip(kept, live.values(), strict=True):
        for begin, batch in _training(reader, mixture, ["kept"]):
            own[begin : begin + len(batch)] = batch["kept"].to_numpy()
    n_bytes = signals.values["bytes"]
    return Audited(
        ids=known.ids,
        tokens=signals.values["tokens"],
        bytes=n_bytes,
        scores={
            "distance": placed.values["distance"],
            "max_similarity": placed.values["max_similarity"],
            **_jaccards(reader, known),
        },
        groupings=(
            kind.grouping("kind"),
            source.grouping("source"),
            Grouping("length decile", tuple(str(i + 1) for i in range(10)), length_deciles(n_bytes)),
            _clusters(placed.values["cluster"]),
        ),
        recipes=tuple(live),
        kept=kept,
        decisions=functools.partial(_decisions, reader, tuple(live.values()), scores.rows),
    )


def _jaccards(reader: TableReader, known: SortedIds) -> dict[str, NDArray[np.floating]]:
    """Read the scores of MinHash, by name; there are none where the documents have no such scores."""
    if "minhash_scores" in reader.absent:
        return {}
    jaccard = _Columns(len(known.ids), jaccard=np.float64)
    for _, batch in _batches(reader, reader.required("minhash_scores"), ["doc_id", "jaccard"]):
        jaccard.fill(known.positions(ids_of(batch["doc_id"])), batch)
    return {"minhash_jaccard": jaccard.values["jaccard"]}


class _Columns:
    """Columns that are filled part by part: float ones with nan where there is no value.

    dtypes : by name
    """

    def __init__(self, n_rows: int, **dtypes: DTypeLike) -> None:
        self.values: dict[str, NDArray[Any]] = {n: np.zeros(n_rows, d) for n, d in dtypes.items()}

    def fill(self, at: slice | NDArray[np.int64], table: pa.Table) -> None:
        """Put rows of a table where they belong; -1 is nowhere."""
        row = slice(None) if isinstance(at, slice) else np.flatnonzero(at >= 0)
        for name, values in self.values.items():
            column = table[name]
            found = ids_of(column) if values.dtype.kind == "S" else column.to_numpy()
            values[at if isinstance(at, slice) else at[row]] = found[row]


class _Names:
    """A column of names that is filled part by part, and numbers them."""

    def __init__(self, n_rows: int) -> None:
        self._number, self._names = np.zeros(n_rows, np.int32), dict[str, int]()

    def fill(self, at: NDArray[np.int64], column: pa.ChunkedArray) -> None:
        """Put names where they belong; -1 is nowhere."""
        row = np.flatnonzero(at >= 0)
        self._number[at[row]] = numbered(column.take(row), self._names)

    def grouping(self, name: str) -> Grouping:
        """Group documents by their names, which are numbered in order."""
        names = sorted(self._names)
        renumbered = np.array([names.index(one) for one in self._names], np.int32)
        return Grouping(name, tuple(names), renumbered[self._number] if names else self._number)


def _batches(reader: TableReader, manifest: Manifest, columns: list[str]) -> Iterator[tuple[int, pa.Table]]:
    """Yield the rows of a version: where they begin, and some of them."""
    begin = 0
    for batch in reader.batches(manifest, columns, _ROWS_AT_ONCE):
        yield begin, pa.Table.from_batches([batch])
        begin += len(batch)


def _training(reader: TableReader, mixture: Manifest, columns: list[str]) -> Iterator[tuple[int, pa.Table]]:
    """Yield the training documents of a mixture, by doc_id: where they begin, and some of them."""
    begin = 0
    for _, batch in _batches(reader, mixture, [*columns, "step"]):
        own = batch.filter(pc.fill_null(pc.not_equal(batch["step"], HELD_OUT), True))
        yield begin, own
        begin += len(own)


def _decisions(reader: TableReader, live: tuple[Manifest, ...], n_rows: int, number: int) -> Decisions:
    """Read which step decided in a mixture, and its scores."""
    mixture = live[number]
    names = reader.table(mixture, STEPS.file, ["step"])["step"].combine_chunks()
    found = Decisions(np.full(n_rows, len(names) - 1, np.int16), np.zeros(n_rows))
    for begin, batch in _training(reader, mixture, ["score"]):
        part = slice(begin, begin + len(batch))
        dropped_by = pc.index_in(batch["step"], names)
        found.step[part] = pc.fill_null(dropped_by, len(names) - 1).to_numpy()
        found.score[part] = batch["score"].to_numpy()
    return found


def _clusters(cluster: NDArray[np.int32]) -> Grouping:
    """Group documents by their cluster."""
    return Grouping("cluster", tuple(str(i) for i in range(int(cluster.max(initial=-1)) + 1)), cluster)
