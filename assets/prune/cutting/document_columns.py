"""Columns of a snapshot's training documents in the order of their doc_ids, read shard by shard."""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import PACKED, SortedIds, packed_ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.columns import COLUMNS, TOKENS, Column, Need
from guyot.errors import CorruptError
from guyot.narrow import row_type
from guyot.recipe import Recipe
from guyot.vectors.threads import in_threads
from resources import progress

SIGNALS = {
    "bytes": np.int64, "chars": np.int64, "words": np.int64, "lines": np.int64, "max_line": np.int64,
    "tokens": np.int64, "alpha_fraction": np.float64, "repetition": np.float64,
    "duplicate_lines": np.float64, "compression_ratio": np.float64,
}  # fmt: skip
# those of image_signals; `bytes` is the same in both tables
IMAGE_SIGNALS = {
    "width": np.int64, "height": np.int64, "aspect": np.float64, "entropy": np.float64,
    "sharpness": np.float64, "brightness": np.float64, "n_frames": np.int64, "caption_chars": np.int64,
    "clip_score": np.float64,
}  # fmt: skip
# those of episode_signals
EPISODE_SIGNALS = {
    "steps": np.int64, "moves": np.int64, "bumps": np.int64, "turns": np.int64, "cells": np.int64,
    "reached_goal": np.int8, "geodesic": np.int64, "spl": np.float64, "maze_size": np.int64,
}  # fmt: skip
_BY_TABLE: dict[str, dict[str, Any]] = {
    "quality_signals": {**SIGNALS, "parses": np.int8},
    "image_signals": IMAGE_SIGNALS,
    "episode_signals": EPISODE_SIGNALS,
}
_TYPES = {name: dtype for names in _BY_TABLE.values() for name, dtype in names.items()}
ALL_SIGNALS = frozenset(_TYPES)
_Values = TypeVar("_Values")


def signals_of(recipes: Iterable[Recipe]) -> frozenset[str]:
    """Return the signals that recipes look at; if they name a column that there is not, all that there are.

    Examples
    --------
    >>> from guyot.recipes import NAMED
    >>> sorted(signals_of(NAMED))
    ['alpha_fraction', 'duplicate_lines', 'max_line', 'parses', 'tokens', 'words']
    """
    chosen = list(recipes)
    names = {need.name for recipe in chosen for need in needs_of(recipe) if isinstance(need, Column)}
    names |= {TOKENS.name, *(recipe.unit for recipe in chosen if recipe.unit != "documents")}
    is_known = names <= {*_TYPES, *COLUMNS}
    return (
        frozenset(names & ALL_SIGNALS) if is_known else ALL_SIGNALS
    )  # else the error names all that there are


def needs_of(recipe: Recipe) -> tuple[Need, ...]:
    """Return what a recipe's steps need, and what they need of documents of which none is dropped."""
    return tuple(need for step in recipe.steps for one in (step, step.on_all_documents) for need in one.needs)


@dataclasses.dataclass(frozen=True)
class _ShardRows:
    """Which rows of a shard's raw_shards are which documents.

    document : int32[r] or int64[r], the number of each, -1 where it is no training document
    others : rows of signals that lie in another order, by table, as `document`; None: in the same
    """

    shard: str
    document: NDArray[Any]
    others: dict[str, NDArray[Any] | None] = dataclasses.field(default_factory=dict[str, Any])


