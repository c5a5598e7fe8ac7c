"""The groups of settings: each setting, its default, its limits and its meaning."""

from typing import Literal, get_args

from dagster import Config
from pydantic import Field

Documents = Literal["text", "image", "episode"]  # what a lake's documents are
TEXT: Documents = "text"
IMAGE: Documents = "image"
EPISODE: Documents = "episode"
KINDS: tuple[Documents, ...] = get_args(Documents)


class ReadingSettings(Config):
    """How the source files are read, grouped into shards and held out."""

    documents: Documents = Field(
        default=TEXT,
        description="what the documents are: texts, images with captions, or episodes, "
        "which are walks in mazes",
    )
    kinds: str = Field(
        default="", description="kinds to read, by commas, such as python,markdown; empty: all"
    )
    text_column: str = Field(
        default="",
        description="the records' text column; empty: text, else content; of images the caption's, empty: "
        "text, caption or content; of episodes the walk's, empty: walk, text or content",
    )
    image_column: str = Field(
        default="",
        description="the image's column in Parquet, or its extension in a tar; empty: image, jpg or png, and "
        "in a tar any image's",
    )
    id_column: str = Field(default="", description="the records' id column; empty: id, else the ordinal")
    max_document_bytes: int = Field(default=16_000_000, gt=0, description="a longer document is quarantined")
    max_expansion: int = Field(
        default=200,
        gt=0,
        description="a compressed file, or a page of a Parquet file, that unpacks to more than this many "
        "times its size is not read further; the rows of a Parquet file, which may repeat what is stored "
        "once, to 50 times as many",
    )
    free_unpacked_bytes: int = Field(
        default=16_000_000, ge=0, description="to this size it may unpack in any case"
    )
    max_page_bytes: int = Field(
        default=512_000_000, gt=0, description="rows in a larger page of a Parquet file are quarantined"
    )
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
    split_column: str = Field(
        default="",
        description="the key of a record's other columns that says its split: train or training trains, any "
        "other value is held out; without a value, and empty: by the share above",
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
    shards_per_partition: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="shards that are one partition of Dagster's from the next scan on; 0: as many as are one "
        "now, which doubles while there would be more than 2,000 partitions",
    )


class SceneSettings(Config):
    """Rendered scenes of known factors."""

    size: Literal["default", "small"] = Field(
        default="default", description="how many scenes the assets of scenes have: about 2,000 or 300"
    )
    seed: int = Field(default=0, ge=0, description="seed of what is drawn of them")
