"""The tokenizer: a byte-level BPE trained on a sample, kept until someone asks for another."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import orjson
import pyarrow as pa

from assets.graph import snapshot
from assets.graph.build import BuildSpec, build, columns, result
from guyot.seeds import uniforms_of_bits
from resources.lake.manifest import WHOLE
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.models.tokenizer import TextTokenizer, train_tokenizer
from resources.settings import Settings

CODE = "1"
TOKENIZER_FILE = "tokenizer.json"
_DOCUMENT_CHARS = 100_000  # of one document, so that a giant one does not own the vocabulary


def spec(store: Store, settings: Settings) -> BuildSpec:
    """State what the tokenizer is made from."""
    shards = snapshot.live_shards(store)
    return BuildSpec(
        "tokenizer",
        {f"raw_shards/{shard}": store.required("raw_shards", shard).content for shard in shards},
        trained_with(settings),
        CODE,
    )


def trained_with(settings: Settings) -> dict[str, Any]:
    """Return the settings that a tokenizer is kept for."""
    return settings.select("tokenization.vocabulary_size", "tokenization.sample_bytes", "seed")


@dg.asset(
    group_name="ingest",
    kinds={"parquet"},
    owners=["team:curation"],
    deps=["raw_shards"],
    code_version=CODE,
    metadata=columns(token="string: the token", id="int64: its number"),
)
def tokenizer(settings: Settings, store: Store) -> dg.MaterializeResult[Any]:
    """One row is a token; tokenizer.json beside is what trainings use and signals count by."""
    manifest = build(store, spec(store, settings), lambda writer: _train(store, settings, writer))
    return result(manifest, vocabulary=manifest.rows)


def load(store: Store, version: str | None = None) -> TextTokenizer:
    """Open the live tokenizer, or exactly the version that a run names."""
    manifest = store.pinned("tokenizer", WHOLE, version) if version else store.required("tokenizer")
    return TextTokenizer(store.checked(manifest, TOKENIZER_FILE).decode())


def _train(store: Store, settings: Settings, writer: Writer) -> None:
    """Train on the sample and write the tokenizer."""
    text = train_tokenizer(_sample(store, settings), settings.tokenization.vocabulary_size)
    with writer.file(TOKENIZER_FILE) as file:
        file.write(text.encode())
    vocabulary: dict[str, int] = orjson.loads(text)["model"]["vocab"]
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    ids = pa.array([vocabulary[token] for token in tokens], pa.int64())
    writer.table(pa.table({"token": tokens, "id": ids}))


def _sample(store: Store, settings: Settings) -> Iterator[str]:
    """Draw training documents at random, about as many bytes as asked for."""
    taken = snapshot.take(store, ("raw_shards",))
    registry = store.table(store.required("shard_registry"), columns=["bytes", "state"])
    live = pa.compute.equal(registry["state"], "live")
    total = pa.compute.sum(registry.filter(live)["bytes"]).as_py() or 1
    chance = settings.tokenization.sample_bytes / total
    for manifest in taken.manifests(store, "raw_shards"):
        for batch in store.batches(manifest, ["doc_id", "content", "split"]):
            training = batch.filter(pa.compute.equal(batch["split"], "train"))
            bits = snapshot.id_bits(snapshot.ids_of(training["doc_id"]))
            drawn = uniforms_of_bits(settings.seed, "tokenizer-sample", bits) < chance
            for content in training["content"].filter(pa.array(drawn)).to_pylist():
                yield content[:_DOCUMENT_CHARS]
