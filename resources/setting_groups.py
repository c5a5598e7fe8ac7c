"""The groups of settings: each setting, its default, its limits and its meaning."""

from typing import Literal

from dagster import Config
from pydantic import Field

Documents = Literal["text", "image"]  # what a lake's documents are
TEXT: Documents = "text"
IMAGE: Documents = "image"


class ReadingSettings(Config):
    """How the source files are read, grouped into shards and held out."""

    documents: Documents = Field(
        default=TEXT, description="what the documents are: texts, or images with captions"
    )
    kinds: str = Field(
        default="", description="kinds to read, by commas, such as python,markdown; empty: all"
    )
    text_column: str = Field(
        default="",
        description="the records' text column; empty: text, else content; of images the caption's, empty: "
        "text, caption or content",
    )
    image_column: str = Field(
        default="",
        description="the image's column in Parquet, or its extension in a tar; empty: image, jpg or png, and "
        "in a tar any image's",
    )
    id_column: str = Field(default="", description="the records' id column; empty: id, else the ordinal")
    max_document_bytes: int = Field(default=16_000_000, gt=0, description="a longer document is quarantined")
    max_image_pixels: int = Field(
        default=64_000_000,
        gt=0,
        le=178_000_000,  # Pillow refuses more by itself
        description="an image of more pixels is quarantined before it is decoded",
    )
    min_image_side: int = Field(
        default=1, gt=0, description="an image of which a side has fewer pixels is quarantined"
    )
    shard_bytes: int = Field(
        default=64_000_000, gt=0, description="source files are grouped to about this size"
    )
    held_out_fraction: float = Field(default=0.1, ge=0, lt=1, description="share of source groups held out")
    held_out_unit: str = Field(
        default="auto",
        description="what is held out whole: directory, file or record; auto: see docs/settings.md",
    )


class EncodingSettings(Config):
    """How the encoder reads a document."""

    pooling: str = Field(default="mean", description="mean, cls or last token")
    max_tokens: int = Field(default=64, gt=0, description="tokens of a document read at each window")
    windows: int = Field(default=4, gt=0, description="places, from start to end, where it is read")
    batch_windows: int = Field(default=64, gt=0, description="windows per forward pass")
    caption_model: str = Field(
        default="",
        description="a local directory or hub id of an image-text model, such as CLIP or SigLIP, that scores "
        "how well captions fit their images: the signal clip_score; empty: none",
    )


class TokenizationSettings(Config):
    """How the tokenizer is trained."""

    vocabulary_size: int = Field(default=2048, ge=300, description="size of the byte-level BPE vocabulary")
    sample_bytes: int = Field(default=8_000_000, gt=0, description="text that trains the tokenizer")


class ClusteringSettings(Config):
    """How documents are clustered, and within what they are compared."""

    n_clusters: int = Field(default=0, ge=0, description="centroids; 0: the square root of the documents")
    iterations: int = Field(default=10, gt=0, description="k-means iterations")
    points_per_cluster: int = Field(default=64, ge=1, description="sample size, per centroid")
    drift_threshold: float = Field(
        default=0.2, gt=0, le=1, description="a check warns where new documents' distances differ by more"
    )
    all_pairs_max_documents: int = Field(
        default=20_000,
        ge=0,
        description="up to here duplicates are sought among all documents, not per cluster",
    )
    border_margin: float = Field(
        default=0.05, ge=0, le=2,
        description="a document whose second centroid is at most this much farther than its own is compared "
        "in both clusters; 0: only in its own",
    )  # fmt: skip


class MinHashSettings(Config):
    """What MinHash compares, and from which similarity up."""

    shingle_unit: Literal["words", "characters"] = Field(
        default="words", description="what MinHash compares runs of: words or characters"
    )
    shingle_size: int = Field(default=5, gt=0, description="words or characters in a run")
    jaccard: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="pairs from this Jaccard similarity up are found; recipes ask for no less",
    )


