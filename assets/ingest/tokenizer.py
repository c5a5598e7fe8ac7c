"""The tokenizer: a byte-level BPE trained on a sample, kept until someone asks for another."""

from collections.abc import Iterator
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import id_bits, ids_of
from assets.graph.reader import TableReader
from assets.graph.reads import named, shards
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.seeds import uniforms_of_bits
from resources.lake.manifest import WHOLE
from resources.lake.writer import Writer
from resources.models.tokenizer import TextTokenizer, train_tokenizer
from resources.setting_groups import IMAGE, TEXT

FILE = "tokenizer.json"
TOKENS = TableSpec(
    "tokenizer",
    "a token",
    (ColumnSpec("token", pa.string(), "the token"), ColumnSpec("id", pa.int64(), "its number")),
)
_DOCUMENT_CHARS = 100_000  # of one document, so that a giant one does not own the vocabulary


@lake_asset(
    group_name="ingest",
    tables=[TOKENS],
    reads=[shards("raw_shards"), named("shard_registry")],
    settings=("tokenization.vocabulary_size", "tokenization.sample_bytes", "seed"),
    is_fitted=True,
    documents=(TEXT, IMAGE),
    code_version="1",
)
def tokenizer(build: Build, writer: Writer) -> dict[str, Any]:
    """One row is a token; tokenizer.json beside is what trainings use and signals count by."""
    of_images = build.settings.reading.documents == IMAGE  # which may have no captions
    size = build.settings.tokenization.vocabulary_size
    text = train_tokenizer(_sample(build), size, may_be_empty=of_images)
    with writer.file(FILE) as file:
        file.write(text.encode())
    vocabulary: dict[str, int] = orjson.loads(text)["model"]["vocab"]
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    ids = [vocabulary[token] for token in tokens]
    writer.table(pa.table([tokens, ids], schema=TOKENS.schema))
    return {"vocabulary": len(tokens)}


def open_tokenizer(reader: TableReader, version: str | None = None) -> TextTokenizer:
    """Open the live tokenizer, or exactly the version that a run names."""
    manifest = reader.pinned("tokenizer", WHOLE, version) if version else reader.required("tokenizer")
    return TextTokenizer(reader.checked(manifest, FILE).decode())


def _sample(build: Build) -> Iterator[str]:
    """Draw training documents at random, about as many bytes as asked for."""
    reader, settings = build.reader, build.settings
    snapshot = build.snapshot("raw_shards")
    registry = reader.table(reader.required("shard_registry"), columns=["bytes", "state"])
    total = pc.sum(registry.filter(pc.equal(registry["state"], "live"))["bytes"]).as_py() or 1
    chance = settings.tokenization.sample_bytes / total
    for manifest in snapshot.manifests(reader, "raw_shards"):
        for batch in reader.batches(manifest, ["doc_id", "content", "split"]):
            training = batch.filter(pc.equal(batch["split"], "train"))
            bits = id_bits(ids_of(training["doc_id"]))
            drawn = uniforms_of_bits(settings.seed, "tokenizer-sample", bits) < chance
            for content in training["content"].filter(pa.array(drawn)).to_pylist():
                yield content[:_DOCUMENT_CHARS]
