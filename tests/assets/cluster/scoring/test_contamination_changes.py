"""What stays of the last contamination scores, by shard and by benchmark."""

from pathlib import Path

import pytest
from support.contamination import Benchmarks, Shards, contamination_lake, id_of, put
from support.lake import build_asset, reader_of, spec_of

from assets.cluster.scoring import contamination_changes, contamination_pairs
from assets.cluster.scoring.contamination_changes import ContaminationChanges
from assets.cluster.scoring.contamination_pairs import Floors
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of

TEXT = "one text that all have"
BEFORE: Shards = {
    "s": {"a": (TEXT, "train"), "h": (TEXT, "held_out")},
    "t": {"b": (TEXT, "train"), "i": (f"{TEXT}!", "held_out")},
}
BENCH: Benchmarks = {"bench": [TEXT], "other": [TEXT]}


@pytest.fixture
def lake(tmp_path: Path) -> LakeResources:
    made = contamination_lake(tmp_path / "lake")
    put(made, BEFORE, BENCH)
    build_asset(made, "contamination_scores")
    return made


def since(lake: LakeResources) -> ContaminationChanges:
    reader, source = reader_of(lake), snapshot_of(lake.store.required("cluster_scores"))
    sources = contamination_changes.evaluation_sources(reader, source, lake.store.required("evaluation_sets"))
    previous = lake.store.required("contamination_scores")
    return contamination_changes.since(
        reader, previous, spec_of(lake, "contamination_scores"), source, sources, Floors(0.5, 0.95)
    )


def test_where_nothing_changed_all_stays(lake: LakeResources) -> None:
    found = since(lake)
    assert len(found.copied) == lake.store.required("contamination_scores").rows == 8
    assert found.known.astype(str).tolist() == sorted([id_of("a", TEXT), id_of("b", TEXT)])
    assert found.new_origins == ()


def test_pairs_of_a_shard_or_a_benchmark_that_changed_go(lake: LakeResources) -> None:
    put(lake, {**BEFORE, "t": {"c": (TEXT, "train")}}, {**BENCH, "other": [f"{TEXT}."]})
    found = since(lake)
    assert found.known.astype(str).tolist() == [id_of("a", TEXT)]
    assert found.new_origins == ("t", "/other")
    records = {id_of("h", TEXT), id_of("bench/0", TEXT)}
    assert set(found.copied.record.astype(str).tolist()) == records
    assert len(found.copied) == 2


def test_a_new_split_is_a_change_and_a_benchmark_may_go(lake: LakeResources) -> None:
    put(lake, {**BEFORE, "s": {"a": (TEXT, "held_out"), "h": (TEXT, "train")}}, {"other": [TEXT]})
    found = since(lake)
    assert found.known.astype(str).tolist() == [id_of("b", TEXT)]
    assert found.new_origins == ("s",)
    assert set(found.copied.record.astype(str).tolist()) == {id_of("i", f"{TEXT}!"), id_of("other/0", TEXT)}


def test_documents_whose_full_list_lost_a_record_are_compared_again(
    lake: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contamination_pairs, "RECORDS_PER_DOCUMENT", 2)
    put(lake, {"s": BEFORE["s"]}, BENCH)
    found = since(lake)
    assert found.known.tolist() == []
    assert len(found.copied) == 0


def test_from_nothing_all_is_new(lake: LakeResources) -> None:
    reader, source = reader_of(lake), snapshot_of(lake.store.required("cluster_scores"))
    sources = contamination_changes.evaluation_sources(reader, source, lake.store.required("evaluation_sets"))
    assert sources.sets == ("held_out", "bench", "other")
    found = contamination_changes.from_nothing(sources)
    assert found.new_origins == ("s", "t", "/bench", "/other")
    assert len(found.copied) == len(found.known) == 0
