"""Training documents with their signatures, and where each one's text is."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.cluster.scoring.minhash_scratch import SignatureFile
from assets.graph.doc_ids import id_bits, ids_of, positions
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.text.buckets import Buckets, Signatures
from guyot.text.minhash_signatures import N_PERMUTATIONS
from resources.lake.manifest import Manifest

_BATCH_DOCUMENTS = 8192  # 4 MB of signatures


@dataclasses.dataclass(frozen=True)
class SignedDocuments:
    """Documents in the order of their doc_ids.

    ids : S32[n], sorted
    shard : int32[n], the number of each one's shard, among the snapshot's names
    row : int32[n], its row in the shard's tables
    signed : uint32[n, 128], in memory or not
    """

    ids: NDArray[np.bytes_]
    shard: NDArray[np.int32]
    row: NDArray[np.int32]
    signed: Signatures


def gather(
    reader: TableReader, signed: Mapping[str, Manifest], snapshot: Snapshot, folder: Path,
    among: NDArray[np.bytes_] | None = None,
) -> SignedDocuments:  # fmt: skip
    """Gather documents of a snapshot; their signatures are in a file.

    Parameters
    ----------
    signed : the signatures of each shard, in the order of its documents
    among : S32[m], sorted: these documents alone; None: all training documents
    """
    ids, shard, row = [np.zeros(0, "S32")], [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for number, name in enumerate(snapshot.names):
        here, rows = training_rows(reader, snapshot.manifest(reader, "raw_shards", name), among)
        ids.append(here)
        shard.append(np.full(len(rows), number, np.int32))
        row.append(rows)
    every = np.concatenate(ids)
    del ids
    order = _order(every)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    file, begin = SignatureFile(folder / "signatures", len(order)), 0
    for name, rows in zip(snapshot.names, row[1:], strict=True):
        write_signatures(reader, signed[name], rows, file, place[begin : begin + len(rows)])
        begin += len(rows)
    return SignedDocuments(every[order], np.concatenate(shard)[order], np.concatenate(row)[order], file)


def training_rows(
    reader: TableReader, raw: Manifest, among: NDArray[np.bytes_] | None = None
) -> tuple[NDArray[np.bytes_], NDArray[np.int32]]:
    """Return the doc_ids of a shard's training documents and their rows: S32[m], int32[m].

    Parameters
    ----------
    among : S32[n], sorted: these documents in place of the training ones
    """
    table = reader.table(raw, columns=["doc_id", "split"])
    ids = ids_of(table["doc_id"])
    if among is not None:
        chosen = positions(among, ids) >= 0
    else:
        chosen = pc.equal(table["split"], "train").to_numpy()
    rows = np.flatnonzero(chosen).astype(np.int32)
    return ids[rows], rows


def write_signatures(
    reader: TableReader,
    signed: Manifest,
    rows: NDArray[np.int32],
    file: SignatureFile,
    place: NDArray[np.int64],
) -> None:
    """Write the signatures of some rows of a shard to their places in a file."""
    for begin, block in signature_blocks(reader, signed) if len(rows) else ():
        here = slice(*np.searchsorted(rows, [begin, begin + len(block)]))
        file[place[here]] = block[rows[here] - begin]


def signature_blocks(reader: TableReader, signed: Manifest) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    """Read a shard's signatures: (first row, uint32[m, 128]), block by block."""
    begin = 0
    for batch in reader.batches(signed, ["signature"], _BATCH_DOCUMENTS):
        block = batch["signature"].flatten().to_numpy().reshape(-1, N_PERMUTATIONS)
        yield begin, block
        begin += len(block)


def documents_in(
    buckets: Buckets, reader: TableReader, signed: Mapping[str, Manifest], snapshot: Snapshot,
    ids: NDArray[np.bytes_],
) -> SignedDocuments:  # fmt: skip
    """Find the documents that are in some buckets; the signatures of all are read, their texts are not.

    Parameters
    ----------
    ids : S32[n], sorted: the training documents
    """
    found = [_nothing()]
    for number, name in enumerate(snapshot.names):
        rows, blocks = [np.zeros(0, np.int64)], [np.zeros((0, N_PERMUTATIONS), np.uint32)]
        for begin, block in signature_blocks(reader, signed[name]):
            held = np.flatnonzero(buckets.hold(block))
            rows.append(begin + held)
            blocks.append(block[held])
        row = np.concatenate(rows)
        if len(row):
            column = reader.table(signed[name], columns=["doc_id"])["doc_id"]
            here = ids_of(column.take(pa.array(row)))
            some = positions(ids, here) >= 0
            shard = np.full(int(some.sum()), number, np.int32)
            found.append(
                SignedDocuments(here[some], shard, row[some].astype(np.int32), np.concatenate(blocks)[some])
            )
    return joined(found)


def joined(parts: list[SignedDocuments]) -> SignedDocuments:
    """Put documents of several finds, whose signatures are in memory, together in order, each once."""
    ids, first = np.unique(np.concatenate([part.ids for part in parts]), return_index=True)
    signed = np.concatenate([part.signed[:] for part in parts])
    shard, row = (np.concatenate([getattr(part, name) for part in parts]) for name in ("shard", "row"))
    return SignedDocuments(ids, shard[first], row[first], signed[first])


def _nothing() -> SignedDocuments:
    """Return no documents."""
    none = np.zeros(0, np.int32)
    return SignedDocuments(np.zeros(0, "S32"), none, none, np.zeros((0, N_PERMUTATIONS), np.uint32))


def _order(ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Sort doc_ids by their first 64 bits, which all but surely tell them apart."""
    order = np.argsort(id_bits(ids))
    ranked = ids[order]
    return order if (ranked[:-1] < ranked[1:]).all() else np.argsort(ids, kind="stable")
