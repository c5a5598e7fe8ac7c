"""Model soups of a recipe's runs: worked out again by hand, chosen and reported apart, and collapsed where they must."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save
from support.lake import build_asset, copy_of, reader_of
from support.soups import RECIPE, RUNS, SEEDS, build_soups

import assets.train.model_soups as module
from assets.graph.lake import LakeResources
from assets.train.inputs.souping import open_souping
from assets.train.model_soups import BARRIERS, model_soups, show
from assets.train.training_runs import CHECKPOINT
from guyot.errors import SettingError
from guyot.train.soups import uniform
from resources.lake.manifest import Manifest

METHODS = ["best_ingredient", "uniform", "greedy", "learned", "learned_per_layer", "ensemble"]


def soups(lake: LakeResources) -> tuple[Manifest, dict[str, dict[str, Any]]]:
    manifest = lake.store.required("model_soups", RECIPE)
    return manifest, {row["method"]: row for row in lake.store.table(manifest).to_pylist()}


def weights(lake: LakeResources, row: dict[str, Any]) -> dict[str, Any]:
    return load_file(Path(lake.store.root) / row["checkpoint"])


def test_the_rows_are_the_methods_with_shares_that_add_up(souped: LakeResources) -> None:
    _, rows = soups(souped)
    runs = {
        f"{RECIPE}-{seed}-{souped.store.required('training_runs', f'{RECIPE}/{seed}').version}"
        for seed in SEEDS
    }
    assert list(rows) == METHODS
    for method, row in rows.items():
        shares = json.loads(row["shares"])
        for one in shares.values() if method == "learned_per_layer" else [shares]:
            assert set(one) == runs
            assert sum(one.values()) == pytest.approx(1)
        assert row["low"] <= row["bits_per_byte"] <= row["high"] or row["n"] < 20
        assert (row["checkpoint"] is None) == (method == "ensemble")
    assert rows["best_ingredient"]["n_ingredients"] == 1
    assert rows["uniform"]["n_ingredients"] == rows["ensemble"]["n_ingredients"] == len(SEEDS)


def test_the_uniform_soup_is_the_mean_and_its_figures_are_those_of_its_file(souped: LakeResources) -> None:
    _, rows = soups(souped)
    manifests = [souped.store.required("training_runs", run) for run in RUNS]
    found = weights(souped, rows["uniform"])
    by_hand = uniform([load_file(souped.store.file(m, CHECKPOINT)) for m in manifests])
    assert all(np.array_equal(found[name], by_hand[name]) for name in by_hand)
    souping, reported = open_souping(souped, reader_of(souped), manifests)
    for method, row in rows.items():
        if method == "ensemble":
            continue
        for part, name in ((reported, ""), (souping.choosing, "_choosing")):
            nats = souped.trainer.evaluate(
                save(weights(souped, row)), souping.ingredients[0].config, part.tokens
            )
            bits = nats.sum() / part.scored_bytes.sum() / math.log(2)
            assert row[f"bits_per_byte{name}"] == pytest.approx(bits, rel=1e-5)
            assert row[f"n{name}"] == len(part.tokens)


def test_greedy_is_no_worse_than_the_best_run_where_it_was_chosen(souped: LakeResources) -> None:
    manifest, rows = soups(souped)
    best, greedy = rows["best_ingredient"], rows["greedy"]
    assert greedy["bits_per_byte_choosing"] <= best["bits_per_byte_choosing"]
    trials = manifest.facts["greedy"]
    assert [trial["alone"] for trial in trials] == sorted((trial["alone"] for trial in trials), reverse=True)
    assert trials[0]["alone"] == pytest.approx(-best["bits_per_byte_choosing"], rel=1e-6)
    added = {trial["ingredient"] for trial in trials if trial["added"]}
    assert added == {run for run, share in json.loads(greedy["shares"]).items() if share}
    assert json.loads(best["shares"])[trials[0]["ingredient"]] == 1.0
    assert best["checkpoint"].startswith(f"training_runs/{RECIPE}/")


def test_runs_of_one_init_share_a_basin_and_runs_of_three_do_not(
    souped: LakeResources, tmp_path: Path
) -> None:
    manifest, rows = soups(souped)
    assert manifest.facts["message"] == ""
    apart = copy_of(souped, tmp_path / "lake", **{"training.warmup_tokens": 0})
    build_asset(apart, "training_runs", *RUNS)
    build_soups(apart)
    other, collapsed = soups(apart)
    assert "3 ingredients began with 3 different initial weights" in other.facts["message"]
    warm = rows["uniform"]["bits_per_byte"] - rows["best_ingredient"]["bits_per_byte"]
    cold = collapsed["uniform"]["bits_per_byte"] - collapsed["best_ingredient"]["bits_per_byte"]
    assert warm < 0.1 < 0.4 < cold
    assert collapsed["greedy"]["n_ingredients"] == 1
    heights = [
        [row["barrier"] for row in lake.store.table(m, BARRIERS.file).to_pylist()]
        for lake, m in ((souped, manifest), (apart, other))
    ]
    assert len(heights[0]) == len(heights[1]) == 3
    assert max(heights[0]) < 0.05 < 0.3 < min(heights[1])


def test_the_ui_shows_a_table_a_picture_and_the_message(souped: LakeResources) -> None:
    manifest, rows = soups(souped)
    shown = show(model_soups.reader(souped), manifest)
    lines = shown["table"].value.splitlines()[2:]
    assert [line.split("|")[1].strip() for line in lines] == METHODS
    assert f"{rows['greedy']['bits_per_byte']:.3f}" in lines[2]
    assert shown["barriers"].value.startswith("![chart](data:image/png;base64,")
    assert "message" not in shown


def test_one_run_is_a_row_without_figures_and_none_is_none(changed: Any) -> None:
    lake = changed()
    manifest, rows = soups(lake)
    (row,) = rows.values()
    run = lake.store.required("training_runs", f"{RECIPE}/0")
    assert (row["method"], row["n_ingredients"], row["bits_per_byte"], row["n"]) == (
        "best_ingredient",
        1,
        None,
        0,
    )
    assert json.loads(row["shares"]) == {run.facts["run_id"]: 1.0}
    assert (Path(lake.store.root) / row["checkpoint"]).exists()
    assert "1 runs of semdedup: a soup needs 2 or more; add seeds" in manifest.facts["message"]
    shown = show(model_soups.reader(lake), manifest)
    assert "not evaluated" in shown["table"].value
    assert "barriers" not in shown
    build_soups(lake, recipe="scip")
    none = lake.store.required("model_soups", "scip")
    assert (none.rows, none.facts["runs"]) == (0, 0)


def test_a_new_run_makes_it_stale_and_runs_of_no_seed_of_recipes_are_left_out(
    souped: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEEDS", SEEDS)
    assert model_soups.spec(souped, RECIPE).is_live(souped.store)
    monkeypatch.setattr(module, "SEEDS", (0, 1))
    spec = model_soups.spec(souped, RECIPE)
    assert not spec.is_live(souped.store)
    assert list(spec.inputs) == [f"training_runs/{RECIPE}/{seed}" for seed in (0, 1)]


def test_runs_of_another_architecture_are_refused(souped: LakeResources, tmp_path: Path) -> None:
    lake = copy_of(souped, tmp_path / "lake", **{"training.warmup_tokens": 0, "training.model_width": 32})
    build_asset(lake, "training_runs", RUNS[1])
    with pytest.raises(
        SettingError, match=r"semdedup/0 and semdedup/1 are of different architectures: model is .*16"
    ):
        build_soups(lake)