class ContaminationSettings(Config):
    """The evaluation sets that documents are compared with beside the held-out documents, and how."""

    files: str = Field(
        default="",
        description="files of evaluation records, by commas: .jsonl, .parquet, text; each is an evaluation "
        "set of its name without the extension",
    )
    fields: str = Field(
        default="",
        description="the records' fields that are compared, by commas, joined by newlines; empty: all that "
        "are text, but for the id",
    )
    id_field: str = Field(default="", description="the records' id; empty: id, task_id, else the ordinal")
    ngram_words: int = Field(default=13, gt=0, description="words of an n-gram")
    min_overlap: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="pairs are kept from this share of a record's n-grams up; recipes ask for no less",
    )
    min_cosine: float = Field(
        default=0.95,
        gt=0,
        le=1,
        description="pairs are kept from this cosine up, whatever words they share; recipes ask for no less",
    )


class TrainingSettings(Config):
    """The language models that are trained on mixtures, and their evaluation."""

    tokens: int = Field(default=300_000, gt=0, description="token budget of a run, equal for all recipes")
    seeds: int = Field(
        default=3, gt=0, description="runs of each recipe, by the first of the seeds of recipes.py"
    )
    segment_tokens: int = Field(
        default=256,
        gt=0,
        description="a longer document is read in segments of this many tokens, in any order",
    )
    learning_rate: float = Field(default=3e-3, gt=0, description="peak learning rate")
    batch_windows: int = Field(default=4, gt=0, description="windows per step")
    window_tokens: int = Field(default=256, gt=1, description="tokens per window, the context length")
    model_width: int = Field(default=128, gt=0, description="hidden width of the language model")
    model_layers: int = Field(default=2, gt=0, description="layers of the language model")
    model_heads: int = Field(default=4, gt=0, description="attention heads of the language model")
    warmup_tokens: int = Field(
        default=0,
        ge=0,
        description="tokens of random training documents that all runs have read before they begin, as one "
        "common model: soups need it; 0: each run begins with random weights of its own",
    )
    warmup_seed: int = Field(default=0, ge=0, description="seed of that model and of what it reads")
    checkpoint_steps: int = Field(
        default=100, gt=0, description="steps after which a training keeps its state, to go on if killed"
    )
    at_once: int = Field(
        default=0,
        ge=0,
        description="trainings, or evaluations, at a time, each with a model in memory; 0: one per worker "
        "thread, on a GPU one",
    )
    threads: int = Field(
        default=1, gt=0, description="threads of each: more for a wide model and few runs, less per core"
    )
    resolution: float = Field(
        default=0.02,
        gt=0,
        description="bits per byte: the leaderboard tells how many seeds would show such a difference",
    )
    evaluation_documents: int = Field(default=400, gt=0, description="held-out documents that are evaluated")
    evaluation_tokens: int = Field(
        default=1024, gt=1, description="tokens evaluated per document, from its start"
    )
    curve_points: int = Field(
        default=8,
        ge=0,
        description="evaluations during a training, evenly spaced in tokens, and one before it: its "
        "learning curve; 0: none",
    )
    curve_tokens: int = Field(
        default=8192,
        gt=1,
        description="held-out tokens of each of them, the same for all recipes and seeds, at most a window "
        "of a document",
    )


class AutomationSettings(Config):
    """When the sensor and the schedule act by themselves."""

    sensor_seconds: int = Field(
        default=30, gt=0, description="seconds between two looks at the source and the shards"
    )
    curate_cron: str = Field(
        default="0 2-6 * * *",
        description="when to curate by itself, as a cron line in UTC; see docs/operate.md",
    )
    curate_hours: float = Field(
        default=12.0, ge=0, description="hours between two mixtures that it makes, at least"
    )


class SceneSettings(Config):
    """Rendered scenes of known factors."""

    size: Literal["default", "small"] = Field(
        default="default", description="how many scenes the assets of scenes have: about 2,000 or 300"
    )
    seed: int = Field(default=0, ge=0, description="seed of what is drawn of them")
