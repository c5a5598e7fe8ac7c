"""The strongest pairs of each document and evaluation set, and which lists may miss some."""

from pathlib import Path

import numpy as np
import pytest
from support.contamination import contamination_lake, put
from support.lake import build_asset, reader_of

from assets.cluster.scoring import contamination_pairs as module
from assets.cluster.scoring.contamination_pairs import (
    ContaminationPairs,
    Floors,
    joined,
    may_miss,
    pairs_of,
    strongest,
)
from assets.graph.snapshot import Snapshot, snapshot_of
from guyot.seeds import generator

FLOORS = Floors(0.5, 0.9)


def pairs(*rows: tuple[str, int, str, float, float, float]) -> ContaminationPairs:
    columns = list(zip(*rows, strict=True))
    ids = [np.array([one.zfill(32) for one in columns[i]], "S32") for i in (0, 2)]
    numbers = [np.array(columns[i], np.float64) for i in (3, 4)]
    return ContaminationPairs(
        ids[0], np.array(columns[1], np.int16), ids[1], *numbers, np.array(columns[5], np.float32)
    )


def named(found: ContaminationPairs) -> list[tuple[str, int, str]]:
    ids = ([one.decode().lstrip("0") for one in column] for column in (found.document, found.record))
    document, record = ids
    return list(zip(document, found.evaluation_set.tolist(), record, strict=True))


def test_the_strongest_are_those_of_each_measure_in_the_order_of_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RECORDS_PER_DOCUMENT", 2)
    rows = [
        ("b", 0, "r", 0.5, 0.25, 0.0), ("b", 0, "s", 0.75, 0.25, 0.0), ("b", 0, "q", 0.75, 0.5, 0.0),
        ("b", 0, "t", 0.0, 0.0, 0.9375), ("b", 0, "u", 0.0, 0.0, 0.96875), ("b", 0, "v", 0.0, 0.0, 0.953125),
        ("b", 1, "w", 0.5, 0.5, 0.0), ("a", 1, "x", 0.25, 0.5, 0.5), ("a", 0, "y", 1.0, 1.0, 1.0),
    ]  # fmt: skip
    found = strongest(pairs(*rows), FLOORS)
    assert named(found) == [
        ("a", 0, "y"),
        ("b", 0, "q"),
        ("b", 0, "s"),
        ("b", 0, "u"),
        ("b", 0, "v"),
        ("b", 1, "w"),
    ]
    assert found.overlap.tolist() == [1, 0.75, 0.75, 0, 0, 0.5]


def test_ties_go_to_the_lower_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECORDS_PER_DOCUMENT", 1)
    found = strongest(pairs(("a", 0, "s", 0.5, 0.5, 0.9375), ("a", 0, "r", 0.5, 0.5, 0.9375)), FLOORS)
    assert named(found) == [("a", 0, "r")]


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_of_parts_is_what_is_left_of_all(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(module, "RECORDS_PER_DOCUMENT", 2)
    draw = generator(seed, "pairs")
    keys = np.unique(draw.integers(1, 9, (80, 3)), axis=0)
    rows = [
        (f"{d:x}", int(s), f"{r:x}", float(o), float(j), float(c))
        for (d, s, r), (o, j, c) in zip(keys, draw.integers(0, 5, (len(keys), 3)) / 4, strict=True)
    ]
    whole = strongest(pairs(*rows), FLOORS)
    cut = int(draw.integers(1, len(rows) - 1))
    parts = [strongest(pairs(*part), FLOORS) for part in (rows[cut:], rows[:cut])]
    both = strongest(joined(parts), FLOORS)
    assert all(
        np.array_equal(one, other)
        for one, other in zip(vars(whole).values(), vars(both).values(), strict=True)
    )


def test_full_lists_that_lost_a_record_may_miss_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECORDS_PER_DOCUMENT", 2)
    stored = pairs(
        ("a", 0, "r", 0.5, 0.5, 0.0), ("a", 0, "s", 0.5, 0.5, 0.0),  # full by words
        ("b", 0, "r", 0.5, 0.5, 0.0), ("b", 1, "s", 0.5, 0.5, 0.0),  # of two sets, neither full
        ("c", 0, "r", 0.0, 0.0, 0.9375), ("c", 0, "s", 0.0, 0.0, 0.9375),  # full by cosine
    )  # fmt: skip
    gone = np.array([True, False, True, True, False, False])
    assert may_miss(stored, FLOORS, gone).tolist() == [b"a".zfill(32)]
    assert may_miss(stored, FLOORS, ~gone).tolist() == [b"a".zfill(32), b"c".zfill(32)]
    assert not len(may_miss(stored, FLOORS, np.zeros(6, bool)))


def test_none_are_joined_and_left() -> None:
    assert len(strongest(joined([]), FLOORS)) == len(may_miss(joined([]), FLOORS, np.zeros(0, bool))) == 0


def test_pairs_by_row_are_of_their_snapshot_alone(tmp_path: Path) -> None:
    lake = contamination_lake(tmp_path / "lake")
    texts = ["one and the same text", "another"]
    put(
        lake,
        {"s": {"a": (texts[0], "train"), "b": (texts[1], "train"), "h": (texts[0], "held_out")}},
        {"bench": texts[:1]},
    )
    (built,) = build_asset(lake, "contamination_scores")
    reader, source = reader_of(lake), snapshot_of(lake.store.required("cluster_scores"))
    assert built.manifest is not None
    ids = np.unique(np.array([row["doc_id"] for row in lake.store.table(built.manifest).to_pylist()], "S32"))
    found = pairs_of(reader, built.manifest, source, ids)
    assert found is not None
    assert found.document.tolist() == [0, 0]
    assert [found.sets[number] for number in found.set_of[found.record]] == ["held_out", "bench"]
    assert found.overlap.tolist() == [1, 1]
    assert (found.min_overlap, found.min_cosine) == (0.5, 0.95)
    assert pairs_of(reader, None, source, ids) is None
    assert pairs_of(reader, built.manifest, Snapshot({}), ids) is None
