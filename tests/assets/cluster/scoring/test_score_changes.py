"""Changes since the last scores: who came, who went, whose witness went; and when scores cannot be built upon."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import support.scores
from support.corpus import some_units
from support.lake import reader_of, spec_of
from support.scores import TWINS, Doc, Scored, Shards, documents_of, empty_lake, name_of, put, score

from assets.cluster.scoring import score_changes, scored_documents
from assets.graph.doc_ids import unpacked
from assets.graph.lake import LakeResources
from assets.graph.snapshot import take
from guyot.errors import CorruptError, MissingError
from guyot.vectors.exact import unit_float16

STATE: Shards = {
    "shard-a": documents_of(0, 4, 8, 12) | documents_of(16, split="held_out"),
    "shard-b": documents_of(1, 5, 9, 13),
    "shard-c": documents_of(6, 10, 14) | {2: Doc(TWINS[0])},
}


@pytest.fixture(params=[(0, 0.0), (0, 0.3), (1000, 0.3)], ids=["per_cluster", "with_visitors", "all_pairs"])
def small(request: pytest.FixtureRequest, tmp_path: Path) -> LakeResources:
    limit, margin = request.param
    lake = empty_lake(tmp_path, clustering__all_pairs_max_documents=limit, clustering__border_margin=margin)
    put(lake, STATE)
    return lake


def build(lake: LakeResources) -> Scored:
    return score(lake)


def written(lake: LakeResources) -> dict[str, bytes]:
    manifest = lake.store.required("cluster_scores")
    return {name: Path(lake.store.file(manifest, name)).read_bytes() for name in manifest.files}


def is_that_of_a_rebuild(lake: LakeResources) -> bool:
    found = written(lake)
    shutil.rmtree(lake.store.path("cluster_scores"))
    assert build(lake).why == "there are no scores yet"
    return found == written(lake)


def manifest_visitors(lake: LakeResources) -> int:
    return int(lake.store.required("cluster_scores").facts["visitors"])


def orphans_of(lake: LakeResources, *gone: int) -> int:
    """Count the documents that stay and whose witness goes, in one of their lists or in both."""
    found = scored_documents.read(reader_of(lake), lake.store.required("cluster_scores"))
    goes = np.isin(unpacked(found.documents.ids), [name_of(number).encode() for number in gone])
    witness = found.entries.witness
    orphaned = found.documents.entries[(witness >= 0) & goes[witness]]
    return len(set(orphaned[~goes[orphaned]].tolist()))


def margin_of(lake: LakeResources) -> float:
    """Return the margin with which documents visit: with all pairs nobody does."""
    return (
        lake.settings.clustering.border_margin if not lake.settings.clustering.all_pairs_max_documents else 0
    )


def since(lake: LakeResources) -> score_changes.Changes:
    return score_changes.since(
        reader_of(lake), lake.store.required("cluster_scores"), take(lake), margin_of(lake)
    )


A, B, C = (STATE[f"shard-{letter}"] for letter in "abc")
AGAIN = {5: B[5], 1: B[1], 13: B[13], 9: B[9]}  # the same documents in another order
CASES: dict[str, tuple[Shards, set[int], set[int]]] = {
    "a shard comes": ({**STATE, "shard-d": documents_of(3, 7)}, {3, 7}, set()),
    "it may come before the others": ({"shard-0": documents_of(30), **STATE}, {30}, set()),
    "a shard goes": ({"shard-a": A, "shard-c": C}, set(), {1, 5, 9, 13}),
    "one comes, one goes": ({"shard-b": B, "shard-c": C, "shard-d": documents_of(3)}, {3}, {0, 4, 8, 12}),
    "a document goes": ({**STATE, "shard-b": documents_of(1, 5, 13)}, set(), {9}),
    "a document comes": ({**STATE, "shard-b": documents_of(1, 5, 9, 11, 13)}, {11}, set()),
    "a document gets another vector": ({**STATE, "shard-b": {**B, 5: Doc(20)}}, {5}, {5}),
    "another vector, as far": ({**STATE, "shard-c": {**C, 2: Doc(TWINS[1])}}, {2}, {2}),
    "a document is held out": ({**STATE, "shard-b": {**B, 9: Doc(9, "held_out")}}, set(), {9}),
    "a held-out document is one no more": ({**STATE, "shard-a": documents_of(0, 4, 8, 12, 16)}, {16}, set()),
    "the same in another order": ({**STATE, "shard-b": AGAIN}, set(), set()),
    "a held-out document comes": ({**STATE, "shard-b": B | documents_of(3, split="held_out")}, set(), set()),
    "copies come": ({**STATE, "shard-d": {20: Doc(5), 21: Doc(2), 22: Doc(2)}}, {20, 21, 22}, set()),
    "most go": ({"shard-b": documents_of(5)}, set(), {0, 1, 2, 4, 6, 8, 9, 10, 12, 13, 14}),
    "a document moves": ({**STATE, "shard-b": documents_of(1, 5, 13), "shard-c": C | documents_of(9)}, {9}, {9}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_only_what_came_and_went_is_told_and_the_bytes_are_those_of_a_rebuild(
    small: LakeResources, case: str
) -> None:
    after, fresh, removed = CASES[case]
    assert build(small).made == "rebuild"
    orphaned = orphans_of(small, *removed)
    put(small, after)
    changes = since(small)
    documents = changes.scored.documents
    assert [i.decode() for i in unpacked(documents.ids[changes.fresh]).tolist()] == sorted(
        name_of(n) for n in fresh
    )
    way = build(small)
    assert (way.made, way.why) == ("increment", "")
    assert (way.fresh, way.removed, way.orphaned) == (len(fresh), len(removed), orphaned)
    assert bool(way.touched) == bool(fresh or orphaned)
    assert is_that_of_a_rebuild(small)


def test_the_cases_have_orphans_and_visitors(small: LakeResources) -> None:
    build(small)
    assert (manifest_visitors(small) > 3) == (margin_of(small) > 0)
    assert sum(orphans_of(small, *removed) > 0 for _, _, removed in CASES.values()) >= 3


def test_a_shard_whose_old_vectors_are_gone_is_taken_as_another(small: LakeResources) -> None:
    build(small)
    before = {t: small.store.required(t, "shard-b") for t in ("cluster_assignments", "raw_shards")}
    put(small, {**STATE, "shard-b": documents_of(1, 5, 9, 11, 13)})
    for table, manifest in before.items():
        shutil.rmtree(small.store.path(table, "shard-b", manifest.version))
    way = build(small)
    assert (way.made, way.fresh, way.removed) == ("increment", 5, 4)
    assert is_that_of_a_rebuild(small)


def test_equal_contents_of_other_versions_are_no_change(small: LakeResources) -> None:
    build(small)
    for table in ("raw_shards", "cluster_assignments"):
        old = small.store.required(table, "shard-b")
        with small.store.write(
            table, "shard-b", inputs=old.inputs, settings={"again": 1}, code=old.code
        ) as writer:
            writer.table(small.store.table(old))
            if table == "cluster_assignments":
                writer.vectors(small.store.vectors(old)[:])
                writer.facts["offsets"] = old.facts["offsets"]
            writer.content = old.content
    signals = small.store.required("quality_signals", "shard-b")
    with small.store.write(
        "quality_signals", "shard-b", inputs=signals.inputs, settings={"again": 1}, code=""
    ) as writer:
        writer.table(small.store.table(signals)[::-1])
    way = build(small)
    assert (way.made, way.fresh, way.removed, way.orphaned, way.touched) == ("increment", 0, 0, 0, 0)
    assert is_that_of_a_rebuild(small)
    assert build(small).made == "nothing"


def test_what_cannot_be_built_upon_is_rebuilt_and_the_reason_told(small: LakeResources) -> None:
    build(small)
    previous = small.store.required("cluster_scores")
    build_spec = spec_of(small, "cluster_scores")
    assert score_changes.unusable(previous, build_spec) == ""
    assert score_changes.unusable(None, build_spec) == "there are no scores yet"
    other = dataclasses.replace(build_spec, code="0")
    assert score_changes.unusable(previous, other) == "the code of the asset changed"
    other = dataclasses.replace(build_spec, settings={**build_spec.settings, "clustering.border_margin": 0.5})
    changed = f"clustering.border_margin changed from {small.settings.clustering.border_margin} to 0.5"
    assert score_changes.unusable(previous, other) == changed
    with small.store.write("centroids", "all", inputs={"new": ""}, settings={}, code="") as writer:
        writer.table(small.store.table(small.store.required("centroids")))
        writer.vectors(some_units(3, 8, 2))
    put(small, STATE)
    assert build(small).why == "the centroids changed"
    assert is_that_of_a_rebuild(small)


def test_crossing_from_one_mode_to_the_other_is_a_rebuild(tmp_path: Path) -> None:
    lake = empty_lake(tmp_path, clustering__all_pairs_max_documents=12)
    for after, why in (
        (STATE, "there are no scores yet"),
        ({**STATE, "shard-b": documents_of(1, 5, 9)}, ""),
        (STATE, "nothing"),
        ({**STATE, "shard-d": documents_of(3)}, "the mode changed from all_pairs to per_cluster"),
        ({**STATE, "shard-d": documents_of(3, 7)}, ""),
        ({"shard-a": A, "shard-d": documents_of(3, 7)}, "the mode changed from per_cluster to all_pairs"),
    ):
        put(lake, after)
        way = build(lake)
        assert why in (way.why, way.made)
        few = sum(d.split == "train" for s in after.values() for d in s.values()) <= 12
        assert lake.store.required("cluster_scores").facts["mode"] == ("all_pairs" if few else "per_cluster")
    assert is_that_of_a_rebuild(lake)


def test_another_margin_is_a_rebuild(tmp_path: Path) -> None:
    lake = empty_lake(tmp_path, clustering__all_pairs_max_documents=0, clustering__border_margin=0.3)
    put(lake, STATE)
    build(lake)
    wide = dataclasses.replace(lake, settings=lake.settings.changed(**{"clustering.border_margin": 0.5}))
    assert build(wide).why == "clustering.border_margin changed from 0.3 to 0.5"
    assert is_that_of_a_rebuild(wide)


def test_a_visitor_whose_witness_goes_seeks_another_where_it_visits(tmp_path: Path) -> None:
    lake = empty_lake(tmp_path, 2, clustering__all_pairs_max_documents=0, clustering__border_margin=0.05)
    own, visitor, goes, stays = (
        [0.6, 0.1, 0, 0.79],
        [0.7, 0.68, 0.22, 0],
        [0.6, 0.66, 0.45, 0],
        [0.1, 0.6, 0.79, 0],
    )
    rows = np.pad(np.array([own, visitor, goes, stays], np.float32), [(0, 0), (0, 4)])
    state: Shards = {"shard-a": documents_of(0, 1, 3), "shard-b": documents_of(2)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(support.scores, "POOL", unit_float16(rows))
        put(lake, state)
        build(lake)
        before = scored_documents.read(reader_of(lake), lake.store.required("cluster_scores"))
        put(lake, {"shard-a": state["shard-a"]})
        changes, way = since(lake), build(lake)
    assert (before.documents.cluster.tolist(), before.documents.border_cluster.tolist()) == (
        [0, 0, 1, 1],
        [-1, 1, -1, -1],
    )
    assert before.entries.witness.tolist() == [
        -1,
        0,
        3,
        -1,
        2,
    ]  # the last is the visitor's, in the other list
    assert before.maxima.witness[1] == 2
    assert changes.orphaned.tolist() == [False, False, False, True]
    assert way.orphaned == 1
    after = scored_documents.read(reader_of(lake), lake.store.required("cluster_scores"))
    assert after.entries.witness.tolist() == [-1, 0, -1, 2]
    assert after.entries.similarity[[1, 3]] == pytest.approx([0.489, 0.654], abs=2e-3)
    assert after.maxima.witness[1] == 2
    assert is_that_of_a_rebuild(lake)


def test_a_document_in_two_shards_at_once_is_an_error(small: LakeResources) -> None:
    build(small)
    put(small, {**STATE, "shard-d": documents_of(5)})
    with pytest.raises(CorruptError, match=f"1 are twice, such as {name_of(5)}"):
        build(small)


def test_the_last_shard_may_not_go(small: LakeResources) -> None:
    build(small)
    put(small, {})
    with pytest.raises(MissingError, match="the snapshot has 0 shards"):
        build(small)


def test_known_scores_keep_their_bits(small: LakeResources) -> None:
    build(small)
    old = scored_documents.read(reader_of(small), small.store.required("cluster_scores"))
    put(small, CASES["a shard comes"][0])
    changes = since(small)
    found = changes.scored
    known = ~(changes.fresh[found.documents.entries] | changes.orphaned)
    assert found.entries.similarity[known].tobytes() == old.entries.similarity.tobytes()
    has = old.entries.witness >= 0
    assert np.array_equal(
        found.documents.ids[found.entries.witness[known][has]], old.documents.ids[old.entries.witness[has]]
    )
