"""A recipe's rows: each slice by hand, and what the ranking takes over of them."""

import math

import numpy as np
import pyarrow as pa
import pytest

from assets.train.comparing.recipe_rows import RANKING, SLICES, power, ranked, slice_rows
from assets.train.comparing.run_costs import RunCosts
from resources.settings import Settings

SETTINGS = Settings.of(audit__bootstrap_draws=50)


def costs(nats: list[list[float]], seeds: tuple[int, ...] = (0, 1)) -> RunCosts:
    """Return the costs of four documents of 10 bytes each, in four groups, the last the largest."""
    n = len(nats[0])
    names = np.array([f"{i:032x}" for i in range(n)])
    return RunCosts(
        np.array(seeds), names, np.array(["py"] * n), names, np.arange(n) + 100, np.full(n, 10),
        np.array(nats) * math.log(2),
    )  # fmt: skip


OWN = costs([[10, 20, 30, 40], [20, 30, 40, 50]])
RANDOM = costs([[5, 20, 20, 80], [15, 30, 30, 90]])


def rows_of(contaminated: list[int] | None) -> dict[str, dict[str, object]]:
    ids = None if contaminated is None else np.array([f"{i:032x}" for i in contaminated], "S32")
    return {row["slice"]: row for row in slice_rows("d4", OWN, RANDOM, ids, SETTINGS)}


def test_the_clean_slice_is_a_slice_like_all() -> None:
    rows = rows_of([1, 3, 77])
    assert list(rows) == ["all", "short", "long", "clean"]
    assert (rows["all"]["bits_per_byte"], rows["clean"]["bits_per_byte"]) == pytest.approx((3.0, 2.5))
    assert (rows["all"]["difference"], rows["clean"]["difference"]) == pytest.approx((-0.625, 0.75))
    assert (rows["clean"]["documents"], rows["clean"]["held_out_groups"]) == (2, 2)
    assert rows["clean"]["low"] <= 2.5 <= rows["clean"]["high"]
    assert rows["clean"]["difference_low"] <= 0.75 <= rows["clean"]["difference_high"]
    assert (rows["all"]["verdict"], rows["clean"]["verdict"]) == ("no difference shown", "worse")


def test_without_copies_all_is_clean_and_without_the_others_none_is() -> None:
    rows = rows_of([])
    assert {**rows["all"], "slice": "clean"} == rows["clean"]
    for contaminated in (None, [0, 1, 2, 3]):
        assert "clean" not in rows_of(contaminated)


def test_the_ranking_has_each_value_of_its_slice() -> None:
    rows = rows_of([1, 3])
    row = ranked(list(rows.values()))
    for name, part in (("", "all"), ("_short", "short"), ("_long", "long"), ("_clean", "clean")):
        assert row[f"bits_per_byte{name}"] == rows[part]["bits_per_byte"]
        low, high = (
            ("low", "high") if part == "all" else (f"bits_per_byte{name}_{e}" for e in ("low", "high"))
        )
        assert (row[low], row[high]) == (rows[part]["low"], rows[part]["high"])
    for name, part in (("", "all"), ("_clean", "clean")):
        ends = [f"difference{name}{end}" for end in ("", "_low", "_high")]
        assert [row[end] for end in ends] == [rows[part][f"difference{end}"] for end in ("", "_low", "_high")]
        assert row[f"verdict{name}"] == rows[part]["verdict"]
    assert (row["held_out_documents"], row["held_out_groups"]) == (4, 4)
    assert row["bits_per_byte_clean"] != row["bits_per_byte"]
    assert set(row) <= set(RANKING.names)
    assert set(ranked([]).values()) == {None}
    assert pa.Table.from_pylist(list(rows.values()), schema=SLICES.schema).to_pylist() == list(rows.values())


def test_power_counts_the_seeds_that_both_have() -> None:
    assert power(OWN, costs([[1, 2, 3, 4]], (5,)), SETTINGS) == {"paired_seeds": 0, "seeds_needed": None}
    assert power(None, RANDOM, SETTINGS)["paired_seeds"] == 0
    assert power(OWN, RANDOM, SETTINGS)["paired_seeds"] == 2
