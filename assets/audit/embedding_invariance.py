"""Embedding invariance: which changes of a document does the lake's encoder overlook, and up to where?

What it overlooks, a pruner takes for a duplicate. Documents drawn from the snapshot are transformed and
encoded; beside them the same network with random weights shows what is owed to training. Nothing of it enters
the lake's documents.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa

from assets.audit.inputs.transformed_documents import (
    MAGNITUDES,
    TransformedVectors,
    sample,
    transformed_vectors,
)
from assets.audit.inputs.transformed_images import (
    image_settings,
    sample_images,
    transformed_image_vectors,
)
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import shards
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.embeddings import encoder_settings
from guyot.audit.invariance.responses import response
from guyot.seeds import generator
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE, TEXT

TRAINED, UNTRAINED = "trained", "untrained"
UNTRAINED_MAGNITUDES = (0.2, 0.5, 1.0)  # fewer: it only stands beside the other
SHOWN_MAGNITUDE = 0.5
_QUARTILES = (25, 75)
INVARIANCE = TableSpec(
    "embedding_invariance",
    "a transformation at a magnitude, of one kind of documents",
    (
        ColumnSpec("kind", pa.string(), "python, or other: all other kinds together; image"),
        ColumnSpec("transformation", pa.string(), "what was done to the documents, such as comments removed"),
        ColumnSpec("magnitude", pa.float64(), "how much of it, above 0 and at most 1"),
        ColumnSpec(
            "weights", pa.string(),
            "trained: the lake's encoder; untrained: the same with random weights, where it has weights",
        ),
        ColumnSpec("n", pa.int64(), "documents that it has a place in"),
        ColumnSpec("distance", pa.float64(), "median cosine distance of a document to itself transformed"),
        ColumnSpec(
            "invariance", pa.float64(),
            "median of 1 - that distance / the distance to another document transformed: 1: not noticed, "
            "0: as far as another document",
        ),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval, by a bootstrap over documents"),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec("lower_quartile", pa.float64(), "a quarter of the documents have less invariance"),
        ColumnSpec("upper_quartile", pa.float64(), "a quarter of them have more"),
        ColumnSpec(
            "alignment", pa.float64(),
            "mean cosine of the displacements of two documents; null where fewer than two move",
        ),
        ColumnSpec(
            "alignment_control", pa.float64(), "the same of displacements to other documents, transformed"
        ),
    ),
)  # fmt: skip


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw invariance by magnitude, and say what the encoder overlooks."""
    rows = reader.table(manifest).to_pylist()
    shown: dict[str, Any] = {"said": manifest.facts["said"]}
    if not rows:
        return shown
    from assets.charts.drawing import markdown_picture
    from assets.charts.invariance import invariance_by_magnitude

    kinds = dict.fromkeys(row["kind"] for row in rows)
    return shown | {
        kind: dg.MetadataValue.md(
            markdown_picture(invariance_by_magnitude([row for row in rows if row["kind"] == kind], kind))
        )
        for kind in kinds
    }


