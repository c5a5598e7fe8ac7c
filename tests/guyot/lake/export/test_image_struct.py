"""Exports of images: each format's own library reads them back to the byte, and so does a lake."""

import tarfile
from pathlib import Path

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
from support.exports import PER_FILE, exported
from support.images import graph_image_lake
from support.lake import build_asset, lake_at, scan

from guyot import open_lake
from guyot.errors import SettingError
from guyot.images.decode import DecodedImage, decode, pixel_digest
from guyot.lake.export import NO_IMAGES
from guyot.lake.mixture import LakeMixture


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> LakeMixture:
    return open_lake(graph_image_lake(tmp_path_factory).store.root).mixture("semdedup")


def pixels(content: bytes) -> np.ndarray:
    found = decode(content, max_pixels=10**6)
    assert isinstance(found, DecodedImage)
    return found.pixels


def test_parquet_has_structs_and_is_a_source_of_a_lake(mixture: LakeMixture, tmp_path: Path) -> None:
    files = sorted(exported(mixture, "parquet", tmp_path).glob("*.parquet"))
    written = [row for file in files for row in pq.read_table(file).to_pylist()]
    assert len(files) == -(-len(mixture) // PER_FILE)
    for row, one in zip(written, mixture.documents(), strict=True):
        assert (row["doc_id"], row["text"], row["image"]["bytes"]) == (one.doc_id, one.text, one.image)
        assert row["image"]["path"] == f"{one.doc_id}{Path(one.source).suffix}"
    loaded = datasets.load_dataset(
        "parquet", data_files=[str(file) for file in files], split="train", cache_dir=str(tmp_path / "c")
    )
    assert loaded.features["image"] == datasets.Image()
    again = lake_at(tmp_path / "lake", tmp_path / "out", **{"encoder": "", "reading.documents": "image"})
    scan(again)
    build_asset(again, "raw_shards", *again.shards())
    tables = [again.store.table(again.store.required("raw_shards", shard)) for shard in again.shards()]
    found = [row["content_digest"] for table in tables for row in table.to_pylist()]
    assert sorted(found) == sorted(
        pixel_digest(pixels(one.image)) for one in mixture.documents() if one.image
    )


def test_a_hugging_face_dataset_decodes_them(mixture: LakeMixture, tmp_path: Path) -> None:
    found = datasets.load_from_disk(str(exported(mixture, "hf", tmp_path)))
    for row, one in zip(found, mixture.documents(), strict=True):
        assert one.image is not None
        assert np.array_equal(np.asarray(row["image"].convert("RGB")), pixels(one.image))


def test_a_tar_has_a_member_by_the_encoding(mixture: LakeMixture, tmp_path: Path) -> None:
    files = sorted(exported(mixture, "webdataset", tmp_path).glob("*.tar"))
    found: dict[str, bytes] = {}
    for file in files:
        with tarfile.open(file) as tar:
            found |= {member.name: tar.extractfile(member).read() for member in tar}  # pyright: ignore[reportOptionalMemberAccess]
    for one in mixture.documents():
        assert found[f"{one.doc_id}{Path(one.source).suffix}"] == one.image
        assert found[f"{one.doc_id}.txt"].decode() == one.text


@pytest.mark.parametrize("form", NO_IMAGES)
def test_a_format_of_text_refuses_them(mixture: LakeMixture, tmp_path: Path, form: str) -> None:
    with pytest.raises(SettingError, match=r"which is text; choose from parquet, hf, webdataset, mds"):
        mixture.export(tmp_path / "out", form)
    assert not (tmp_path / "out").exists()
