"""Every setting, its default and its meaning. An argument beats the environment beats the launchpad.

The command line puts its arguments into the environment, so one rule serves both: GUYOT_<NAME>,
where set, wins over what the launchpad or `definitions.py` says.
"""

import os
from pathlib import Path
from typing import Any, Literal

from dagster import ConfigurableResource
from pydantic import Field, model_validator

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "GUYOT_"


class Settings(ConfigurableResource[Any]):
    """Settings of the whole graph; each asset's version hashes only those that it uses."""

    lake: str = Field(str(ROOT / "lake"), description="root of the lake, a directory or s3://bucket/prefix")
    source: str = Field(
        str(ROOT / "build" / "demo-source"),
        description="root of the source files, a directory or s3://bucket/prefix",
    )

    kinds: str = Field("", description="kinds to read, by commas, such as python,markdown; empty: all")
    text_column: str = Field("", description="the records' text column; empty: text, else content")
    id_column: str = Field("", description="the records' id column; empty: id, else the ordinal")
    max_document_bytes: int = Field(16_000_000, gt=0, description="a longer document is quarantined")
    shard_bytes: int = Field(64_000_000, gt=0, description="source files are grouped to about this size")
    held_out_fraction: float = Field(0.1, ge=0, lt=1, description="share of source groups held out")
    held_out_by: str = Field(
        "auto", description="what is held out whole: directory, file or record; auto: see docs/settings.md"
    )

    encoder: str = Field("minilm", description="minilm, hashing, a local model directory or a hub id")
    encoder_pooling: str = Field("mean", description="mean, cls or last token")
    encoder_max_tokens: int = Field(64, gt=0, description="tokens of a document read at each window")
    encoder_windows: int = Field(4, gt=0, description="places, from start to end, where it is read")
    encoder_batch_windows: int = Field(64, gt=0, description="windows per forward pass")

    n_clusters: int = Field(0, ge=0, description="centroids; 0: the square root of the documents")
    kmeans_iterations: int = Field(20, gt=0, description="k-means iterations")
    kmeans_points_per_cluster: int = Field(256, ge=1, description="sample size, per centroid")
    drift_threshold: float = Field(
        0.2, gt=0, le=1, description="a check warns where new documents' distances differ by more"
    )
    minhash_shingle: Literal["words", "characters"] = Field(
        "words", description="what MinHash compares runs of: words or characters"
    )
    minhash_shingle_size: int = Field(5, gt=0, description="words or characters in a run")
    minhash_jaccard: float = Field(
        0.8,
        gt=0,
        le=1,
        description="pairs from this Jaccard similarity up are found; recipes ask for no less",
    )

    all_pairs_below_documents: int = Field(
        100_000, ge=0, description="up to here duplicates are sought among all documents, not per cluster"
    )
    border_margin: float = Field(
        0.05, ge=0, le=2, description="a document whose second centroid is at most this much farther than "
        "its own is compared in both clusters; 0: only in its own",
    )  # fmt: skip
    corruption_documents: int = Field(
        100, gt=0, description="Python documents that are corrupted to see what the encoder feels"
    )
    duplicate_documents: int = Field(
        100, gt=0, description="documents of which duplicates are planted to see what methods find"
    )
    length_confound_threshold: float = Field(
        0.5, ge=0, le=1, description="a check warns where a score follows the length by more than this"
    )
    block_rows: int = Field(1024, gt=0, description="rows per block of an all-pairs product")

    seed: int = Field(0, ge=0, description="seed of samples, clusters and schedules")
    vocabulary_size: int = Field(2048, ge=300, description="size of the byte-level BPE vocabulary")
    tokenizer_sample_bytes: int = Field(8_000_000, gt=0, description="text that trains the tokenizer")

    train_tokens: int = Field(300_000, gt=0, description="token budget of a run, equal for all recipes")
    visit_tokens: int = Field(
        256, gt=0, description="a longer document is visited in pieces of this many tokens, in any order"
    )
    train_learning_rate: float = Field(3e-3, gt=0, description="peak learning rate")
    train_batch_windows: int = Field(4, gt=0, description="windows per step")
    train_window_tokens: int = Field(256, gt=1, description="tokens per window, the context length")
    model_width: int = Field(128, gt=0, description="hidden width of the language model")
    model_layers: int = Field(2, gt=0, description="layers of the language model")
    model_heads: int = Field(4, gt=0, description="attention heads of the language model")
    evaluation_documents: int = Field(400, gt=0, description="held-out documents that are evaluated")
    evaluation_tokens: int = Field(1024, gt=1, description="tokens evaluated per document, from its start")
    bootstrap_draws: int = Field(1000, gt=0, description="bootstrap draws of an interval")

    sensor_seconds: int = Field(
        30, gt=0, description="seconds between two looks at the source and the shards"
    )
    curate_cron: str = Field(
        "0 2-6 * * *", description="when to curate by itself, as a cron line in UTC; see docs/operate.md"
    )
    curate_hours: float = Field(12.0, ge=0, description="hours between two mixtures that it makes, at least")

    threads: int = Field(0, ge=0, description="worker threads of the engine; 0: one per core")

    @model_validator(mode="before")
    @classmethod
    def _environment_wins(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Overlay GUYOT_<NAME> on what was given."""
        found = {n: os.environ.get(PREFIX + n.upper()) for n in cls.model_fields}
        return {**given, **{name: value for name, value in found.items() if value}}

    def select(self, *names: str) -> dict[str, Any]:
        """Return the named settings, as they enter a version."""
        return {name: getattr(self, name) for name in names}
