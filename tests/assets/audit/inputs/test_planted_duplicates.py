"""Planted duplicates: made of the lake's own documents, and as alike as their words are."""

import logging

import numpy as np
import pytest

from assets.audit.duplicate_truth import duplicate_truth
from assets.audit.inputs import planted_duplicates
from assets.audit.inputs.planted_duplicates import PAIRS, UNRELATED, Planted, encode, plant
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from guyot.audit.duplicates.synthetic import FAMILIES, synthetic_duplicate
from guyot.encoders.hashing import HashingEncoder
from guyot.vectors.exact import unit_float16
from resources import progress


def planted_in(lake: LakeResources) -> Planted:
    reader = duplicate_truth.reader(lake)
    return plant(reader, snapshot_of(reader.required("cluster_scores")), lake.settings)


def test_encoding_reports_each_block_and_blocks_do_not_matter(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_EVERY_SECONDS", 0.0)
    texts, encoder = [f"text number {i}" for i in range(7)], HashingEncoder()
    monkeypatch.setattr(planted_duplicates, "_DOCUMENTS_AT_ONCE", 3)
    with caplog.at_level(logging.INFO, progress.LOGGER.name):
        found = encode(texts, encoder)
    assert [record.step.done for record in caplog.records] == [3, 6, 7]
    assert np.array_equal(found, unit_float16(encoder.encode(texts)))


def test_what_is_planted_is_made_of_the_lakes_own_documents(lake: LakeResources) -> None:
    made = planted_in(lake)
    rows = [
        r for s in lake.shards() for r in lake.store.table(lake.store.required("raw_shards", s)).to_pylist()
    ]
    training = {row["content"]: row["kind"] for row in rows if row["split"] == "train"}
    originals = [text for text, family in zip(made.texts, made.family, strict=True) if family < 0]
    assert set(originals) <= set(training)
    assert made.original[: len(originals)].tolist() == list(range(len(originals)))
    for number, (text, family) in enumerate(zip(made.texts, made.family.tolist(), strict=True)):
        if family >= 0:
            original = made.texts[made.original[number]]
            assert synthetic_duplicate(original, training[original], FAMILIES[family]) == text


def test_how_alike_each_planted_pair_is(lake: LakeResources) -> None:
    made = planted_in(lake)
    rows = lake.store.table(lake.store.required("duplicate_truth"), PAIRS.file).to_pylist()
    duplicates = np.flatnonzero(made.family >= 0).tolist()
    assert len(rows) == len(duplicates) + len(made.ids)
    ids = [doc_id.decode() for doc_id in made.ids]
    for row, at in zip(rows, duplicates, strict=False):
        original = int(made.original[at])
        assert (row["doc_id"], row["family"]) == (ids[original], FAMILIES[made.family[at]])
        one, other = (_runs(made.texts[number]) for number in (original, at))
        assert row["jaccard"] == len(one & other) / len(one | other)
        if row["family"] in ("exact", "whitespace"):
            assert row["jaccard"] == 1
        if row["family"] == "exact":
            assert row["cosine"] == 1
    unrelated = rows[len(duplicates) :]
    assert {row["family"] for row in unrelated} == {UNRELATED}
    for number, row in enumerate(unrelated):
        other = (number + 1) % len(ids)
        one, other = _runs(made.texts[number]), _runs(made.texts[other])
        assert (row["doc_id"], row["jaccard"]) == (ids[number], len(one & other) / len(one | other))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))}
