"""The leaderboard: the join of mixtures, schedules and evaluations, made anew when one of them is."""

import math
import re
import shutil
from typing import Any

import pyarrow as pa
import pytest
from support.lake import TRAINED, build_asset

import assets.train.leaderboard as module
from assets.graph.lake import LakeResources
from assets.train.comparing.contaminated_documents import contaminated_documents
from assets.train.comparing.mean_curves import mean_curves
from assets.train.comparing.recipe_rows import RANKING
from assets.train.leaderboard import compare, leaderboard, runs_of_recipes, show
from assets.train.training_runs import CURVE


def evaluated_documents(lake: LakeResources, key: str) -> list[dict[str, Any]]:
    manifest = lake.store.required("evaluations", key)
    return lake.store.table(manifest, "documents.parquet").to_pylist()


def bits_per_byte(rows: list[dict[str, Any]]) -> float:
    return sum(row["nats"] for row in rows) / sum(row["scored_bytes"] for row in rows) / math.log(2)


def with_run(
    lake: LakeResources, key: str, like: str, cost: float, without: int = 0, ends_at: float | None = None
) -> None:
    """Write an evaluation like another's, each document dearer by a factor, some documents left out.

    Parameters
    ----------
    ends_at : what the run's learning curve, otherwise like the other's, ends at; None: it has no curve
    """
    before = lake.store.required("evaluations", like)
    mixture = lake.store.current("pruned_mixtures", key.partition("/")[0])
    with lake.store.write("training_runs", key, inputs={}, settings={"run": key}, code="") as run:
        run.table(pa.table({"run_id": [key]}))
        run.facts["mixture_version"] = None if mixture is None else mixture.version
        if ends_at is not None:
            other = lake.store.required("training_runs", like)
            points = lake.store.table(other, CURVE.file).to_pylist()
            points[-1]["bits_per_byte"] = ends_at
            run.table(pa.Table.from_pylist(points, schema=CURVE.schema), CURVE.file)
            run.facts["curve"] = other.facts["curve"]
    inputs = {
        "training_runs": lake.store.required("training_runs", key).version,
        "cost": f"{cost} {without}",
    }
    with lake.store.write("evaluations", key, inputs=inputs, settings={}, code="") as writer:
        writer.table(lake.store.table(before))
        table = lake.store.table(before, "documents.parquet").slice(without)
        at = table.column_names.index("nats")
        table = table.set_column(at, "nats", [[cost * value for value in table["nats"].to_pylist()]])
        writer.table(table, "documents.parquet")
        writer.facts |= before.facts


def compared(lake: LakeResources) -> tuple[pa.Table, pa.Table]:
    reader = leaderboard.reader(lake)
    runs = runs_of_recipes(reader)
    contaminated, curves = contaminated_documents(reader, runs), mean_curves(reader, runs, "random")
    return compare(reader, runs, contaminated, curves, lake.settings)


def test_every_evaluated_recipe_has_the_row_of_the_join(lake: LakeResources) -> None:
    signals = [
        r for s in lake.shards() for r in lake.store.table(lake.store.required("quality_signals", s)).to_pylist()
    ]  # fmt: skip
    rows = lake.store.table(lake.store.required("leaderboard")).to_pylist()
    assert [row["recipe"] for row in rows] == list(TRAINED)
    for row in rows:
        mixture = lake.store.table(lake.store.required("pruned_mixtures", row["recipe"])).to_pylist()
        kept = {r["doc_id"] for r in mixture if r["kept"]}
        assert (row["runs"], row["documents"]) == (1, len(kept))
        assert row["tokens"] == sum(r["tokens"] for r in signals if r["doc_id"] in kept)
        assert row["kept_fraction"] == pytest.approx(
            len(kept) / sum(r["step"] != "held_out" for r in mixture)
        )
        documents = evaluated_documents(lake, f"{row['recipe']}/0")
        assert row["bits_per_byte"] == pytest.approx(bits_per_byte(documents))
        assert row["held_out_groups"] == len({r["held_out_group"] for r in documents}) > 1
        assert row["low"] <= row["bits_per_byte"] <= row["high"]
        # TRAINED has no random, so nothing is compared with it
        assert (row["difference"], row["verdict"], row["paired_seeds"], row["seeds_needed"]) == (
            None,
            None,
            0,
            None,
        )


