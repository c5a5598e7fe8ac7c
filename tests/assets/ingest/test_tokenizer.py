"""The tokenizer: of the training documents alone, kept as shards come, and opened by the version a run names."""

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.forged import change_table
from support.lake import build_asset, reader_of, spec_of

from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.ingest import tokenizer
from guyot.errors import MissingError, SettingError
from resources.models.tokenizer import TextTokenizer, train_tokenizer


def texts(lake: LakeResources, split: str) -> list[str]:
    found = []
    for shard in lake.shards():
        rows = lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
        found += [row["content"] for row in rows if row["split"] == split]
    return found


def text_of(lake: LakeResources) -> str:
    return Path(lake.store.file(lake.store.required("tokenizer"), tokenizer.FILE)).read_text()


def train(lake: LakeResources) -> str:
    build_asset(lake, "tokenizer")
    return text_of(lake)


def sample(lake: LakeResources) -> list[str]:
    asset = tokenizer.tokenizer
    return list(tokenizer._sample(Build(asset, asset.spec(lake), lake, asset.reader(lake))))


def test_it_is_trained_on_exactly_the_training_documents(lake: LakeResources) -> None:
    assert text_of(lake) == train_tokenizer(texts(lake, "train"), lake.settings.tokenization.vocabulary_size)
    assert text_of(lake) != train_tokenizer(
        texts(lake, "train") + texts(lake, "held_out"), lake.settings.tokenization.vocabulary_size
    )


def test_a_row_is_a_token_with_its_number(lake: LakeResources) -> None:
    rows = lake.store.table(lake.store.required("tokenizer")).to_pylist()
    reader = TextTokenizer(text_of(lake))
    assert [row["id"] for row in rows] == list(range(lake.settings.tokenization.vocabulary_size))
    assert [row["token"] for row in rows] == reader.tokens


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"tokenization.vocabulary_size": 310}, False),
        ({"seed": 1}, False),
        ({"tokenization.sample_bytes": 9}, False),
        ({"clustering.n_clusters": 9}, True),
    ],
)
def test_only_its_own_settings_ask_for_another(
    lake: LakeResources, change: dict[str, int], kept: bool
) -> None:
    other = LakeResources(lake.settings.changed(**change))
    build_spec = spec_of(other, "tokenizer")
    assert build_spec.is_fitted(lake.store) == kept


def test_it_stays_when_documents_come_and_says_that_it_could_be_trained_again(changed: Any) -> None:
    lake = changed()
    shard = lake.shards()[0]
    with lake.store.write("raw_shards", shard, inputs={"new": ""}, settings={}, code="") as writer:
        writer.table(lake.store.table(lake.store.required("raw_shards", shard))[:1])
    build_spec = spec_of(lake, "tokenizer")
    assert build_spec.is_fitted(lake.store)
    assert not build_spec.is_live(lake.store)


def test_a_small_sample_is_drawn_by_lot_and_is_the_same_again(changed: Any) -> None:
    lake = changed(tokenization__sample_bytes=800)
    drawn = sample(lake)
    assert drawn == sample(lake)
    everything = texts(lake, "train")
    assert 0 < len(drawn) < len(everything) / 2
    assert set(drawn) <= set(everything)
    assert sample(LakeResources(lake.settings.changed(**{"seed": 1}))) != drawn


def test_a_giant_document_gives_its_beginning_alone(changed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "_DOCUMENT_CHARS", 5)
    lake = changed()
    assert sample(lake) == [text[:5] for text in texts(lake, "train")]


def test_a_version_that_a_run_names_is_opened_and_a_lost_one_is_missed(changed: Any) -> None:
    lake = changed(tokenization__vocabulary_size=320)
    old = lake.store.required("tokenizer")
    assert train(lake) != Path(lake.store.file(old, tokenizer.FILE)).read_text()
    assert tokenizer.open_tokenizer(reader_of(lake)).vocabulary_size == 320
    assert tokenizer.open_tokenizer(reader_of(lake), old.version).vocabulary_size == 300
    shutil.rmtree(lake.store.path("tokenizer", "all", old.version))
    with pytest.raises(MissingError, match=f"tokenizer/all version {old.version}"):
        tokenizer.open_tokenizer(reader_of(lake), old.version)


def test_nothing_to_train_on_is_an_error_and_no_tokenizer(changed: Any) -> None:
    lake = changed(tokenization__vocabulary_size=330)
    for shard in lake.shards():
        change_table(
            lake, "raw_shards", shard,
            lambda table: table.set_column(7, table.schema.field("split"), pa.array(["held_out"] * len(table))),
        )  # fmt: skip
    before = lake.store.required("tokenizer")
    with pytest.raises(SettingError, match="0 characters"):
        train(lake)
    assert lake.store.required("tokenizer") == before
