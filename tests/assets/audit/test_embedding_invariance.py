"""Embedding invariance: the rows are the library's, untrained weights stand beside, and the picture is drawn."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.image_models import write_tiny_convnet
from support.images import image_lake
from support.lake import build_asset, lake_at, scan, spec_of
from support.tiny_bert import write_tiny_bert

from assets.audit.embedding_invariance import (
    TRAINED,
    UNTRAINED,
    UNTRAINED_MAGNITUDES,
    embedding_invariance,
    show,
)
from assets.audit.inputs.transformed_documents import MAGNITUDES, TRANSFORMATIONS, sample
from assets.audit.inputs.transformed_images import sample_images
from assets.graph.lake import LakeResources
from assets.graph.snapshot import take
from guyot.audit.invariance.image_transformations import IMAGE_TRANSFORMATIONS, darkening
from guyot.audit.invariance.responses import response
from guyot.encoders.hashing import HashingEncoder
from guyot.encoders.pixel_encoder import PixelEncoder
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16


def test_a_row_is_what_the_library_says_of_the_sample(lake: LakeResources) -> None:
    rows = lake.store.table(lake.store.required("embedding_invariance")).to_pylist()
    drawn = sample(embedding_invariance.reader(lake), take(lake, ("raw_shards",)), lake.settings)
    assert {len(texts) for texts in drawn.values()} == {lake.settings.audit.invariance_sample_size}
    encoder = HashingEncoder()
    for kind, name, magnitude in (("python", "renaming", 0.5), ("other", "typos", 1.0)):
        (row,) = [
            r for r in rows if (r["kind"], r["transformation"], r["magnitude"]) == (kind, name, magnitude)
        ]
        pairs = [
            (text, TRANSFORMATIONS[kind][name](text, magnitude, generator(0, "transformation", name, doc_id)))
            for doc_id, text in drawn[kind].items()
        ]
        pairs = [(text, other) for text, other in pairs if other is not None]
        one, two = (unit_float16(encoder.encode([pair[side] for pair in pairs])) for side in (0, 1))
        found = response(one, two, draws=20, stream=generator(0, "invariance", kind, name))
        assert row["n"] == len(pairs) >= 3
        assert row["distance"] == pytest.approx(np.median(found.distance), abs=1e-6)
        assert (row["invariance"], row["low"], row["high"]) == (
            found.median.value, found.median.low, found.median.high)  # fmt: skip
        assert row["lower_quartile"] <= row["invariance"] <= row["upper_quartile"]


def test_every_transformation_that_has_a_place_is_there_at_every_magnitude(lake: LakeResources) -> None:
    rows = lake.store.table(lake.store.required("embedding_invariance")).to_pylist()
    found = {(row["kind"], row["transformation"]) for row in rows}
    assert {("python", "function_order"), ("python", "renaming"), ("other", "case")} <= found
    assert ("python", "comments") not in found, "no document has a comment"
    assert not [row for row in rows if row["kind"] == "other" and row["transformation"] == "renaming"]
    assert len(rows) == len(found) * len(MAGNITUDES)
    assert {row["weights"] for row in rows} == {TRAINED}, "the hashing encoder has no weights"
    cut = [r["distance"] for r in rows if (r["kind"], r["transformation"]) == ("python", "truncation")]
    assert cut[0] < cut[4] < cut[-1]


def test_untrained_weights_stand_beside_and_it_is_drawn(
    changed: Callable[..., LakeResources], tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    lake = changed(
        encoder=str(write_tiny_bert(tmp_path / "model")),
        encoding__max_tokens=32,
        audit__invariance_sample_size=6,
    )
    (built,) = build_asset(lake, "embedding_invariance")
    assert built.manifest
    rows = lake.store.table(built.manifest).to_pylist()
    untrained = [row for row in rows if row["weights"] == UNTRAINED]
    assert {row["magnitude"] for row in untrained} == set(UNTRAINED_MAGNITUDES)
    assert {row["transformation"] for row in untrained} == {row["transformation"] for row in rows}
    shown = show(embedding_invariance.reader(lake), built.manifest)
    assert "with random weights" in shown["said"]
    assert str(shown["python"].value).startswith("![chart](data:image/png;base64,")
    (again,) = build_asset(lake, "embedding_invariance")
    assert again.reused


def test_images_are_transformed_too_with_random_weights_beside(tmp_path: Path) -> None:
    lake = image_lake(tmp_path, 12, **{"audit.invariance_image_sample_size": 4, "audit.bootstrap_draws": 20})
    (built,) = build_asset(with_shards(lake), "embedding_invariance")
    assert built.manifest
    rows = lake.store.table(built.manifest).to_pylist()
    assert {row["weights"] for row in rows} == {TRAINED}, "the encoder of pixels has no weights"
    assert len(rows) == len(IMAGE_TRANSFORMATIONS) * len(MAGNITUDES)
    images = sample_images(embedding_invariance.reader(lake), take(lake, ("raw_shards",)), lake.settings)
    encoder = PixelEncoder()
    one, two = (unit_float16(encoder.encode(side)) for side in (
        images.values(), [darkening(pixels, 0.5, generator(0, "no draw")) for pixels in images.values()]))  # fmt: skip
    found = response(one, two, draws=20, stream=generator(0, "invariance", "image", "darkening"))
    (row,) = [r for r in rows if (r["transformation"], r["magnitude"]) == ("darkening", 0.5)]
    assert (row["kind"], row["n"], row["invariance"], row["high"]) == (
        "image", 4, found.median.value, found.median.high)  # fmt: skip
    model = write_tiny_convnet(tmp_path / "model")
    (built,) = build_asset(
        lake_at(lake.store.root, lake.settings.source, encoder=str(model), **{
            "reading.documents": "image", "reading.shard_bytes": 40_000, "audit.invariance_image_sample_size": 4,
            "audit.bootstrap_draws": 20}),
        "embedding_invariance",
    )  # fmt: skip
    assert built.manifest
    rows = lake.store.table(built.manifest).to_pylist()
    untrained = [row for row in rows if row["weights"] == UNTRAINED]
    assert len(untrained) == len(IMAGE_TRANSFORMATIONS) * len(UNTRAINED_MAGNITUDES)
    assert "of image documents it overlooks" in built.manifest.facts["said"]
    assert "with random weights" in built.manifest.facts["said"]
    assert set(show(embedding_invariance.reader(lake), built.manifest)) == {"said", "image"}


def with_shards(lake: LakeResources) -> LakeResources:
    scan(lake)
    build_asset(lake, "raw_shards", *lake.shards())
    return lake


def test_the_settings_of_images_are_no_part_of_a_version_of_texts(
    lake: LakeResources, changed: Callable[..., LakeResources]
) -> None:
    assert spec_of(changed(audit__invariance_image_sample_size=3), "embedding_invariance").version == (
        spec_of(lake, "embedding_invariance").version
    )
    assert set(spec_of(lake, "embedding_invariance").settings) == {
        "audit.invariance_sample_size", "audit.bootstrap_draws", "seed", "encoder"}  # fmt: skip