def test_values_are_means_of_evaluations_by_slice_and_kinds_are_slices_too(lake: LakeResources) -> None:
    manifest = lake.store.required("leaderboard")
    slices = lake.store.table(manifest, "slices.parquet").to_pylist()
    by_length = {"all", "short", "long", "clean"}
    for recipe in TRAINED:
        found = {row["slice"]: row for row in slices if row["recipe"] == recipe}
        metrics = lake.store.table(lake.store.required("evaluations", f"{recipe}/0")).to_pylist()
        for metric in metrics:
            assert found[metric["slice"]]["bits_per_byte"] == pytest.approx(metric["value"])
            assert found[metric["slice"]]["documents"] == metric["n"]
        documents = evaluated_documents(lake, f"{recipe}/0")
        kinds = {row["kind"] for row in documents}
        assert set(found) - by_length == {f"kind {kind}" for kind in kinds}
        for kind in kinds:
            chosen = [row for row in documents if row["kind"] == kind]
            assert found[f"kind {kind}"]["bits_per_byte"] == pytest.approx(bits_per_byte(chosen))


def test_recipes_are_compared_with_random_by_the_seeds_that_both_have(
    changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = changed()
    # the last two are of no recipe and of no seed of recipes.py
    for key, cost in (
        ("random/0", 2),
        ("random/1", 2),
        ("semdedup/1", 1.5),
        ("semdedup/2", 9),
        ("removed/0", 9),
        ("d4/7", 9),
    ):
        with_run(lake, key, "semdedup/0", cost)
    monkeypatch.setattr(module, "SEEDS", (0, 1, 2))
    assert not leaderboard.spec(lake).is_live(lake.store)
    ranking, _ = compared(lake)
    rows = {row["recipe"]: row for row in ranking.to_pylist()}
    assert list(rows) == ["everything", "random", "semdedup", "d4"]
    single = bits_per_byte(evaluated_documents(lake, "semdedup/0"))
    row = rows["semdedup"]
    assert (row["runs"], row["paired_seeds"]) == (3, 2)
    assert row["bits_per_byte"] == pytest.approx(single * (1 + 1.5 + 9) / 3)
    assert row["difference"] == pytest.approx(single * (1.25 - 2))
    assert row["difference_low"] <= row["difference"] <= row["difference_high"] < 0
    assert row["verdict"] == row["verdict_clean"] == "better"
    clean = row["bits_per_byte_clean"] / ((1 + 1.5 + 9) / 3)
    assert clean != pytest.approx(single)
    assert row["difference_clean"] == pytest.approx(clean * (1.25 - 2))
    spread = single * 0.5 / math.sqrt(2) / lake.settings.training.resolution
    assert row["seeds_needed"] == math.ceil((2.801585 * spread) ** 2 + 1.920729)
    assert (rows["random"]["difference"], rows["random"]["paired_seeds"]) == (None, 0)
    assert (rows["d4"]["paired_seeds"], rows["d4"]["seeds_needed"]) == (1, None)


def test_runs_that_saw_other_documents_are_compared_on_those_in_common(
    changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = changed()
    with_run(lake, "random/0", "semdedup/0", 2, without=3)
    ranking, slices = compared(lake)
    row = {row["recipe"]: row for row in ranking.to_pylist()}["semdedup"]
    documents = sorted(evaluated_documents(lake, "semdedup/0"), key=lambda r: r["doc_id"])
    assert row["bits_per_byte"] == pytest.approx(bits_per_byte(documents))
    assert row["difference"] == pytest.approx(-bits_per_byte(documents[3:]))
    with_run(lake, "random/0", "semdedup/0", 2, without=len(documents))
    ranking, slices = compared(lake)
    rows = {row["recipe"]: row for row in ranking.to_pylist()}
    assert rows["semdedup"]["difference"] is None
    assert (rows["random"]["bits_per_byte"], rows["random"]["verdict"]) == (None, None)
    assert "random" not in slices["recipe"].to_pylist()


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs_of_words(text: str) -> set[tuple[str, ...]]:
    """Return the runs of 13 words, or all of a shorter text's, as a person would list them."""
    found = words(text)
    return {tuple(found[i : i + 13]) for i in range(max(1, len(found) - 12))}


def test_the_clean_slice_is_without_documents_that_a_mixture_keeps_copies_of(lake: LakeResources) -> None:
    raw = [
        r for s in lake.shards() for r in lake.store.table(lake.store.required("raw_shards", s)).to_pylist()
    ]
    content = {row["doc_id"]: row["content"] for row in raw}
    kept: set[str] = set()
    for recipe in TRAINED:
        rows = lake.store.table(lake.store.required("pruned_mixtures", recipe)).to_pylist()
        kept |= {row["doc_id"] for row in rows if row["kept"]}
    in_training = [runs_of_words(content[doc_id]) for doc_id in kept]
    documents = evaluated_documents(lake, "semdedup/0")
    copied = {
        row["doc_id"] for row in documents
        if any(2 * len(own & other) >= len(own) for own in [runs_of_words(content[row["doc_id"]])] for other in in_training)
    }  # fmt: skip
    assert 0 < len(copied) < len(documents), "every package holds the same copy.py"
    clean = [row for row in documents if row["doc_id"] not in copied]
    manifest = lake.store.required("leaderboard")
    row = {r["recipe"]: r for r in lake.store.table(manifest).to_pylist()}["semdedup"]
    assert (row["contaminated_documents"], row["held_out_documents"]) == (len(copied), len(documents))
    assert row["bits_per_byte_clean"] == pytest.approx(bits_per_byte(clean))
    assert row["bits_per_byte_clean_low"] <= row["bits_per_byte_clean"] <= row["bits_per_byte_clean_high"]
    slices = lake.store.table(manifest, "slices.parquet").to_pylist()
    (found,) = [r for r in slices if (r["recipe"], r["slice"]) == ("semdedup", "clean")]
    assert (found["documents"], found["bits_per_byte"]) == (len(clean), row["bits_per_byte_clean"])
    assert found["held_out_groups"] == len({r["held_out_group"] for r in clean})


def test_curves_are_those_of_the_runs_and_tell_when_a_recipe_is_where_random_ends(changed: Any) -> None:
    lake = changed()
    manifest = lake.store.required("leaderboard")
    curves = lake.store.table(manifest, "curves.parquet").to_pylist()
    for recipe in TRAINED:
        own = lake.store.table(lake.store.required("training_runs", f"{recipe}/0"), CURVE.file).to_pylist()
        assert [(r["tokens"], r["bits_per_byte"]) for r in curves if r["recipe"] == recipe] == [
            (r["tokens"], r["bits_per_byte"]) for r in own
        ]
    # a random that ends where semdedup is half way between its second and third points
    run = lake.store.required("training_runs", "semdedup/0")
    points = lake.store.table(run, CURVE.file)["bits_per_byte"].to_pylist()
    with_run(lake, "random/0", "semdedup/0", 2, ends_at=(points[1] + points[2]) / 2)
    build_asset(lake, "leaderboard")
    manifest = lake.store.required("leaderboard")
    row = {r["recipe"]: r for r in lake.store.table(manifest).to_pylist()}["semdedup"]
    middle = sum(r["tokens"] for r in curves[1:3]) / 2
    assert row["tokens_to_random"] == pytest.approx(middle)
    assert row["tokens_to_random_fraction"] == pytest.approx(middle / lake.settings.training.tokens)
    shown = show(leaderboard.reader(lake), manifest)
    assert f"{middle:,.0f} ({middle / 2000:.0%})" in shown["table"].value
    assert shown["learning curves"].value.startswith("![chart](data:image/png")


def test_without_scores_of_the_mixtures_the_clean_columns_are_null_and_the_reason_is_shown(
    changed: Any,
) -> None:
    lake = changed()
    shutil.rmtree(lake.store.path("contamination_scores"))
    assert not leaderboard.spec(lake).is_live(lake.store)
    build_asset(lake, "leaderboard")
    manifest = lake.store.required("leaderboard")
    rows = lake.store.table(manifest).to_pylist()
    assert {row["contaminated_documents"] for row in rows} == {None}
    assert {row["bits_per_byte_clean"] for row in rows} == {None}
    assert all(row["bits_per_byte"] for row in rows)
    assert "clean" not in lake.store.table(manifest, "slices.parquet")["slice"].to_pylist()
    shown = show(leaderboard.reader(lake), manifest)["table"].value
    assert "Not known: the lake has no contamination_scores; materialize them and leaderboard." in shown


def test_nothing_evaluated_is_an_empty_table(changed: Any) -> None:
    lake = changed()
    shutil.rmtree(lake.store.path("evaluations"))
    empty, slices = compared(lake)
    assert (empty.num_rows, slices.num_rows) == (0, 0)
    assert empty.schema == RANKING.schema


def test_the_table_in_the_ui_is_the_leaderboard(lake: LakeResources) -> None:
    rows = lake.store.table(lake.store.required("leaderboard")).to_pylist()
    manifest = lake.store.required("leaderboard")
    *shown, blank, said = show(leaderboard.reader(lake), manifest)["table"].value.splitlines()[2:]
    left_out, of = rows[0]["contaminated_documents"], rows[0]["held_out_documents"]
    assert not blank
    assert said.startswith(f"Without copies: {left_out} of {of} held-out documents are left out, since")
    for row, line in zip(rows, shown, strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[:3] == [row["recipe"], f"{row['documents']:,}", f"{row['kept_fraction']:.1%}"]
        assert cells[3].startswith(f"{row['bits_per_byte']:.3f} ({row['low']:.3f}")
        assert cells[6].startswith(f"{row['bits_per_byte_clean']:.3f} ({row['bits_per_byte_clean_low']:.3f}")
        assert cells[4:6] == ["", ""]
        assert cells[7:] == ["", "", ""]