class DocumentColumns:
    """A snapshot's training documents, whose columns are read shard by shard when they are asked for.

    known : the documents, sorted
    held_out : S16[h], sorted: the snapshot's other documents, packed
    """

    def __init__(self, reader: TableReader, source: Snapshot, ids: NDArray[np.bytes_]) -> None:
        """Find the documents of n ids in the shards.

        Parameters
        ----------
        ids : S16[n], sorted: all training documents, packed

        Raises
        ------
        CorruptError : the shards do not hold each of them once.

        Notes
        -----
        O(n log n). Beside what is said above 4 bytes a document are held.
        """
        source.require_shards()
        self._reader, self._source = reader, source
        self.known = SortedIds.of(ids)
        self._shards = list[_ShardRows]()
        others = [np.zeros(0, PACKED)]
        n_found = 0
        for shard, held_out in in_threads(self._rows_of, source.names):
            self._shards.append(shard)
            others.append(held_out)
            n_found += len(shard.document) - len(held_out)
        if n_found != len(ids):
            raise CorruptError(
                f"the signals of {len(ids)} training documents were asked for; the snapshot has those of "
                f"{n_found}; materialize quality_signals again"
            )
        self.held_out = np.sort(np.concatenate(others))

    def _rows_of(self, shard: str) -> tuple[_ShardRows, NDArray[np.bytes_]]:
        """Find the documents of a shard, and its others: S16[h], packed.

        Raises
        ------
        CorruptError : its training documents are not all known.
        """
        manifest = self._source.manifest(self._reader, "raw_shards", shard)
        raw = self._reader.table(manifest, columns=["doc_id", "split"])
        ids, is_training = packed_ids_of(raw["doc_id"]), pc.equal(raw["split"], "train").to_numpy()
        at = self.known.positions(ids)
        if not np.array_equal(at >= 0, is_training):
            raise CorruptError(
                f"{int(is_training.sum())} training documents of a shard were asked for; the scores have "
                f"{np.count_nonzero(at >= 0)} of them; materialize cluster_scores again"
            )
        return _ShardRows(shard, at.astype(row_type(len(self.known.ids)))), ids[~is_training]

    def content_digest(self) -> NDArray[np.bytes_]:
        """Read the digest of each content: S16[n], packed."""
        found = np.zeros(len(self.known.ids), PACKED)
        for rows, digests in self._columns("raw_shards", "content_digest", packed_ids_of):
            some = np.flatnonzero(rows >= 0)
            found[rows[some]] = digests[some]
        return found

    def kinds(self) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """Read the kind of each document: int32[n], numbers into the names."""
        found = np.zeros(len(self.known.ids), np.int32)
        kinds: dict[str, int] = {}  # numbered as they are met
        for rows, column in self._columns("raw_shards", "kind", lambda column: column):
            some = np.flatnonzero(rows >= 0)
            found[rows[some]] = numbered(column, kinds)[some]
        names = tuple(sorted(kinds))
        renumbered = np.array([names.index(name) for name in kinds], np.int32)
        return renumbered[found] if len(found) else found, names

    def signals(self, names: frozenset[str]) -> dict[str, NDArray[Any]]:
        """Read the signals of some names that the snapshot has: int64[n], float64[n] or int8[n] by name."""
        found: dict[str, NDArray[Any]] = {}
        for table, known in _BY_TABLE.items():
            if not all(table in tables for tables in self._source.shards.values()):
                continue
            for name in (name for name in known if name in names):
                values = found[name] = np.zeros(len(self.known.ids), known[name])
                for rows, numbers in self._columns(table, name, _numbers):
                    some = np.flatnonzero(rows >= 0)
                    values[rows[some]] = numbers[some]
        return found

    def _columns(
        self, table: str, name: str, as_values: Callable[[pa.ChunkedArray], _Values]
    ) -> Iterator[tuple[NDArray[Any], _Values]]:
        """Yield the documents of a table's rows, and the values of a column of them, shard by shard."""
        for found in in_threads(functools.partial(self._column_of, table, name, as_values), self._shards):
            progress.check_stop()
            yield found

    def _column_of(
        self, table: str, name: str, as_values: Callable[[pa.ChunkedArray], _Values], shard: _ShardRows
    ) -> tuple[NDArray[Any], _Values]:
        """Read a column of a shard."""
        manifest = self._source.manifest(self._reader, table, shard.shard)
        is_first = table != "raw_shards" and table not in shard.others
        read = self._reader.table(manifest, columns=[*(["doc_id"] if is_first else []), name])
        if is_first:
            shard.others[table] = self._other_rows(shard, packed_ids_of(read["doc_id"]))
        own = shard.others.get(table)
        return shard.document if own is None else own, as_values(read[name])

    def _other_rows(self, shard: _ShardRows, ids: NDArray[np.bytes_]) -> NDArray[Any] | None:
        """Find the documents of ids; None: they lie as those of raw_shards."""
        training = np.flatnonzero(shard.document >= 0)
        if len(ids) == len(shard.document):
            if (ids[training] == self.known.ids[shard.document[training]]).all():
                return None
        return self.known.positions(ids).astype(shard.document.dtype)


def _numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column's numbers; of truth values 1, 0, and -1 for null."""
    if pa.types.is_boolean(column.type):
        return pc.fill_null(pc.cast(column, pa.int8()), -1).to_numpy()
    return column.to_numpy()


def numbered(column: pa.ChunkedArray, numbers: dict[str, int]) -> NDArray[np.int32]:
    """Number names, and add those that are new."""
    encoded = column.combine_chunks().dictionary_encode()
    own = [numbers.setdefault(name, len(numbers)) for name in encoded.dictionary.to_pylist()]
    return np.array(own, np.int32)[encoded.indices.to_numpy()]
