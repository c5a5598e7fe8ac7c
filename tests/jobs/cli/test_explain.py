"""Explaining: the one document that is meant, by any of its names, and what each recipe and run did with it."""

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from support.forged import change_manifest
from support.lake import TRAINED, build_asset, copy_of, graph_lake, lake_at, materialize

from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from guyot.errors import MissingError
from guyot.prune.exact import Exact
from guyot.recipe import Recipe
from guyot.train.schedule import segments
from jobs.cli.explain import Explanation, _cluster_size, explain


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture(scope="module")
def documents(lake: LakeResources) -> list[dict[str, Any]]:
    return [
        r for s in lake.shards() for r in lake.store.table(lake.store.required("raw_shards", s)).to_pylist()
    ]


def told(lake: LakeResources, what: str, recipe: str | None = None) -> Explanation:
    return explain(lake, what, recipe)


def named(found: Explanation) -> tuple[str, str]:
    assert found.document is not None
    return found.document["source_path"], found.document["record_key"]


def test_a_document_is_found_by_its_id_and_by_the_beginning_of_it(
    lake: LakeResources, documents: list[dict[str, Any]]
) -> None:
    for row in documents[::9]:
        for length in (8, 20, 32):
            found = told(lake, row["doc_id"][:length], "exact").document
            assert found is not None
            assert {name: found[name] for name in ("doc_id", "source_path", "record_key", "content")} == {
                name: row[name] for name in ("doc_id", "source_path", "record_key", "content")}  # fmt: skip


