"""What a run consumed, and how two mixtures differ: as the lake's own records say."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.lake import build_asset, build_lake, copy_of, graph_lake

from assets.graph.lake import LakeResources
from guyot.errors import MissingError
from jobs.cli.lineage_tables import difference, inputs_of_run, runs_that_saw


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def decisions(lake: LakeResources, recipe: str, version: str | None = None) -> dict[str, dict[str, Any]]:
    found = (
        lake.store.required("pruned_mixtures", recipe)
        if version is None
        else lake.store.manifest("pruned_mixtures", recipe, version)
    )
    assert found is not None
    return {row["doc_id"]: row for row in lake.store.table(found).to_pylist()}


def test_inputs_are_the_versions_of_the_record_and_of_its_snapshot(lake: LakeResources) -> None:
    (record,) = lake.store.table(lake.store.required("training_runs", "d4/0")).to_pylist()
    answer = inputs_of_run(lake, "d4/0")
    assert answer == inputs_of_run(lake, record["run_id"])
    rows = answer.rows.to_pylist()
    by_name = {(row["input"], row["name"]): row["value"] for row in rows}
    assert len(by_name) == len(rows)
    assert by_name["pruned_mixtures", "d4"] == record["mixture_version"]
    assert by_name["epoch_schedules", "d4"] == record["schedule_version"]
    assert by_name["tokenizer", "all"] == record["tokenizer_version"]
    assert by_name["init", "digest of the initial weights"] == record["init"]
    for shard in lake.shards():
        assert by_name["raw_shards", shard] == lake.store.required("raw_shards", shard).version
    config = {row["name"]: json.loads(row["value"]) for row in rows if row["input"] == "config"}
    assert config == json.loads(record["config"])
    assert f"{record['tokens']:,} tokens in {record['steps']:,} steps" in answer.summary


def test_a_run_that_is_not_there_is_refused(lake: LakeResources) -> None:
    with pytest.raises(MissingError, match=r"run 'd4/9' was asked for; the lake has 3 runs: d4-0-"):
        inputs_of_run(lake, "d4/9")


@pytest.mark.parametrize(("one", "other"), [("everything", "semdedup"), ("d4", "length"), ("d4", "d4")])
def test_mixtures_differ_in_what_only_one_keeps(lake: LakeResources, one: str, other: str) -> None:
    left, right = decisions(lake, one), decisions(lake, other)
    answer = difference(lake, one, other, 0)
    rows = answer.rows.to_pylist()
    only = {name: {d for d in mine if mine[d]["kept"] and not theirs[d]["kept"]} for name, mine, theirs in (
        ("left", left, right), ("right", right, left))}  # fmt: skip
    if one != other:
        assert {row["doc_id"] for row in rows if row["kept_by"] == one} == only["left"]
        assert {row["doc_id"] for row in rows if row["kept_by"] == other} == only["right"]
        for row in rows:
            why = (right if row["kept_by"] == one else left)[row["doc_id"]]
            assert row["by_the_other"] == f"dropped by {why['step']}, {why['reason']}"
            assert row["source_path"]
    both = sum(left[d]["kept"] and right[d]["kept"] for d in left)
    assert answer.summary == (
        f"{both:,} documents are kept by both, {len(only['left']):,} by {one} alone, "
        f"{len(only['right']):,} by {other} alone"
    )
    few = difference(lake, one, other, 1)
    assert few.rows.num_rows == min(1, len(rows))
    assert ("rows are not shown" in few.summary) == (len(rows) > 1)


def test_versions_of_one_mixture_differ_by_what_came(lake: LakeResources, tmp_path: Path) -> None:
    before = lake.store.required("pruned_mixtures", "everything").version
    source = tmp_path / "source"
    source.mkdir()
    changed = copy_of(lake, tmp_path / "lake")
    for file in Path(lake.settings.source).rglob("*"):
        if file.is_file():
            target = source / file.relative_to(lake.settings.source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    (source / "package01" / "new.py").write_text("print('a new one')")
    changed = copy_of(lake, tmp_path / "again")
    changed = type(changed)(changed.settings.model_copy(update={"source": str(source)}))
    build_lake(changed, until="epoch_schedules", recipes=["everything"])
    build_asset(changed, "catalogue")  # the run of before pins its mixture
    answer = difference(changed, "everything", f"everything@{before}", 0)
    names = {row["source_path"]: row["by_the_other"] for row in answer.rows.to_pylist()}
    assert names["package01/new.py"] == "not in its snapshot"


def test_a_mixture_that_is_not_there_is_refused(lake: LakeResources) -> None:
    with pytest.raises(
        MissingError, match=r"mixture 'nothing' was asked for; the lake has those of clean, cover"
    ):
        difference(lake, "nothing", "d4", 0)
    with pytest.raises(MissingError, match="mixture 'd4@0123' was asked for"):
        difference(lake, "d4", "d4@0123", 0)


def test_a_document_that_no_run_read_is_told_so(lake: LakeResources) -> None:
    rows = decisions(lake, "d4")
    held_out = next(d for d in rows if rows[d]["step"] == "held_out")
    answer = runs_that_saw(lake, held_out)
    assert answer.summary.endswith("held_out): read by 0 of 3 runs")
    assert answer.rows.num_rows == 0
