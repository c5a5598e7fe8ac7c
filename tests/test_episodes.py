"""Episodes through the graph: a third kind of document, pruned by the same recipes."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.episodes import (
    RECIPES,
    REPEATED,
    REPEATS,
    SINGLE,
    episode_lake,
    graph_episode_lake,
    hostile,
    maze,
    walk_at_random,
    write_episodes,
)
from support.lake import build_asset, build_lake, catalogue_of, lake_at, scan, spec_of

from assets.graph import discover, plan
from assets.graph.documents import absent, suits
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from guyot.encoders.path_encoder import PathEncoder
from guyot.errors import SettingError
from guyot.lake import open_lake
from guyot.navigation.walks import format_walk, parse_walk, task_id
from guyot.prune.bounds import Bounds
from guyot.recipe import Recipe
from jobs.cli.explain import explain

N_DOCUMENTS = REPEATED * (REPEATS + 1) + SINGLE + 1 + 2


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_episode_lake(tmp_path_factory)


def rows(lake: LakeResources, table: str, file: str = "rows.parquet") -> list[dict[str, Any]]:
    """List the rows of an asset with partitions, shard by shard."""
    return [
        row
        for shard in lake.shards()
        for row in lake.store.table(lake.store.required(table, shard), file).to_pylist()
    ]


def mixture(lake: LakeResources, recipe: str) -> list[dict[str, Any]]:
    return lake.store.table(lake.store.required("pruned_mixtures", recipe)).to_pylist()


def test_every_record_is_an_episode_or_in_quarantine_for_its_reason(lake: LakeResources) -> None:
    documents, rejected = rows(lake, "raw_shards"), rows(lake, "raw_shards", "quarantine.parquet")
    assert len(documents) == N_DOCUMENTS
    assert {row["record_key"]: row["reason"] for row in rejected} == {
        name: reason for name, (_, reason) in hostile().items() if reason
    }
    assert all(row["detail"] for row in rejected)
    assert {row["kind"] for row in documents} == {"episode"}
    assert sum(
        lake.store.required("raw_shards", s).facts["records"] for s in lake.shards()
    ) == N_DOCUMENTS + len(rejected)
    for check in discover.checks():
        if check.asset in ("raw_shards", "cluster_scores", "pruned_mixtures"):
            assert check.result(lake).passed, check.name
    of_parquet = next(row for row in documents if row["source_path"] == "repeated.parquet")
    assert json.loads(of_parquet["meta"])["policy"] == "made"
    assert all(format_walk(parse_walk(row["content"])) == row["content"] for row in documents)


def test_signals_are_of_the_walks_and_tokens_are_actions(lake: LakeResources) -> None:
    texts = {row["doc_id"]: row["content"] for row in rows(lake, "raw_shards")}
    found = rows(lake, "episode_signals")
    tokens = {row["doc_id"]: row["tokens"] for row in rows(lake, "quality_signals")}
    ids = {row["doc_id"]: row["ids"] for row in rows(lake, "quality_signals", "token_ids.parquet")}
    assert [row["doc_id"] for row in found] == list(texts)
    for row in found:
        walk = parse_walk(texts[row["doc_id"]])
        assert row["steps"] == tokens[row["doc_id"]] == len(walk.actions)
        assert "".join("FBLR"[n] for n in ids[row["doc_id"]]) == texts[row["doc_id"]].rsplit("\n", 1)[1]
        assert row["task"] == task_id(walk)
    tasks = Counter(row["task"] for row in found)
    assert sorted(tasks.values())[-REPEATED:] == [REPEATS + 1] * REPEATED
    assert len(tasks) == REPEATED + SINGLE + 1 + 2


def test_what_is_of_words_is_left_out_and_says_so(lake: LakeResources) -> None:
    left_out = absent(lake)
    assert {"tokenizer", "minhash_scores", "contamination", "training_runs", "image_signals"} <= left_out
    assert (
        not {"episode_signals", "quality_signals", "cluster_scores", "agreement", "shift", "report"}
        & left_out
    )
    assert {name for name in BY_NAME if not suits(BY_NAME[name], lake)} == {"clean", "minhash", "scip"}
    assert plan.default_recipes(discover.asset("pruned_mixtures"), lake) == RECIPES
    with pytest.raises(SettingError, match="minhash_scores was asked for; it is of text and image documents"):
        spec_of(lake, "minhash_scores")
    with pytest.raises(
        SettingError, match="recipe minhash was asked for; it needs minhash_scores, which this lake"
    ):
        spec_of(lake, "pruned_mixtures", "minhash")
    assert all(not lake.store.partitions(name) for name in left_out)


def test_copies_and_repeats_of_a_task_are_dropped_because_of_one_another(lake: LakeResources) -> None:
    texts = {row["doc_id"]: row for row in rows(lake, "raw_shards")}
    task = {row["doc_id"]: row["task"] for row in rows(lake, "episode_signals")}
    for row in mixture(lake, "exact"):
        if row["reason"] == "exact_duplicate":
            assert texts[row["doc_id"]]["content"] == texts[row["witness"]]["content"]
    exact = [row for row in mixture(lake, "exact") if row["reason"] == "exact_duplicate"]
    held_out = sum(row["split"] != "train" for row in texts.values())
    assert len(exact) >= REPEATED - held_out
    dropped = [row for row in mixture(lake, "cover") if row["reason"] == "near_duplicate"]
    assert len(dropped) >= REPEATED
    assert all(task[row["doc_id"]] == task[row["witness"]] for row in dropped)
    assert {row["doc_id"] for row in dropped} <= {
        doc_id for doc_id in texts if texts[doc_id]["source_path"] == "repeated.parquet"
    }


def test_targets_are_met_in_documents_and_in_actions(lake: LakeResources) -> None:
    for name in RECIPES:
        facts = lake.store.required("pruned_mixtures", name).facts
        if facts["target"] is not None:
            assert facts["kept_units"] <= facts["target"]
            assert facts["unit"] == "tokens" or facts["kept_units"] == facts["target"]
    facts = lake.store.required("pruned_mixtures", "random").facts
    train = {row["doc_id"] for row in rows(lake, "raw_shards") if row["split"] == "train"}
    assert facts["total"] == sum(
        row["steps"] for row in rows(lake, "episode_signals") if row["doc_id"] in train
    )


def test_a_recipe_can_look_at_signals_of_episodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe("reached", (Bounds("reached_goal", at_least=1), Bounds("steps", at_most=40)), None)
    monkeypatch.setitem(BY_NAME, "reached", recipe)
    write_episodes(tmp_path / "source", single=20, repeated=2, repeats=2)
    lake = episode_lake(tmp_path)
    build_lake(lake, until="pruned_mixtures", recipes=["reached"])
    signals = {row["doc_id"]: row for row in rows(lake, "episode_signals")}
    found = [row for row in mixture(lake, "reached") if row["step"] != "held_out"]
    for row in found:
        own = signals[row["doc_id"]]
        assert row["kept"] == (own["reached_goal"] and own["steps"] <= 40)
    assert 0 < sum(row["kept"] for row in found) < len(found)


def test_explain_draws_both_walks(
    lake: LakeResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    dropped = next(row for row in mixture(lake, "cover") if row["reason"] == "near_duplicate")
    page = explain(lake, dropped["doc_id"], "cover").page
    assert page == tmp_path / "guyot" / "explained" / f"{dropped['doc_id']}.html"
    text = page.read_text()
    assert text.count('src="data:image/svg+xml;base64,') == 2
    assert dropped["witness"] in text
    assert "<script" not in text


def test_schedules_read_each_kept_episode_and_count_its_actions(lake: LakeResources) -> None:
    manifest = lake.store.required("epoch_schedules", "exact")
    kept = {row["doc_id"] for row in mixture(lake, "exact") if row["kept"]}
    steps = {row["doc_id"]: row["steps"] for row in rows(lake, "episode_signals")}
    assert manifest.facts["mixture_tokens"] == sum(steps[doc_id] for doc_id in kept)


def test_a_finished_lake_is_read_without_the_graph(lake: LakeResources, tmp_path: Path) -> None:
    kept = {row["doc_id"] for row in mixture(lake, "exact") if row["kept"]}
    found = open_lake(lake.store.root).mixture("exact")
    read = {one.doc_id: one.text for one in found.documents()}
    assert set(read) == kept
    assert all(parse_walk(text) for text in read.values())
    assert {sample["text"] for sample in found.torch_dataset()} == set(read.values())
    packed = list(found.torch_dataset(context_length=16))
    assert packed
    assert {int(n) for ids in packed for n in ids} <= {0, 1, 2, 3}
    found.export(tmp_path / "out", "jsonl.zst")
    again = lake_at(tmp_path / "again", tmp_path / "out", encoder="", reading__documents="episode")
    build_lake(again, until="raw_shards")
    assert {row["content"] for row in rows(again, "raw_shards")} == set(read.values())
    assert not rows(again, "raw_shards", "quarantine.parquet")


def test_more_episodes_are_an_increment_whose_tables_are_those_of_a_rebuild(tmp_path: Path) -> None:
    write_episodes(tmp_path / "source", single=12, repeated=3, repeats=3)
    lake = episode_lake(tmp_path, **{"clustering.n_clusters": 3, "clustering.all_pairs_max_documents": 0})
    build_lake(lake, until="cluster_scores")
    trained = lake.store.required("centroids").version
    more = tmp_path / "source" / "more.jsonl"
    walks = [format_walk(walk_at_random(maze(number), 0, number, draw=9)) for number in range(8)]
    more.write_text("\n".join(json.dumps({"walk": walk}) for walk in walks))
    before = lake.store.required("cluster_scores").version
    build_lake(lake, until="cluster_scores")
    scores = lake.store.required("cluster_scores")
    assert (lake.store.required("centroids").version, scores.version != before) == (trained, True)
    made = lake.store.table(scores).to_pylist()
    # the same tables, made from nothing
    folder = Path(lake.store.path("cluster_scores", "all", scores.version))
    bytes_of = {path.name: path.read_bytes() for path in folder.glob("*.parquet")}
    for version in [one.version for one in lake.store.versions("cluster_scores")]:
        path = Path(lake.store.path("cluster_scores", "all", version))
        for file in path.glob("*"):
            file.unlink()
        path.rmdir()
    Path(lake.store.path("cluster_scores", "all", "current")).unlink()
    build_asset(lake, "cluster_scores")
    assert lake.store.table(lake.store.required("cluster_scores")).to_pylist() == made
    assert {path.name: path.read_bytes() for path in folder.glob("*.parquet")} == bytes_of


def test_texts_images_and_episodes_are_never_mixed_up(tmp_path: Path) -> None:
    source = tmp_path / "source"
    write_episodes(source, single=3, repeated=1, repeats=1)
    (source / "b.txt").write_text("a text")
    texts = lake_at(tmp_path / "texts", source)
    build_lake(texts, until="raw_shards")
    assert {row["kind"] for row in rows(texts, "raw_shards")} == {"text"}
    episodes = episode_lake(tmp_path)
    build_lake(episodes, until="embeddings")
    assert episodes.store.required("shard_registry").facts["ignored"] == {".txt": 1}
    assert {row["source_path"] for row in rows(episodes, "raw_shards")} == {
        "repeated.parquet",
        "single.jsonl",
        "0.walk",
        "1.walk",
    }
    assert (
        lake_at(tmp_path / "x", source, encoder="", reading__documents="episode").encoder.id
        == PathEncoder().id
    )
    wrong = lake_at(tmp_path / "other", source, reading__documents="episode", encoder="hashing")
    scan(wrong)
    build_lake(wrong, until="raw_shards")
    with pytest.raises(SettingError, match="encoder='hashing' encodes texts, and episodes are to be encoded"):
        build_lake(wrong, until="embeddings")


def test_the_catalogue_counts_repeats_of_a_task(lake: LakeResources) -> None:
    with catalogue_of(lake).connect() as connection:
        counted = connection.sql(
            "SELECT count(*) AS walks FROM episode_signals GROUP BY task HAVING walks > 1"
        ).fetchall()
    assert counted == [(REPEATS + 1,)] * REPEATED


def test_the_same_seed_gives_the_same_lake(lake: LakeResources, tmp_path: Path) -> None:
    again = episode_lake(tmp_path)
    build_lake(again, until="quality_signals")
    for shard in again.shards():
        for table in ("raw_shards", "episode_signals"):
            assert again.store.required(table, shard).content == lake.store.required(table, shard).content
        one, other = (x.store.vectors(x.store.required("embeddings", shard))[:] for x in (again, lake))
        np.testing.assert_array_equal(one, other)
