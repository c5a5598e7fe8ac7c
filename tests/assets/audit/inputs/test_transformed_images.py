"""Images to transform are drawn by their own id; each is encoded beside itself transformed."""

from pathlib import Path

import numpy as np
import pytest
from support.images import encoded, image_lake, picture
from support.lake import build_asset, scan

from assets.audit.embedding_invariance import embedding_invariance
from assets.audit.inputs.transformed_images import (
    MAX_SIDE,
    pixels_of,
    sample_images,
    transformed_image_vectors,
)
from assets.graph.lake import LakeResources
from assets.graph.snapshot import take
from guyot.audit.invariance.image_transformations import IMAGE_TRANSFORMATIONS
from guyot.encoders.pixel_encoder import PixelEncoder
from guyot.images.decode import decode
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    root = tmp_path_factory.mktemp("images")
    lake = image_lake(root, 12, **{"audit.invariance_image_sample_size": 5, "reading.held_out_fraction": 0.3})
    (root / "source" / "folder0" / "large.png").write_bytes(encoded(picture(90, 600, 300)))
    scan(lake)
    build_asset(lake, "raw_shards", *lake.shards())
    return lake


def test_the_sample_is_of_training_images_by_their_id(images: LakeResources) -> None:
    reader, snapshot = embedding_invariance.reader(images), take(images, ("raw_shards",))
    drawn = sample_images(reader, snapshot, images.settings)
    assert drawn.keys() == sample_images(reader, snapshot, images.settings).keys()
    table = snapshot.table(reader, "raw_shards", ["doc_id", "split"]).to_pylist()
    training = {row["doc_id"] for row in table if row["split"] == "train"}
    assert len(training) < len(table)
    assert len(drawn) == 5
    assert set(drawn) <= training
    assert list(drawn) == sorted(drawn)


def test_pixels_are_those_of_the_files_and_large_ones_are_scaled(images: LakeResources) -> None:
    reader, snapshot = embedding_invariance.reader(images), take(images, ("raw_shards",))
    table = snapshot.table(reader, "raw_shards", ["doc_id", "source_path"]).to_pylist()
    ids = {row["source_path"]: row["doc_id"] for row in table}
    wanted = [ids["folder1/3.png"], ids["folder0/large.png"]]
    found = pixels_of(reader, snapshot, wanted, images.settings)
    assert list(found) == wanted, "in the order given"
    source = Path(images.settings.source)
    file = decode((source / "folder1" / "3.png").read_bytes(), max_pixels=10**6)
    assert np.array_equal(found[wanted[0]], file.pixels)
    assert found[wanted[1]].shape == (128, MAX_SIDE, 3)


def test_rows_are_of_the_images_in_which_there_is_a_place() -> None:
    grey = {f"grey{n}": np.repeat(picture(n)[:, :, :1], 3, axis=2) for n in range(2)}
    images = grey | {str(n): picture(n) for n in range(3)}
    found = list(transformed_image_vectors(images, PixelEncoder(), (0.5, 1.0), seed=3, work="test"))
    by_name = {(moved.transformation, moved.magnitude): moved for moved in found}
    assert len(found) == len(by_name) == 2 * len(IMAGE_TRANSFORMATIONS)
    assert {moved.kind for moved in found} == {"image"}
    encoder = PixelEncoder()
    for name, magnitude, kept in (("hue", 1.0, list("012")), ("noise", 0.5, list(images))):
        moved = by_name[name, magnitude]
        assert moved.original.tobytes() == unit_float16(encoder.encode(images[k] for k in kept)).tobytes()
        made = [
            IMAGE_TRANSFORMATIONS[name](images[k], magnitude, generator(3, "transformation", name, k))
            for k in kept
        ]
        expected = unit_float16(encoder.encode(one for one in made if one is not None))
        assert moved.transformed.tobytes() == expected.tobytes()
    too_few = {"a": picture(1), "b": picture(2)}
    assert list(transformed_image_vectors(too_few, encoder, (1.0,), seed=0, work="test")) == []
    only_grey = {f"grey{n}": np.repeat(picture(n)[:, :, :1], 3, axis=2) for n in range(3)}
    found = list(transformed_image_vectors(only_grey, encoder, (1.0,), seed=0, work="test"))
    assert {moved.transformation for moved in found} == set(IMAGE_TRANSFORMATIONS) - {"hue", "desaturation"}
