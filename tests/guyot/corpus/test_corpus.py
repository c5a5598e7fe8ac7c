"""A corpus in memory: its constructors, and that its mixtures are those of the graph."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd
from support.corpus import some_units
from support.lake import graph_lake

from guyot import Corpus, Length, SemDeDup
from guyot.errors import ArrayError, SettingError
from recipes import RECIPES

TEXTS = [f"text number {i} of a corpus says {'so ' * (i % 5)}" for i in range(40)] + ["twice"] * 2


def test_texts_are_pruned_to_the_document_in_their_order() -> None:
    corpus = Corpus.from_texts(iter(TEXTS))
    mixture = corpus.prune("semdedup", keep=0.5)
    assert len(corpus) == 42
    assert len(mixture) == 21
    assert mixture.mask.sum() == 21
    assert repr(mixture) == "Mixture semdedup: kept 21 of 42 documents"
    assert not mixture.mask[41]  # of equals the first stays
    assert corpus.prune(SemDeDup(duplicate_distance=0.0005)).dropped["row"].tolist() == [41]


@pytest.mark.parametrize("unit", ["documents", "tokens", "bytes"])
def test_a_target_is_met_in_every_unit(unit: str) -> None:
    sizes = {"documents": np.ones(42, int), "bytes": np.array([len(text) for text in TEXTS])}
    sizes["tokens"] = -(-sizes["bytes"] // 4)
    mixture = Corpus.from_texts(TEXTS).prune("random", keep=0.5, unit=unit)
    kept = sizes[unit][mixture.mask].sum()
    target = sizes[unit].sum() // 2
    assert target - sizes[unit].max() < kept <= target
    assert mixture.count(unit) == (kept, sizes[unit].sum())


def test_its_mixtures_are_those_of_the_graph(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = graph_lake(tmp_path_factory).store
    shards = store.partitions("raw_shards")
    documents, signals = (
        pa.concat_tables([store.table(store.required(name, shard)) for shard in shards])
        for name in ("raw_shards", "quality_signals")
    )
    training = documents.filter(pa.compute.equal(documents["split"], "train"))
    rows = training.join(signals.select(["doc_id", "tokens"]), "doc_id").sort_by("doc_id").to_pydict()
    corpus = Corpus.from_texts(rows["content"], ids=rows["doc_id"], kinds=rows["kind"], tokens=rows["tokens"])
    compared = 0
    for recipe in RECIPES:
        if recipe.name == "random":  # draws by doc_id, which a source path is part of
            continue
        stored = store.table(store.required("pruned_mixtures", recipe.name))
        stored = stored.filter(pa.compute.is_in(stored["doc_id"], pa.array(rows["doc_id"])))
        mixture = corpus.prune(recipe)
        assert mixture.mask.tolist() == stored["kept"].to_pylist(), recipe.name
        dropped = stored.filter(pa.compute.invert(stored["kept"]))
        for ours, theirs in (
            ("reason", "reason"),
            ("step", "step"),
            ("witness_id", "witness"),
            ("score", "score"),
        ):
            assert [row[ours] for row in mixture.dropped] == dropped[theirs].to_pylist(), recipe.name
        compared += 1
    assert compared == len(RECIPES) - 1


def test_vectors_alone_are_pruned_by_what_needs_no_text() -> None:
    vectors = np.concatenate([some_units(30, 16), some_units(30, 16)[:10]])
    corpus = Corpus.from_vectors(vectors * np.float32(3), weights=np.arange(1, 41))
    mixture = corpus.prune("semdedup", keep=0.75)
    assert sorted(row % 30 for row in mixture.dropped["row"].tolist()) == list(range(10))
    assert "text" not in mixture.kept.column_names
    kept, total = corpus.prune("prototypes", keep=0.5, unit="tokens").count("tokens")
    assert total == 820
    assert 370 < kept <= 410
    assert corpus.prune("random", keep=0.5, unit="tokens").count("tokens")[1] == 820
    for recipe, what in (
        ("exact", "a content digest"),
        ("minhash", "minhash"),
        ("clean", "a quality signal"),
        (Length(measure="bytes"), "bytes"),
    ):
        with pytest.raises(
            SettingError, match=f"{what} needs the documents' texts; this corpus of 40 was made of v"
        ):
            corpus.prune(recipe)


def test_given_vectors_stand_for_an_encoders() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 0.001]], np.float32)
    mixture = Corpus.from_texts(["one", "another", "third"], vectors=vectors).prune("semdedup", keep=0.7)
    assert mixture.mask.tolist() in ([True, True, False], [False, True, True])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"texts": []}, "a corpus of 0 documents"),
        ({"texts": ["a", None]}, "2 texts were given; number 1 is of type NoneType"),
        ({"texts": ["a", "\ud800"]}, "text 1 has half of a surrogate pair at character 0"),
        ({"texts": ["a", "b"], "ids": ["1"]}, "2 documents came with 1 ids"),
        (
            {"texts": ["a", "b"], "ids": ["1", "1"]},
            "each of 2 documents needs an id of its own; '1' comes 2 times",
        ),
        ({"texts": ["a", "b"], "kinds": []}, "2 documents came with 0 kinds"),
        (
            {"texts": ["a"], "encodr": "b"},
            "options encodr of a corpus are not known; choose from encoder, tokens",
        ),
        ({"texts": ["a"], "vectors": np.ones((2, 3))}, "1 texts came with 2 vectors"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict, message: str) -> None:
    with pytest.raises((ArrayError, SettingError), match=message):
        Corpus.from_texts(**arguments)


LINES = [
    json.dumps({"id": f"r{i}", "text": f"record {i} says {i * 7}", "language": "English"}) for i in range(9)
]
BAD = ['{"text": "cut in ha', '["no object"]', '{"id": "r1", "text": "again"}', '{"id": "x"}', ""]


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_json_lines_and_what_is_none(tmp_path: Path, suffix: str) -> None:
    packed = {"": bytes, ".gz": gzip.compress, ".zst": zstd.compress}[suffix]
    path = tmp_path / f"some.jsonl{suffix}"
    path.write_bytes(packed("\n".join([*LINES, *BAD]).encode()))
    corpus = Corpus.from_jsonl(path)
    assert repr(corpus) == "Corpus of 9 documents, 4 records rejected"
    assert corpus.rejected["record"].tolist() == [9, 10, 11, 12]
    reasons = ["invalid_json", "not_an_object", "duplicate_id", "missing_text"]
    assert corpus.rejected["reason"].tolist() == reasons
    assert list(corpus.prune("everything").kept)[3]["id"] == "r3"
    assert set(corpus.prune("everything").kept["kind"]) == {"english"}


def test_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"key": range(3), "body": ["a", "b", " "]}), tmp_path / "t.parquet")
    corpus = Corpus.from_parquet(tmp_path / "t.parquet", text_column="body", id_column="key")
    assert corpus.prune("everything", keep=1).kept["text"].tolist() == ["a", "b"]
    assert corpus.rejected["reason"].tolist() == ["empty_document"]


def test_a_hugging_face_data_set() -> None:
    import datasets

    made = datasets.Dataset.from_dict({"text": TEXTS, "label": list(range(len(TEXTS)))})
    corpus = Corpus.from_dataset(made)
    assert corpus.prune("exact", keep=41 / 42).dropped["row"].tolist() == [41]
    splits = datasets.DatasetDict({"train": made, "test": made})
    with pytest.raises(
        SettingError, match=r"several splits was given: train, test; choose one, as in dataset"
    ):
        Corpus.from_dataset(splits)

    def stream() -> Iterator[dict[str, str]]:
        yield from ({"text": text} for text in TEXTS)

    streamed = datasets.IterableDataset.from_generator(stream)
    assert len(Corpus.from_dataset(streamed)) == 42
