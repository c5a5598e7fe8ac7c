"""Images are drawn by class, as many of each, from the training documents alone."""

import json
from pathlib import Path

import pytest
from support.images import image_lake
from support.lake import build_asset, lake_at, scan

from assets.audit.data_factor_search import data_factor_search
from assets.audit.inputs.class_images import sample_by_class
from assets.graph.lake import LakeResources
from assets.graph.snapshot import take
from guyot.errors import SettingError
from guyot.meta import meta_value


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    lake = image_lake(
        tmp_path_factory.mktemp("images"),
        18,
        **{"audit.factor_class_size": 3, "reading.held_out_fraction": 0.3},
    )
    source = Path(lake.settings.source)
    lines = [
        json.dumps({"file_name": f"folder{n // 6}/{n % 6}.png", "shape": "star" if n % 2 else 7})
        for n in range(16)
    ]
    (source / "metadata.jsonl").write_text("\n".join(lines))
    scan(lake)
    for asset in ("raw_shards", "embeddings", "centroids", "cluster_assignments"):
        build_asset(lake, asset, *(["all"] if asset == "centroids" else lake.shards()))
    return lake


def drawn(lake: LakeResources, **settings: object) -> dict[str, list[str]]:
    given = lake.settings.select(
        "encoder", "reading.documents", "reading.shard_bytes", "reading.held_out_fraction"
    )
    other = lake_at(
        lake.store.root, lake.settings.source, **{**given, "audit.factor_class_size": 3, **settings}
    )
    snapshot = take(other, ("raw_shards", "cluster_assignments"))
    return sample_by_class(data_factor_search.reader(other), snapshot, other.settings)


def test_classes_are_of_a_field_of_meta_the_largest_first(images: LakeResources) -> None:
    found = drawn(images, **{"audit.factor_label": "shape"})
    rows = [
        row
        for shard in images.shards()
        for row in images.store.table(images.store.required("raw_shards", shard)).to_pylist()
    ]
    by_class = {
        name: {r["doc_id"] for r in rows if r["split"] == "train" and meta_value(r["meta"], "shape") == name}
        for name in ("7", "star")
    }
    assert list(found) == sorted(by_class, key=lambda name: (-len(by_class[name]), name))
    for name, ids in found.items():
        assert len(ids) == 3 < len(by_class[name]) < 9
        assert set(ids) <= by_class[name]
        assert ids == sorted(ids)
    assert found == drawn(images, **{"audit.factor_label": "shape"})
    larger = drawn(images, **{"audit.factor_label": "shape", "audit.factor_class_size": 4})
    assert all(set(ids) < set(larger[name]) for name, ids in found.items() if name in larger)
    assert larger
    assert drawn(images, **{"audit.factor_label": "shape", "audit.factor_class_size": 50}) == {}


def test_without_a_field_they_are_clusters(images: LakeResources) -> None:
    found = drawn(images)
    assert found
    clusters = {}
    for shard in images.shards():
        table = images.store.table(images.store.required("cluster_assignments", shard)).to_pylist()
        clusters |= {row["doc_id"]: f"cluster {row['cluster']}" for row in table}
    assert all(clusters[doc_id] == name for name, ids in found.items() for doc_id in ids)


def test_a_field_that_no_image_has_is_named(images: LakeResources) -> None:
    with pytest.raises(SettingError, match="audit.factor_label='colour', and none of [0-9]+ training images"):
        drawn(images, **{"audit.factor_label": "colour"})
