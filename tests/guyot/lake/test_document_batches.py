"""A mixture of images from a finished lake: each image beside its caption, for a reader and for torch."""

from pathlib import Path

import pyarrow as pa
import pytest
from support.forged import change_table
from support.images import graph_image_lake
from support.lake import copy_of, graph_lake

from assets.graph.lake import LakeResources
from guyot import open_lake
from guyot.errors import CorruptError
from guyot.lake import document_batches


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_image_lake(tmp_path_factory)


def test_documents_are_the_files_with_their_captions(
    lake: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_batches, "_BATCH_IMAGES", 4)  # less than a shard has
    mixture = open_lake(lake.store.root).mixture("semdedup")
    found = list(mixture.documents())
    assert [one.doc_id for one in found] == mixture.kept["doc_id"].to_pylist()
    captions = {row["doc_id"]: row["content"] for shard in lake.shards()
                for row in lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()}  # fmt: skip
    for one in found:
        assert one.image == (Path(lake.settings.source) / one.source).read_bytes()
        assert one.text == captions[one.doc_id]
    assert any(one.text for one in found)


def test_a_sample_of_torch_has_the_image(lake: LakeResources) -> None:
    mixture = open_lake(lake.store.root).mixture("semdedup")
    samples = list(mixture.torch_dataset(epochs=2, seed=3))
    wanted = {
        one.doc_id: {"doc_id": one.doc_id, "text": one.text, "image": one.image}
        for one in mixture.documents()
    }
    assert len(samples) == 2 * len(mixture)
    assert {sample["doc_id"]: sample for sample in samples} == wanted
    assert all(sample == wanted[sample["doc_id"]] for sample in samples)


def test_documents_of_texts_have_no_image(tmp_path_factory: pytest.TempPathFactory) -> None:
    mixture = open_lake(graph_lake(tmp_path_factory).store.root).mixture("semdedup")
    assert {one.image for one in mixture.documents()} == {None}
    assert set(next(iter(mixture.torch_dataset()))) == {"doc_id", "text"}


def test_images_of_other_documents_are_refused(lake: LakeResources, tmp_path: Path) -> None:
    copy = copy_of(lake, tmp_path / "lake")
    change_table(
        copy, "raw_shards", copy.shards()[0],
        lambda table: pa.concat_tables([table.slice(1), table.slice(0, 1)]), "images.parquet",
    )  # fmt: skip
    with pytest.raises(CorruptError, match=r"documents 0 to \d+ of .* have images of other documents"):
        list(open_lake(copy.store.root).mixture("everything").documents())
