"""Data factor search: which transformations explain how the images of a class differ?

What varies in a corpus is what a model can learn to overlook, and what a pruner may thin out. The search is
made with the encoder of pixels, and with the lake's: one that was trained with augmentation overlooks what it
was augmented by, which a search with it alone would take for what the data hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.audit.inputs.class_images import sample_by_class
from assets.audit.inputs.transformed_images import pixels_of
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources, only_when_asked
from assets.graph.reader import TableReader
from assets.graph.reads import shards
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.embeddings import encoder_settings
from guyot.audit.data_factors import MIN_CLASSES, PairGains, data_factors, pair_gains, stability
from guyot.audit.invariance.image_copies import N_COPIES, encoded_copies
from guyot.audit.invariance.image_transformations import Pixels
from guyot.encoders.pixel_encoder import ImageEncoder, PixelEncoder
from guyot.images import decode
from guyot.seeds import generator
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.progress import WorkProgress
from resources.setting_groups import IMAGE

PIXELS, OWN, ALL = "pixels", "lake", ""
SPLITS = 20
FACTORS = TableSpec(
    "data_factor_search",
    "a transformation, searched with an encoder within all classes or one",
    (
        ColumnSpec("encoder", pa.string(), "pixels: the encoder of pixels; lake: the lake's own, if another"),
        ColumnSpec("class_name", pa.string(), "the class; empty: all together"),
        ColumnSpec("rank", pa.int64(), "from 1, the one that explains most"),
        ColumnSpec("transformation", pa.string(), "what was done to one of two images"),
        ColumnSpec(
            "within", pa.float64(), "share of the cosine distance of two images of a class that it takes away"
        ),
        ColumnSpec("between", pa.float64(), "the same of two images of different classes: the null"),
        ColumnSpec("explained", pa.float64(), "within - between"),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval, by a bootstrap over images"),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec("shown", pa.bool_(), "whether the whole interval is above 0"),
        ColumnSpec("boosted", pa.float64(), "share of pairs within a class that it brings nearer at all"),
        ColumnSpec("n", pa.int64(), "images"),
    ),
)  # fmt: skip
STABILITY = TableSpec(
    "data_factor_stability",
    "a class under an encoder: whether its ranking is its own",
    (
        ColumnSpec("encoder", pa.string(), "as in data_factor_search"),
        ColumnSpec("class_name", pa.string(), "the class"),
        ColumnSpec("halves", pa.float64(), "mean rank correlation of the rankings by halves of its images"),
        ColumnSpec(
            "others", pa.float64(), "mean rank correlation of its ranking with those of other classes"
        ),
    ),
    file="stability.parquet",
)


def encoder_and_pixels(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return what identifies the encoders and the way of decoding."""
    return encoder_settings(lake, key) | {"pixels": PixelEncoder().id, "decoding": decode.version()}


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw what explains how much, of all classes and of each."""
    rows = reader.table(manifest).to_pylist()
    shown: dict[str, Any] = {"said": manifest.facts["said"]}
    if not rows:
        return shown
    from assets.charts.data_factors import explained_by_class
    from assets.charts.drawing import markdown_picture

    for encoder in dict.fromkeys(row["encoder"] for row in rows):
        own = [row for row in rows if row["encoder"] == encoder]
        shown[encoder] = dg.MetadataValue.md(markdown_picture(explained_by_class(own, encoder)))
    return shown


@lake_asset(
    group_name="audit",
    tables=[FACTORS, STABILITY],
    reads=[shards("raw_shards"), shards("cluster_assignments")],
    settings=("audit.factor_label", "audit.factor_class_size", "audit.bootstrap_draws", "seed"),
    settings_of=encoder_and_pixels,
    shows=show,
    is_wanted=only_when_asked,
    documents=(IMAGE,),
    code_version="1",
    pool="memory",
)
def data_factor_search(build: Build, writer: Writer) -> None:
    """One row is a transformation: how much of the distance within classes of images it explains."""
    snapshot = build.snapshot("raw_shards", "cluster_assignments")
    classes = sample_by_class(build.reader, snapshot, build.settings)
    rows: list[dict[str, Any]] = []
    stable: list[dict[str, Any]] = []
    if len(classes) >= MIN_CLASSES:
        wanted = [doc_id for ids in classes.values() for doc_id in ids]
        images = list(pixels_of(build.reader, snapshot, wanted, build.settings).values())
        pixels, own = PixelEncoder(), build.lake.encoder.load_of_images()
        encoders: dict[str, ImageEncoder] = {PIXELS: pixels, **({} if own.id == pixels.id else {OWN: own})}
        for name, encoder in encoders.items():
            found = _search(build, images, classes, encoder, name)
            rows += _rows(build, found, name, list(classes))
            splits = generator(build.settings.seed, "data-factor-halves", name)
            stable += [
                {
                    "encoder": name, "class_name": list(classes)[one.label], "halves": _or_none(one.halves),
                    "others": _or_none(one.others),
                }
                for one in stability(found, splits=SPLITS, stream=splits)
            ]  # fmt: skip
    writer.table(pa.Table.from_pylist(rows, FACTORS.schema))
    writer.table(pa.Table.from_pylist(stable, STABILITY.schema), STABILITY.file)
    writer.facts |= {"said": _summary(rows, len(classes), build.settings.audit.factor_class_size)}


def _search(
    build: Build, images: Sequence[Pixels], classes: Mapping[str, list[str]], encoder: ImageEncoder, name: str
) -> PairGains:
    """Encode images and their copies, and search the best copy for every two."""
    progress = WorkProgress(f"data_factor_search, {name}", N_COPIES * len(images), "images")

    def counted() -> Iterator[tuple[str, NDArray[np.float32]]]:
        for transformation, rows in encoded_copies(images, encoder, build.settings.seed):
            progress.advance(rows.shape[0] * rows.shape[1])
            yield transformation, rows

    label = np.repeat(np.arange(len(classes)), [len(ids) for ids in classes.values()])
    return pair_gains(encoder.encode(images), counted(), label)


def _rows(build: Build, found: PairGains, encoder: str, classes: list[str]) -> Iterator[dict[str, Any]]:
    """Rank transformations within all classes, and within each."""
    draws, seed = build.settings.audit.bootstrap_draws, build.settings.seed
    for label, name in [(None, ALL), *enumerate(classes)]:
        stream = generator(seed, "data-factors", encoder, name)
        ranked = data_factors(found, draws=draws, stream=stream, label=label)
        for rank, factor in enumerate(ranked, 1):
            explained = factor.explained
            yield {
                "encoder": encoder, "class_name": name, "rank": rank, "transformation": factor.transformation,
                "within": factor.within, "between": factor.between, "explained": explained.value,
                "low": explained.low, "high": explained.high, "shown": factor.is_shown,
                "boosted": factor.boosted, "n": explained.n,
            }  # fmt: skip


def _summary(rows: list[dict[str, Any]], n_classes: int, class_size: int) -> str:
    """Say with each encoder which transformations explain something, and how much."""
    if not rows:
        return (
            f"{n_classes} classes have {class_size} training images or more, of {MIN_CLASSES} that are "
            "needed: nothing is known; lower audit.factor_class_size, or name another audit.factor_label"
        )
    sentences: list[str] = []
    for encoder in dict.fromkeys(row["encoder"] for row in rows):
        shown = [r for r in rows if (r["encoder"], r["class_name"]) == (encoder, ALL) and r["shown"]]
        named = ", ".join(
            f"{r['transformation']} {r['explained']:.2f} ({r['low']:.2f} to {r['high']:.2f})" for r in shown
        )
        sentences.append(f"{encoder}: {named or 'nothing shown'}")
    return f"share of the distance within {n_classes} classes above that between: {'; '.join(sentences)}"


def _or_none(value: float) -> float | None:
    """Return nan as null."""
    return None if np.isnan(value) else value
