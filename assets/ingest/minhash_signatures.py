"""MinHash signatures: 128 numbers per document, from which near-copies are found without its text."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import id_bits, ids_of
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.reads import same
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.text.minhash_signatures import N_PERMUTATIONS, signatures, version
from guyot.text.shingles import Shingles, shingles
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE, TEXT

_BATCH_DOCUMENTS = 512
_SIGNATURE = pa.list_(pa.uint32(), N_PERMUTATIONS)
SIGNATURES = TableSpec(
    "minhash_signatures",
    "a document",
    (
        ColumnSpec("doc_id", pa.string(), "the document", source="raw_shards.doc_id"),
        ColumnSpec("signature", _SIGNATURE, "the least of its shingles' hashes, by permutation"),
    ),
)
SHINGLE_SETTINGS = ("minhash.shingle_unit", "minhash.shingle_size")


def _of_no_other(bits: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Sign a document without a word by its doc_id, so that it is like no other: uint32[1, 128]."""
    return signatures(Shingles(bits, np.array([0, 1])))


def signing_version(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return what identifies the way of signing, beside the settings of shingles."""
    return {"signing": version()}


@lake_asset(
    group_name="ingest",
    partitions_def=SHARDS,
    tables=[SIGNATURES],
    reads=[same("raw_shards")],
    settings=SHINGLE_SETTINGS,
    settings_of=signing_version,
    progress_unit="documents",
    documents=(TEXT, IMAGE),
    code_version="1",
)
def minhash_signatures(build: Build, writer: Writer) -> None:
    """One row is a document, in the shard's order."""
    documents = build.input("raw_shards")
    unit, size = build.settings.minhash.shingle_unit, build.settings.minhash.shingle_size
    with writer.parquet(SIGNATURES.schema, plain=SIGNATURES.names) as sink:
        for batch in build.reader.batches(documents, ["doc_id", "content"], _BATCH_DOCUMENTS):
            contents: list[str] = batch["content"].to_pylist()
            signed = signatures(shingles(contents, unit, size))
            for row in np.flatnonzero([not content for content in contents]):  # of images without a caption
                signed[row] = _of_no_other(id_bits(ids_of(batch["doc_id"][row : row + 1])))
            column = pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(signed)), N_PERMUTATIONS)
            columns = [batch["doc_id"], column.cast(_SIGNATURE)]
            sink.write_batch(pa.record_batch(columns, schema=SIGNATURES.schema))
            build.advance(batch.num_rows)