def test_a_document_is_found_by_path_uri_and_key(
    lake: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(lake.settings.source)
    for what in (
        "package01/broken.py",
        str(source / "package01" / "broken.py"),
        (source / "package01" / "broken.py").as_uri(),
    ):
        assert named(told(lake, what)) == ("package01/broken.py", "")
    monkeypatch.chdir(source / "package01")
    for what in ("broken.py", "./broken.py", f"..{os.sep}package01{os.sep}broken.py"):
        assert named(told(lake, what)) == ("package01/broken.py", "")
    for what in (
        "records.jsonl#r3",
        f"{source}/records.jsonl#r3",
        f"{(source / 'records.jsonl').as_uri()}#r3",
    ):
        assert named(told(lake, what)) == ("records.jsonl", "r3")
    assert named(told(lake, "r3")) == ("records.jsonl", "r3")


def test_several_documents_are_named_and_none_is_guessed(
    lake: LakeResources, documents: list[dict[str, Any]]
) -> None:
    with pytest.raises(MissingError, match="'records.jsonl' means several documents") as refused:
        told(lake, "records.jsonl")
    listed = str(refused.value).partition("one of them: ")[2].split(", ")
    ids = {f"{row['source_path']}#{row['record_key']} ({row['doc_id']})" for row in documents}
    assert len(listed) > 1
    assert set(listed) <= ids


@pytest.mark.parametrize(
    "what", ["nowhere.py", "records.jsonl#r99", "0" * 8, "f" * 32, "package01", "", "x' OR 1=1 --"]
)
def test_what_is_not_there_is_said_with_what_is_near(lake: LakeResources, what: str) -> None:
    with pytest.raises(MissingError, match="the nearest sources are ") as refused:
        told(lake, what)
    assert str(refused.value).startswith(repr(what))
    near = str(refused.value).partition("nearest sources are ")[2].split(", ")
    assert len(near) == len(set(near)) == 3


def test_near_is_what_is_spelt_like_it(lake: LakeResources) -> None:
    with pytest.raises(MissingError, match="nearest sources are package02/notes.md"):
        told(lake, "package2/notes.md")


def test_a_rejected_file_and_record_say_why(lake: LakeResources) -> None:
    rejected = told(lake, "latin.py")
    assert (rejected.document, rejected.verdicts) == (None, [])
    assert [row["reason"] for row in rejected.quarantined] == ["invalid_utf8"]


def test_the_verdicts_are_the_rows_of_the_mixtures(
    lake: LakeResources, documents: list[dict[str, Any]]
) -> None:
    rows: dict[str, dict[str, Any]] = {}
    for recipe in BY_NAME:
        rows[recipe] = {
            r["doc_id"]: r
            for r in lake.store.table(lake.store.required("pruned_mixtures", recipe)).to_pylist()
        }
    scores = {r["doc_id"]: r for r in lake.store.table(lake.store.required("cluster_scores")).to_pylist()}
    near = [d for d in rows["semdedup"] if rows["semdedup"][d]["reason"] == "near_duplicate"]
    assert near
    for doc_id in (near[0], documents[0]["doc_id"], documents[-1]["doc_id"]):
        verdicts = told(lake, doc_id).verdicts
        assert [verdict.recipe for verdict in verdicts] == sorted(BY_NAME)
        for verdict in verdicts:
            row = rows[verdict.recipe][doc_id]
            assert verdict.version == lake.store.required("pruned_mixtures", verdict.recipe).version
            for name in ("kept", "step", "reason", "score", "threshold"):
                assert getattr(verdict, name) == row[name]
            assert (verdict.witness and verdict.witness["doc_id"]) == row["witness"]
            assert verdict.sentence
            if verdict.witness and row["reason"] != "held_out":
                assert verdict.witness["source_path"] in verdict.sentence
            if row["reason"] == "near_duplicate":
                assert verdict.similarity == scores[doc_id]["max_similarity"]
    assert [verdict.recipe for verdict in told(lake, near[0], "d4").verdicts] == ["d4"]
    with pytest.raises(MissingError, match="recipe 'nothing' has no mixture"):
        told(lake, near[0], "nothing")


def test_a_clusters_size_is_that_of_what_earlier_steps_left(lake: LakeResources) -> None:
    cluster = {
        r["doc_id"]: r["cluster"] for r in lake.store.table(lake.store.required("cluster_scores")).to_pylist()
    }
    mixture = lake.store.required("pruned_mixtures", "scip")
    recipe = Recipe("scip", (Exact(), *BY_NAME["scip"].steps), 0.8)
    verdicts = {r["doc_id"]: r for r in lake.store.table(mixture).to_pylist()}
    small = next(d for d, r in verdicts.items() if r["reason"] == "small_cluster")
    like = [d for d in cluster if cluster[d] == cluster[small]]
    gone = next(d for d in like if d != small)
    with duckdb.connect() as connection:
        connection.register("scored", pa.table({"doc_id": list(cluster), "cluster": list(cluster.values())}))
        connection.execute("CREATE TABLE cluster_scores AS FROM scored")
        told = [{**verdicts[d], "recipe": "scip", "version": "v"} for d in verdicts]
        for row in told:
            row |= {"step": "exact", "kept": False} if row["doc_id"] == gone else {}
        connection.register("told", pa.Table.from_pylist(told))
        connection.execute("CREATE TABLE pruned_mixtures AS FROM told")

        def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
            return connection.sql(sql, params=list(values)).to_arrow_table().to_pylist()

        row = next(row for row in told if row["doc_id"] == small)
        assert _cluster_size(rows, recipe, row, {"cluster": cluster[small]}) == len(like) - 1
        assert _cluster_size(rows, recipe, {**row, "step": "exact"}, {"cluster": cluster[small]}) is None
    sentence = told_by(lake, small, "scip")
    assert sentence.startswith(f"{len(like)} documents of its cluster {cluster[small]} reached this step; ")


def told_by(lake: LakeResources, what: str, recipe: str) -> str:
    return told(lake, what, recipe).verdicts[0].sentence


@pytest.mark.parametrize("recipe", TRAINED)
def test_the_steps_that_saw_a_document_are_those_of_its_visits(
    lake: LakeResources, documents: list[dict[str, Any]], recipe: str
) -> None:
    (run,) = lake.store.table(lake.store.required("training_runs", f"{recipe}/0")).to_pylist()
    config = json.loads(run["config"])
    per_step = config["window_tokens"] * config["batch_windows"]
    ids, schedule = schedule_of(epoch_schedules.reader(lake), lake.store.required("epoch_schedules", recipe))
    saw: dict[str, set[int]] = defaultdict(set)
    place = 0
    for segment in segments(schedule):
        for token in range(place, place + segment.n_tokens):
            saw[ids[segment.row].decode()].add(token // per_step)
        place += segment.n_tokens
    for row in documents[::5]:
        (verdict,) = told(lake, row["doc_id"], recipe).verdicts
        (sighting,) = verdict.seen
        assert (sighting.run_id, sighting.mixture_version) == (run["run_id"], run["mixture_version"])
        assert sighting.steps == sorted(saw[row["doc_id"]])
        assert bool(sighting.steps) <= verdict.kept
    assert any(saw[row["doc_id"]] for row in documents[::5])


def test_a_run_in_an_order_of_another_version_is_named_without_steps(
    lake: LakeResources, documents: list[dict[str, Any]], tmp_path: Path
) -> None:
    other = copy_of(lake, tmp_path / "lake")
    stored = other.store.required("epoch_schedules", "d4")
    path = Path(other.store.path("epoch_schedules", "d4", stored.version)) / "manifest.json"
    change_manifest(path, lambda fields: fields["facts"].pop("order"))
    build_asset(other, "catalogue")
    (verdict,) = told(other, documents[0]["doc_id"], "d4").verdicts
    assert [one.steps for one in verdict.seen] == [None]


def test_names_with_a_hash_a_quote_and_a_space(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("c#.txt", "it's #1.txt", "plain.txt"):
        (source / name).write_text(f"the text of {name}")
    (source / "r#.jsonl").write_text(
        "\n".join(json.dumps({"id": key, "text": f"text of {key}"}) for key in ("a#b", "c"))
    )
    lake = lake_at(tmp_path / "lake", source)
    materialize(lake, until="raw_shards")
    for what, wanted in (
        ("c#.txt", ("c#.txt", "")), ("it's #1.txt", ("it's #1.txt", "")), (str(source / "c#.txt"), ("c#.txt", "")),
        ((source / "c#.txt").as_uri(), ("c#.txt", "")), ("r#.jsonl#a#b", ("r#.jsonl", "a#b")), ("r#.jsonl#c", ("r#.jsonl", "c")),
    ):  # fmt: skip
        assert named(told(lake, what)) == wanted
    assert told(lake, "plain.txt").verdicts == []
