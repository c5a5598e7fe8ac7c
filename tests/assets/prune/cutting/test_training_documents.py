"""Training documents: every column is that of the same document in the lake's tables."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from support.lake import copy_of, graph_lake, reader_of

from assets.cluster.scoring.comparison_lists import ScoredLists
from assets.graph.doc_ids import unpacked
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader, UndeclaredReadError
from assets.prune.cutting import training_documents
from assets.prune.cutting.training_documents import TrainingDocuments
from assets.prune.pruned_mixtures import pruned_mixtures
from guyot.columns import COMPARISON_LISTS, VECTORS
from guyot.errors import MissingError
from guyot.prune.bounds import Bounds
from guyot.prune.exact import Exact
from guyot.prune.length import Length
from guyot.prune.only_kinds import OnlyKinds
from guyot.prune.random import Random
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe

EVERY = Recipe(
    "every", (Exact(), OnlyKinds(("text",)), SemDeDup(keep_fraction=0.5), Bounds("none", at_least=0)), 0.5
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture(scope="module")
def loaded(lake: LakeResources) -> TrainingDocuments:
    scores, linked = (lake.store.required(f"{name}_scores") for name in ("cluster", "minhash"))
    return training_documents.load(pruned_mixtures.reader(lake), scores, linked)


def test_columns_are_aligned_by_doc_id(lake: LakeResources, loaded: TrainingDocuments) -> None:
    ids = [i.decode() for i in unpacked(loaded.ids)]
    assert ids == sorted(ids)
    documents = loaded.documents(EVERY)
    raw, signals = {}, {}
    for shard in lake.shards():
        for table, rows in (("raw_shards", raw), ("quality_signals", signals)):
            for row in lake.store.table(lake.store.required(table, shard)).to_pylist():
                rows[row["doc_id"]] = row
    scores = {r["doc_id"]: r for r in lake.store.table(lake.store.required("cluster_scores")).to_pylist()}
    assert set(ids) == set(scores) == {d for d, row in raw.items() if row["split"] == "train"}
    assert {i.decode() for i in unpacked(loaded.held_out)} == set(raw) - set(ids)
    for row, doc_id in enumerate(ids):
        assert documents.kinds[documents.column("kind")[row]] == raw[doc_id]["kind"]
        assert unpacked(documents.content_digest[row : row + 1])[0].decode() == raw[doc_id]["content_digest"]
        for name in ("tokens", "bytes", "lines", "words", "max_line", "alpha_fraction", "compression_ratio"):
            assert documents.column(name)[row] == signals[doc_id][name]
        assert documents.column("parses")[row] == {True: 1, False: 0, None: -1}[signals[doc_id]["parses"]]
        assert documents.column("cluster")[row] == scores[doc_id]["cluster"]
        assert documents.column("distance")[row] == np.float32(scores[doc_id]["distance"])
        witness = documents.column("witness")[row]
        assert (ids[witness] if witness >= 0 else None) == scores[doc_id]["witness"]


def test_lists_hold_every_document_with_its_own_vector(loaded: TrainingDocuments) -> None:
    vectors = {}
    for rows, block in loaded.documents(EVERY).require(VECTORS).blocks():
        vectors |= dict(zip(rows.tolist(), block, strict=True))
    seen, documents = [], loaded.documents(EVERY)
    for rows, block in loaded.documents(EVERY).require(COMPARISON_LISTS).lists():
        assert (np.diff(-documents.column("distance")[rows]) >= 0).all()
        for row, vector in zip(rows.tolist(), block, strict=True):
            assert np.array_equal(vector, vectors[row])
        seen += rows.tolist()
    assert sorted(seen) == list(range(len(loaded.ids)))


def test_a_recipe_gets_what_it_looks_at_and_what_others_computed(loaded: TrainingDocuments) -> None:
    drawn, long = (
        loaded.documents(Recipe("one", (step,), 0.5)) for step in (Random(), Length(measure="bytes"))
    )
    assert drawn.content_digest is None
    assert set(drawn.columns) == {"tokens", "cluster", "distance", "max_similarity"}
    assert set(long.columns) == {"tokens", "cluster", "distance", "max_similarity", "bytes"}
    assert drawn.memo is long.memo
    assert drawn.columns["tokens"] is long.columns["tokens"], "which every recipe looks at"


def test_centroids_that_are_not_those_of_the_scores_are_refused(lake: LakeResources) -> None:
    scores = lake.store.required("cluster_scores")
    other = dataclasses.replace(scores, inputs={**scores.inputs, "centroids": "other"})
    with pytest.raises(MissingError, match="need centroids other; live are"):
        training_documents.load(pruned_mixtures.reader(lake), other, lake.store.required("minhash_scores"))


def test_a_process_reads_them_once_and_those_of_another_lake_anew(
    lake: LakeResources, tmp_path: Path
) -> None:
    first = training_documents.live(pruned_mixtures.reader(lake))
    assert training_documents.live(pruned_mixtures.reader(lake)) is first
    copy = copy_of(lake, tmp_path / "copy")
    other = training_documents.live(pruned_mixtures.reader(copy))
    assert other is not first
    assert len(other.ids) == len(first.ids)
    linked = copy.store.required("minhash_scores")
    with copy.store.write("minhash_scores", "all", inputs={"a": "b"}, settings={}, code="") as writer:
        for name in linked.files:
            writer.table(copy.store.table(linked, name), name)
        writer.facts |= linked.facts
    assert training_documents.live(pruned_mixtures.reader(copy)) is not other


def test_documents_that_another_asset_read_first_are_read_by_their_own_declaration(
    lake: LakeResources,
) -> None:
    first = training_documents.live(reader_of(lake))
    assert training_documents.live(pruned_mixtures.reader(lake)) is first
    lists = first.documents(EVERY).require(COMPARISON_LISTS)
    assert isinstance(lists, ScoredLists)
    with pytest.raises(UndeclaredReadError, match="training documents reads evaluations; it declares"):
        lists.reader.required("evaluations")


@pytest.mark.parametrize("left_out", ["cluster_scores", *(read.table for read in training_documents.READS)])
def test_an_asset_that_does_not_declare_all_gets_none_though_they_are_read_already(
    lake: LakeResources, left_out: str
) -> None:
    training_documents.live(pruned_mixtures.reader(lake))
    tables = {"cluster_scores", *(read.table for read in training_documents.READS)} - {left_out}
    with pytest.raises(UndeclaredReadError, match=f"some_asset reads {left_out};"):
        training_documents.live(TableReader(lake.store, "some_asset", frozenset(tables)))
