"""The leaderboard: the join of mixtures, schedules and evaluations, made anew when one of them is."""

import shutil
from typing import Any

import pytest
from support.lake import TRAINED

import assets.train.leaderboard as module
from assets.graph.lake import LakeResources
from assets.train.leaderboard import RANKING, compare, leaderboard, show

COLUMNS = {
    "all": ("bits_per_byte", "low", "high"),
    "short": ("bits_per_byte_short", "bits_per_byte_short_low", "bits_per_byte_short_high"),
    "long": ("bits_per_byte_long", "bits_per_byte_long_low", "bits_per_byte_long_high"),
}


def joined(lake: LakeResources, recipes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Join by hand what the leaderboard shows."""
    rows = []
    for recipe in recipes:
        mixture = lake.store.table(lake.store.required("pruned_mixtures", recipe)).to_pylist()
        kept = {row["doc_id"] for row in mixture if row["kept"]}
        signals = [
            r
            for s in lake.shards()
            for r in lake.store.table(lake.store.required("quality_signals", s)).to_pylist()
        ]
        row: dict[str, Any] = {
            "recipe": recipe, "runs": 1, "documents": len(kept), "tokens": sum(r["tokens"] for r in signals if r["doc_id"] in kept),
            "kept_fraction": len(kept) / sum(r["step"] != "held_out" for r in mixture),
        }  # fmt: skip
        for found in lake.store.table(lake.store.required("evaluations", f"{recipe}/0")).to_pylist():
            row |= dict(
                zip(COLUMNS[found["slice"]], (found["value"], found["low"], found["high"]), strict=True)
            )
        rows.append(row)
    return rows


def test_every_evaluated_recipe_has_the_row_of_the_join(lake: LakeResources) -> None:
    rows = lake.store.table(lake.store.required("leaderboard")).to_pylist()
    wanted = joined(lake, TRAINED)
    assert [row["recipe"] for row in rows] == [row["recipe"] for row in wanted] == list(TRAINED)
    for row, by_hand in zip(rows, wanted, strict=True):
        assert row == pytest.approx(by_hand)


def test_runs_of_several_seeds_are_means_and_runs_of_no_recipe_are_left_out(
    changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = changed()
    for key, shift in (("semdedup/1", 1.0), ("removed/0", 9.0), ("semdedup/7", 9.0)):
        before = lake.store.required("evaluations", "semdedup/0")
        with lake.store.write("evaluations", key, inputs={}, settings={}, code="") as writer:
            table = lake.store.table(before)
            at = table.column_names.index("value")
            writer.table(table.set_column(at, "value", [[v + shift for v in table["value"].to_pylist()]]))
            writer.facts |= before.facts
    single = lake.store.table(lake.store.required("leaderboard")).to_pylist()[1]
    monkeypatch.setattr(module, "SEEDS", (0, 1))
    assert not leaderboard.spec(lake).is_live(lake.store)
    rows = compare(leaderboard.reader(lake)).to_pylist()
    assert [row["recipe"] for row in rows] == list(TRAINED)
    assert (rows[1]["runs"], rows[0]["runs"]) == (2, 1)
    assert rows[1]["bits_per_byte"] == pytest.approx(single["bits_per_byte"] + 0.5)
    assert rows[1]["low"] == pytest.approx(single["low"])


def test_a_slice_without_values_is_null_and_nothing_evaluated_is_an_empty_table(changed: Any) -> None:
    lake = changed()
    before = lake.store.required("evaluations", "semdedup/0")
    table = lake.store.table(before)
    with lake.store.write("evaluations", "semdedup/0", inputs={"all": ""}, settings={}, code="") as writer:
        writer.table(table.filter([name == "all" for name in table["slice"].to_pylist()]))
        writer.facts |= before.facts
    row = compare(leaderboard.reader(lake)).to_pylist()[1]
    assert (row["bits_per_byte_short"], row["bits_per_byte_long_high"]) == (None, None)
    assert row["bits_per_byte"] > 0
    shutil.rmtree(lake.store.path("evaluations"))
    empty = compare(leaderboard.reader(lake))
    assert empty.num_rows == 0
    assert empty.schema == RANKING.schema


def test_the_table_in_the_ui_is_the_leaderboard(lake: LakeResources) -> None:
    rows = lake.store.table(lake.store.required("leaderboard")).to_pylist()
    manifest = lake.store.required("leaderboard")
    shown = show(leaderboard.reader(lake), manifest)["table"].value.splitlines()[2:]
    for row, line in zip(rows, shown, strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[:3] == [row["recipe"], f"{row['documents']:,}", f"{row['kept_fraction']:.1%}"]
        assert cells[3].startswith(f"{row['bits_per_byte']:.3f} ({row['low']:.3f}")
