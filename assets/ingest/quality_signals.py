"""Quality signals: numbers computed from each document's content alone, and beside them its tokens."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.partitions import SHARDS
from assets.graph.reads import one, same
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.raw_shards import IMAGES
from assets.ingest.tokenizer import open_tokenizer
from guyot.navigation.walk_lines import read_letters
from guyot.text.signals import signals
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import EPISODE, IMAGE

_BATCH_DOCUMENTS = 512
SIGNALS = TableSpec(
    "quality_signals",
    "a document",
    (
        ColumnSpec("doc_id", pa.string(), "the document", source="raw_shards.doc_id"),
        ColumnSpec("bytes", pa.int64(), "its size in UTF-8; of an image as it was encoded"),
        ColumnSpec("chars", pa.int64(), "code points"),
        ColumnSpec("words", pa.int64(), "runs of non-space"),
        ColumnSpec("lines", pa.int64(), "lines"),
        ColumnSpec("max_line", pa.int64(), "code points of the longest line"),
        ColumnSpec(
            "tokens",
            pa.int64(),
            "tokens of the lake's tokenizer, the document's first mark included; of an episode its actions",
        ),
        ColumnSpec("alpha_fraction", pa.float64(), "letters, per code point"),
        ColumnSpec("repetition", pa.float64(), "share of the text in lines that repeat an earlier one"),
        ColumnSpec(
            "duplicate_lines", pa.float64(), "share of the lines that repeat an earlier one, empty ones aside"
        ),
        ColumnSpec("compression_ratio", pa.float64(), "compressed bytes per byte"),
        ColumnSpec("parses", pa.bool_(), "whether Python can parse it; null for other kinds"),
    ),
)
TOKEN_IDS = TableSpec(
    "token_ids",
    "a document's tokens",
    (
        ColumnSpec("doc_id", pa.string(), "the document", source="raw_shards.doc_id"),
        ColumnSpec(
            "ids",
            pa.list_(pa.int32()),
            "its tokens by number, the document's first mark included; of an episode its actions, 0 to 3 for "
            "F, B, L, R",
        ),
    ),
    file="token_ids.parquet",
)


@lake_asset(
    group_name="ingest",
    partitions_def=SHARDS,
    tables=[SIGNALS, TOKEN_IDS],
    reads=[same("raw_shards"), one("tokenizer")],
    progress_unit="documents",
    code_version="3",
)
def quality_signals(build: Build, writer: Writer) -> None:
    """One row is a document, in the shard's order; token_ids.parquet has the tokens that trainings read.

    Of an image all is of its caption, but for its bytes. An episode's tokens are its actions.
    """
    encode = _encoding(build)
    documents = build.input("raw_shards")
    sizes = _image_sizes(build, documents)
    with writer.parquet(SIGNALS.schema) as sink, writer.parquet(TOKEN_IDS.schema, TOKEN_IDS.file) as ids:
        for batch in build.reader.batches(documents, ["doc_id", "content", "kind"], _BATCH_DOCUMENTS):
            contents = batch["content"].to_pylist()
            tokens = encode(contents)
            ids.write_batch(pa.record_batch([batch["doc_id"], _lists(tokens)], schema=TOKEN_IDS.schema))
            measured = dataclasses.asdict(signals(contents, batch["kind"].to_pylist()))
            measured |= {"doc_id": batch["doc_id"], "tokens": np.array(list(map(len, tokens)), np.int64)}
            if sizes is not None:
                measured["bytes"], sizes = sizes[: batch.num_rows], sizes[batch.num_rows :]
            columns = [measured[name] for name in SIGNALS.names]
            sink.write_batch(pa.record_batch(columns, schema=SIGNALS.schema))
            build.advance(batch.num_rows)


def _encoding(build: Build) -> Callable[[list[str]], list[NDArray[np.int32]]]:
    """Return what gives each document's tokens, int32[m]."""
    if build.settings.reading.documents != EPISODE:
        return open_tokenizer(build.reader).encode
    return lambda walks: [read_letters(walk.rsplit("\n", 1)[1]).astype(np.int32) for walk in walks]


def _image_sizes(build: Build, documents: Manifest) -> NDArray[np.int64] | None:
    """Read the sizes of a shard's encoded images, int64[n]; of texts there are none."""
    if build.settings.reading.documents != IMAGE:
        return None
    return build.reader.table(documents, IMAGES.file, ["bytes"])["bytes"].to_numpy()


def _lists(tokens: list[NDArray[np.int32]]) -> pa.Array:
    """Lay one or more documents' tokens out as Arrow has them."""
    ends = np.cumsum([0, *map(len, tokens)], dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(np.concatenate(tokens)))