def encoder_and_images(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return what identifies the encoder, and of a lake of images what decides their pixels."""
    is_of_images = lake.settings.reading.documents == IMAGE
    return encoder_settings(lake, key) | (image_settings(lake.settings) if is_of_images else {})


@lake_asset(
    group_name="audit",
    tables=[INVARIANCE],
    reads=[shards("raw_shards")],
    settings=("audit.invariance_sample_size", "audit.bootstrap_draws", "seed"),
    settings_of=encoder_and_images,
    shows=show,
    documents=(TEXT, IMAGE),
    code_version="3",
    pool="memory",
)
def embedding_invariance(build: Build, writer: Writer) -> None:
    """One row is a transformation at a magnitude, of Python, of other documents, or of images."""
    is_of_images = build.settings.reading.documents == IMAGE
    moved = dict((_of_images if is_of_images else _of_texts)(build))
    rows = [row for weights, vectors in moved.items() for row in _rows(build, vectors, weights)]
    writer.table(pa.Table.from_pylist(rows, INVARIANCE.schema))
    writer.facts |= {"said": _summary(rows, UNTRAINED in moved)}


_Moved = Iterator[tuple[str, Iterable[TransformedVectors]]]  # weights, and vectors of documents as they move


def _of_texts(build: Build) -> _Moved:
    """Transform texts and encode them, with the encoder's weights and with random ones if it has any."""
    texts = sample(build.reader, build.snapshot("raw_shards"), build.settings)
    seed, encoder = build.settings.seed, build.lake.encoder.load()
    yield TRAINED, transformed_vectors(texts, encoder, MAGNITUDES, seed=seed, work=_work(TRAINED))
    without = build.lake.encoder.untrained(seed)
    if without is not None:
        work = _work(UNTRAINED)
        yield UNTRAINED, transformed_vectors(texts, without, UNTRAINED_MAGNITUDES, seed=seed, work=work)


def _of_images(build: Build) -> _Moved:
    """Transform images and encode them, with the encoder's weights and with random ones if it has any."""
    images = sample_images(build.reader, build.snapshot("raw_shards"), build.settings)
    seed, encoder = build.settings.seed, build.lake.encoder.load_of_images()
    yield (
        TRAINED,
        transformed_image_vectors(images, encoder, MAGNITUDES, seed=seed, work=_work(TRAINED)),
    )
    without = build.lake.encoder.untrained_of_images(seed, list(images.values())) if images else None
    if without is not None:
        work = _work(UNTRAINED)
        yield (
            UNTRAINED,
            transformed_image_vectors(images, without, UNTRAINED_MAGNITUDES, seed=seed, work=work),
        )


def _work(weights: str) -> str:
    """Name the work that progress is reported of."""
    return f"embedding_invariance, {weights}"


def _rows(build: Build, vectors: Iterable[TransformedVectors], weights: str) -> Iterator[dict[str, Any]]:
    """Measure an encoder's response to each transformation and magnitude."""
    draws, seed = build.settings.audit.bootstrap_draws, build.settings.seed
    for moved in vectors:
        stream = generator(seed, "invariance", moved.kind, moved.transformation)
        found = response(moved.original, moved.transformed, draws=draws, stream=stream)
        lower, upper = np.percentile(found.invariance, _QUARTILES)
        yield {
            "kind": moved.kind, "transformation": moved.transformation, "magnitude": moved.magnitude,
            "weights": weights, "n": found.n, "distance": float(np.median(found.distance)),
            "invariance": found.median.value, "low": found.median.low, "high": found.median.high,
            "lower_quartile": float(lower), "upper_quartile": float(upper),
            "alignment": _or_none(found.alignment), "alignment_control": _or_none(found.alignment_control),
        }  # fmt: skip


def _or_none(value: float) -> float | None:
    """Return nan as null."""
    return None if np.isnan(value) else value


def _summary(rows: list[dict[str, Any]], has_untrained: bool) -> str:
    """Say for each kind what the encoder overlooks most and least, and beside it the untrained one."""
    if not rows:
        return "fewer than three training documents of a kind: nothing is known of the encoder"
    sentences: list[str] = []
    at = {
        (row["kind"], row["transformation"], row["weights"]): row
        for row in rows if row["magnitude"] == SHOWN_MAGNITUDE
    }  # fmt: skip
    for kind in dict.fromkeys(row["kind"] for row in rows):
        own = sorted(
            (r for k, r in at.items() if (k[0], k[2]) == (kind, TRAINED)), key=lambda r: -r["invariance"]
        )
        if not own:
            continue
        most, least = own[0], own[-1]
        sentences.append(
            f"of {kind} documents it overlooks {_named(most)} most and {_named(least)} least, at magnitude "
            f"{SHOWN_MAGNITUDE}"
        )
        above = [r for r in own if (other := at.get((kind, r["transformation"], UNTRAINED))) is not None
                 and r["low"] > other["invariance"]]  # fmt: skip
        if has_untrained:
            sentences.append(f"{len(above)} of {len(own)} by more than with random weights")
    return "; ".join(sentences)


def _named(row: dict[str, Any]) -> str:
    """Name a transformation with its invariance."""
    return f"{row['transformation']} ({row['invariance']:.2f}, {row['low']:.2f} to {row['high']:.2f})"
