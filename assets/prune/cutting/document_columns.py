"""Columns of a snapshot's training documents in the order of their doc_ids, read shard by shard."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import SortedIds, ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.columns import COLUMNS, TOKENS, Column
from guyot.errors import CorruptError
from guyot.recipe import Recipe

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
_OF_KINDS = {"image_signals": IMAGE_SIGNALS, "episode_signals": EPISODE_SIGNALS}  # by table
_EVERY = {**SIGNALS, **IMAGE_SIGNALS, **EPISODE_SIGNALS}
_TYPES = {**_EVERY, "parses": np.int8}


@dataclasses.dataclass(frozen=True)
class DocumentColumns:
    """Columns of n documents that their shards hold.

    known : the documents
    content_digest : S32[n]
    numbers : by name, the signals that were asked for: int64[n] or float64[n], and `parses` int8[n], -1 where
        it was not asked
    kind : int32[n], a number into `kinds`
    held_out : S32[h], sorted: the snapshot's other documents
    """

    known: SortedIds
    content_digest: NDArray[np.bytes_]
    numbers: dict[str, NDArray[Any]]
    kind: NDArray[np.int32]
    kinds: tuple[str, ...]
    held_out: NDArray[np.bytes_]


def signals_of(recipes: Iterable[Recipe]) -> frozenset[str]:
    """Return the signals that recipes look at; if they name a column that there is not, all that there are.

    Examples
    --------
    >>> from guyot.recipes import NAMED
    >>> sorted(signals_of(NAMED))
    ['alpha_fraction', 'duplicate_lines', 'max_line', 'tokens', 'words']
    """
    chosen = list(recipes)
    needs = [need for recipe in chosen for step in recipe.steps for need in step.needs]
    names = {need.name for need in needs if isinstance(need, Column)}
    names |= {TOKENS.name, *(recipe.unit for recipe in chosen if recipe.unit != "documents")}
    is_known = names <= {*_EVERY, *COLUMNS}
    return frozenset(names & set(_EVERY) if is_known else _EVERY)  # else the error names all that there are


def read_columns(
    reader: TableReader,
    source: Snapshot,
    ids: NDArray[np.bytes_],
    signals: frozenset[str] = frozenset(SIGNALS),
) -> DocumentColumns:
    """Read the columns of a snapshot's training documents.

    Parameters
    ----------
    ids : S32[n], sorted: all training documents
    signals : those of `SIGNALS` to read, and of images and episodes those of their own tables

    Raises
    ------
    CorruptError : the shards do not hold each of them once.

    Notes
    -----
    O(n log n). Beside the columns memory holds those of a shard.
    """
    source.require_shards()
    known, n = SortedIds.of(ids), len(ids)
    digest, kind = np.zeros(n, "S32"), np.zeros(n, np.int32)
    tables = _tables(source, signals)
    numbers: dict[str, NDArray[Any]] = {
        name: np.zeros(n, _TYPES[name]) for names in tables.values() for name in names
    }
    kinds: dict[str, int] = {}  # numbered as they are met
    others = [np.zeros(0, "S32")]
    n_found = 0
    for shard in source.names:
        manifest = source.manifest(reader, "raw_shards", shard)
        raw = reader.table(manifest, columns=["doc_id", "content_digest", "kind", "split"])
        raw_ids = ids_of(raw["doc_id"])
        is_training = pc.equal(raw["split"], "train").to_numpy()
        others.append(raw_ids[~is_training])
        row, at = _found(known, raw_ids, is_training)
        digest[at] = ids_of(raw["content_digest"])[row]
        kind[at] = numbered(raw["kind"], kinds)[row]
        for name, columns in tables.items():
            table = reader.table(source.manifest(reader, name, shard), columns=["doc_id", *columns])
            signal_ids = ids_of(table["doc_id"])
            is_same = np.array_equal(signal_ids, raw_ids)  # as they are, when they were made from these
            rows, places = (row, at) if is_same else _found(known, signal_ids, None)
            for column in columns:
                numbers[column][places] = _numbers(table[column])[rows]
        n_found += len(at)
    if n_found != n:
        raise CorruptError(
            f"the signals of {n} training documents were asked for; the snapshot has those of {n_found}; "
            "materialize quality_signals again"
        )
    sorted_kinds = tuple(sorted(kinds))
    renumbered = np.array([sorted_kinds.index(name) for name in kinds], np.int32)
    return DocumentColumns(
        known, digest, numbers, renumbered[kind] if n else kind, sorted_kinds, np.sort(np.concatenate(others))
    )


def _tables(source: Snapshot, signals: frozenset[str]) -> dict[str, list[str]]:
    """List the columns that are read of each table of signals that the snapshot has."""
    of_texts = ["parses", *(name for name in SIGNALS if name in signals)]
    wanted = {table: [name for name in known if name in signals] for table, known in _OF_KINDS.items()}
    return {"quality_signals": of_texts} | {
        table: names
        for table, names in wanted.items()
        if names and all(table in tables for tables in source.shards.values())
    }


def _numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column's numbers; of truth values 1, 0, and -1 for null."""
    if pa.types.is_boolean(column.type):
        return pc.fill_null(pc.cast(column, pa.int8()), -1).to_numpy()
    return column.to_numpy()


def _found(
    known: SortedIds, ids: NDArray[np.bytes_], expected: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the rows of a shard that are training documents, and which they are.

    Raises
    ------
    CorruptError : a training document of the shard is not known.
    """
    at = known.positions(ids)
    row = np.flatnonzero(at >= 0)
    if expected is not None and not np.array_equal(at >= 0, expected):
        raise CorruptError(
            f"{int(expected.sum())} training documents of a shard were asked for; the scores have "
            f"{len(row)} of them; materialize cluster_scores again"
        )
    return row, at[row]


def numbered(column: pa.ChunkedArray, numbers: dict[str, int]) -> NDArray[np.int32]:
    """Number names, and add those that are new."""
    encoded = column.combine_chunks().dictionary_encode()
    own = [numbers.setdefault(name, len(numbers)) for name in encoded.dictionary.to_pylist()]
    return np.array(own, np.int32)[encoded.indices.to_numpy()]
