"""The search for factors in a lake: planted shifts are found, with a model beside the pixels, when asked for."""

import json
from pathlib import Path

import numpy as np
import pytest
from support.image_models import write_tiny_convnet
from support.images import encoded, picture
from support.lake import build_asset, lake_at, scan

from assets.audit.data_factor_search import STABILITY, data_factor_search, show
from assets.audit.inputs.class_images import sample_by_class
from assets.audit.inputs.transformed_images import pixels_of
from assets.graph import plan
from assets.graph.lake import LakeResources
from assets.graph.snapshot import take
from guyot.audit.data_factors import data_factors, pair_gains
from guyot.audit.invariance import image_copies
from guyot.audit.invariance.image_copies import encoded_copies
from guyot.audit.invariance.image_geometry import shifted
from guyot.audit.invariance.image_transformations import IMAGE_TRANSFORMATIONS
from guyot.encoders.pixel_encoder import PixelEncoder
from guyot.seeds import generator

SETTINGS = {
    "encoder": "", "reading.documents": "image", "reading.held_out_fraction": 0.0, "audit.factor_label": "shape",
    "audit.factor_class_size": 4, "audit.bootstrap_draws": 50,
}  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    """Return a lake of two classes of pictures, each shifted by what is drawn."""
    root = tmp_path_factory.mktemp("shifted")
    (root / "source").mkdir()
    lines = []
    for number in range(8):
        moved = generator(0, "shift", number).integers(-6, 7, 2).tolist()
        image = shifted(picture(number // 4, 40, 40), *moved)
        (root / "source" / f"{number}.png").write_bytes(encoded(np.ascontiguousarray(image)))
        lines.append(json.dumps({"file_name": f"{number}.png", "shape": f"shape {number // 4}"}))
    (root / "source" / "metadata.jsonl").write_text("\n".join(lines))
    lake = lake_at(root / "lake", root / "source", **SETTINGS)
    scan(lake)
    build_up_to_clusters(lake)
    return lake


def build_up_to_clusters(lake: LakeResources) -> None:
    for asset in ("raw_shards", "embeddings", "centroids", "cluster_assignments"):
        build_asset(lake, asset, *(["all"] if asset == "centroids" else lake.shards()))


def test_rows_are_what_the_library_says_and_shifts_rank_first(lake: LakeResources) -> None:
    (built,) = build_asset(lake, "data_factor_search")
    assert built.manifest
    rows = lake.store.table(built.manifest).to_pylist()
    assert {(row["encoder"], row["class_name"]) for row in rows} == {
        ("pixels", ""), ("pixels", "shape 0"), ("pixels", "shape 1")}  # fmt: skip
    assert len(rows) == 3 * len(IMAGE_TRANSFORMATIONS)
    together = [row for row in rows if not row["class_name"]]
    assert [row["rank"] for row in together] == list(range(1, 12))
    assert (together[0]["transformation"], together[0]["shown"]) == ("translation", True)
    assert not next(row for row in together if row["transformation"] == "hue")["shown"]
    reader, snapshot = data_factor_search.reader(lake), take(lake, ("raw_shards", "cluster_assignments"))
    classes = sample_by_class(reader, snapshot, lake.settings)
    wanted = [doc_id for ids in classes.values() for doc_id in ids]
    images, encoder = list(pixels_of(reader, snapshot, wanted, lake.settings).values()), PixelEncoder()
    label = np.repeat([0, 1], 4)
    pairs = pair_gains(encoder.encode(images), encoded_copies(images, encoder, 0), label)
    found = data_factors(pairs, draws=50, stream=generator(0, "data-factors", "pixels", ""))
    assert [(row["transformation"], row["explained"], row["low"], row["n"]) for row in together] == [
        (one.transformation, one.explained.value, one.explained.low, 8) for one in found]  # fmt: skip
    stable = lake.store.table(built.manifest, STABILITY.file).to_pylist()
    assert [row["class_name"] for row in stable] == list(classes)
    assert all(-1 <= row["halves"] <= 1 for row in stable)
    shown = show(data_factor_search.reader(lake), built.manifest)
    assert shown["said"].startswith(
        "share of the distance within 2 classes above that between: pixels: transl"
    )
    assert str(shown["pixels"].value).startswith("![chart](data:image/png;base64,")
    (again,) = build_asset(lake, "data_factor_search")
    assert again.reused


def test_it_is_built_when_it_is_asked_for(lake: LakeResources) -> None:
    assert plan.keys(data_factor_search, lake) == []


def test_a_model_is_searched_beside_the_pixels_and_too_few_classes_are_said(
    lake: LakeResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_copies, "COPY_MAGNITUDES", (1.0,))
    monkeypatch.setattr(image_copies, "WAYS", {})
    model = write_tiny_convnet(tmp_path / "model")
    given = {**SETTINGS, "encoder": str(model)}
    other = lake_at(tmp_path / "lake", lake.settings.source, **given)
    scan(other)
    build_up_to_clusters(other)
    (built,) = build_asset(other, "data_factor_search")
    assert built.manifest
    assert {row["encoder"] for row in other.store.table(built.manifest).to_pylist()} == {"pixels", "lake"}
    few = lake_at(tmp_path / "lake", lake.settings.source, **{**given, "audit.factor_class_size": 5})
    (built,) = build_asset(few, "data_factor_search")
    assert built.manifest
    assert built.manifest.rows == 0
    assert built.manifest.facts["said"].startswith("0 classes have 5 training images or more, of 2 that are")
    assert show(data_factor_search.reader(few), built.manifest) == {"said": built.manifest.facts["said"]}
