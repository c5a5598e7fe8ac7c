"""Documents to transform are drawn by their own id; each is encoded beside itself transformed."""

import numpy as np

from assets.audit.embedding_invariance import embedding_invariance
from assets.audit.inputs.transformed_documents import (
    MAX_CHARS,
    TRANSFORMATIONS,
    sample,
    transformed_vectors,
)
from assets.graph.lake import LakeResources
from assets.graph.snapshot import take
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16


class Lengths:
    """Encodes a text by its length and its capitals."""

    id, width = "lengths", 2

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.array([[len(t), 1 + sum(c.isupper() for c in t)] for t in texts], np.float32)


def test_the_sample_is_of_training_documents_by_kind(lake: LakeResources) -> None:
    reader, snapshot = embedding_invariance.reader(lake), take(lake, ("raw_shards",))
    drawn = sample(reader, snapshot, lake.settings)
    table = snapshot.table(reader, "raw_shards", ["doc_id", "kind", "split", "content"]).to_pylist()
    by_id = {row["doc_id"]: row for row in table}
    assert set(drawn) == {"python", "other"}
    for kind, texts in drawn.items():
        assert list(texts) == sorted(texts)
        for doc_id, text in texts.items():
            assert by_id[doc_id]["split"] == "train"
            assert (by_id[doc_id]["kind"] == "python") == (kind == "python")
            assert text == by_id[doc_id]["content"][:MAX_CHARS]
    assert drawn == sample(reader, snapshot, lake.settings)


def test_rows_are_those_of_documents_in_which_there_is_a_place() -> None:
    texts = {
        "python": {str(i): f"def f{i}(): return {i}" + "  # why" * (i % 2) for i in range(8)},
        "other": {"x": "A"},
    }
    found = list(transformed_vectors(texts, Lengths(), (0.5, 1.0), seed=3, work="test"))
    assert {moved.kind for moved in found} == {"python"}, "one document of the other kinds is too few"
    by_name = {(moved.transformation, moved.magnitude): moved for moved in found}
    assert ("function_order", 1.0) not in by_name, "one function has no other place"
    moved = by_name["comments", 1.0]
    with_comments = [text for text in texts["python"].values() if "#" in text]
    assert moved.original.tobytes() == unit_float16(Lengths().encode(with_comments)).tobytes()
    without = [text.partition("  #")[0] for text in with_comments]
    assert moved.transformed.tobytes() == unit_float16(Lengths().encode(without)).tobytes()
    cased = by_name["case", 0.5]
    expected = [
        TRANSFORMATIONS["python"]["case"](text, 0.5, generator(3, "transformation", "case", doc_id)) or ""
        for doc_id, text in texts["python"].items()
    ]
    assert cased.transformed.tobytes() == unit_float16(Lengths().encode(expected)).tobytes()
