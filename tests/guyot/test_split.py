"""What is held out: the exact count at first, and no unit changes sides later."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot import seeds, split
from guyot.errors import SettingError

FRACTIONS = st.sampled_from([0.01, 0.07, 0.1, 0.5, 0.95])


def decide(paths, records=(), *, by="auto", fraction=0.1, seed=0, previous=None):
    return split.decide(list(paths), list(records), by=by, fraction=fraction, seed=seed, previous=previous)


def held_out(rule, paths, *, of_records=False):
    sides = split.file_splits(rule, list(paths), of_records=of_records)
    return [path for path, side in zip(paths, sides, strict=True) if side == split.HELD_OUT]


def test_hand_computed_threshold():
    paths = [f"{letter}.py" for letter in "abcdefgh"]
    by_number = sorted(paths, key=lambda path: seeds.uniforms(3, "held_out", [path])[0])
    rule = decide(paths, by="file", fraction=0.25, seed=3)
    assert sorted(held_out(rule, paths)) == sorted(by_number[:2])


def test_a_product_that_floats_round_up_holds_out_no_unit_too_many():
    paths = [f"{i}.py" for i in range(100)]
    assert 0.07 * 100 > 7
    assert len(held_out(decide(paths, by="file", fraction=0.07), paths)) == 7


def test_auto_takes_directories_from_ten_groups_on():
    nine = [f"d{i}/{name}.py" for i in range(9) for name in "ab"]
    assert decide(nine).unit == "file"
    assert decide([*nine, "root.py"]).unit == "directory"


def test_a_directory_stays_on_one_side():
    paths = [f"d{i}/{name}.py" for i in range(20) for name in "abc"]
    out = held_out(decide(paths, fraction=0.3), paths)
    assert len(out) == 6 * 3
    assert len({split.group_of(path) for path in out}) == 6


def test_auto_splits_record_files_by_record_and_directory_splits_them_whole():
    paths = ["a/x.jsonl", "b/x.jsonl"]
    by_record = decide([], paths)
    assert split.file_splits(by_record, paths, of_records=True) == ["record", "record"]
    assert len(held_out(decide([], paths, by="directory"), paths, of_records=True)) == 1


def test_by_record_leaves_the_side_of_every_file_to_its_records():
    rule = decide(["a.py"], ["a.jsonl"], by="record")
    assert split.file_splits(rule, ["a.py"], of_records=False) == ["record"]
    assert split.file_splits(rule, ["a.jsonl"], of_records=True) == ["record"]


def test_records_are_held_out_by_path_key_and_seed():
    keys = [str(i) for i in range(2000)]
    sides = split.record_splits("a.jsonl", keys, fraction=0.1, seed=0)
    assert 150 < sides.count("held_out") < 250
    assert sides[7:9] == split.record_splits("a.jsonl", keys[7:9], fraction=0.1, seed=0)
    assert sides != split.record_splits("b.jsonl", keys, fraction=0.1, seed=0)
    assert sides != split.record_splits("a.jsonl", keys, fraction=0.1, seed=1)


def test_one_unit_is_trained_on_and_no_unit_decides_nothing():
    assert held_out(decide(["a.py"], by="file", fraction=0.9), ["a.py"]) == []
    empty = decide([], ["a.jsonl"])
    assert empty.n_units == 0
    paths = [f"d{i}/a.py" for i in range(10)]
    assert decide(paths, previous=empty).unit == "directory"


def test_nothing_is_held_out_at_fraction_zero():
    paths = [f"{i}.py" for i in range(50)]
    assert held_out(decide(paths, fraction=0.0), paths) == []
    assert set(split.record_splits("a", paths, fraction=0.0, seed=0)) == {"train"}


@pytest.mark.parametrize(("by", "fraction"), [("package", 0.1), ("file", 1.0), ("file", -0.1)])
def test_impossible_settings_are_refused(by, fraction):
    with pytest.raises(SettingError, match="held_out"):
        decide(["a.py"], by=by, fraction=fraction)


def test_another_setting_decides_anew():
    paths = [f"{i}.py" for i in range(20)]
    rule = decide(paths, by="file")
    assert decide(paths[:9], by="file", previous=rule) == rule
    assert decide(paths, by="file", fraction=0.5, previous=rule).fraction == 0.5
    assert decide(paths, by="file", seed=1, previous=rule).threshold != rule.threshold


@given(
    st.sets(st.text("ab/", min_size=1), min_size=2, max_size=60),
    st.sets(st.text("cd", min_size=1), max_size=30),
    FRACTIONS,
    st.integers(0, 5),
)
def test_no_file_changes_sides(first, later, fraction, seed):
    rule = decide(sorted(first), by="file", fraction=fraction, seed=seed)
    before = held_out(rule, sorted(first))
    assert 1 <= len(before) < len(first)
    after = decide(sorted(first | later), by="file", fraction=fraction, seed=seed, previous=rule)
    assert [path for path in held_out(after, sorted(first | later)) if path in first] == before


def test_a_directory_of_more_than_the_fraction_of_all_files_is_never_held_out():
    small = [f"d{i:02}/{name}.py" for i in range(20) for name in "ab"]
    giants = [f"giant{j}/{i}.py" for j in range(12) for i in range(10)]
    for seed in range(20):
        rule = decide([*small, *giants], fraction=0.05, seed=seed)
        assert rule.too_large == tuple(sorted(f"giant{j}" for j in range(12)))
        out = held_out(rule, [*small, *giants])
        assert len(out) == 2 * 2
        assert not any(path.startswith("giant") for path in out)


def test_where_all_are_too_large_all_are_drawn():
    paths = ["a.py", "b.py", "c.py"]
    rule = decide(paths, fraction=0.1)
    assert rule.too_large == ()
    assert len(held_out(rule, paths)) == 1


def test_what_is_held_out_is_many_small_groups_where_there_are_enough():
    small = [f"d{i:02}/{name}.py" for i in range(12) for name in "ab"]
    middling = [f"m{j}/{i}.py" for j in range(12) for i in range(8)]
    for seed in range(10):
        rule = decide([*small, *middling], fraction=0.2, seed=seed)  # 24 of 120 files; a quarter is 6
        assert rule.too_large == tuple(sorted(f"m{j}" for j in range(12)))
        assert len({split.group_of(path) for path in held_out(rule, [*small, *middling])}) == 5
    fewer_small = [*small[:22], *middling]  # 11 of 23 groups: too few to draw from
    assert decide(fewer_small, fraction=0.2).too_large == ()


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("train", split.TRAIN), (" TRAINING ", split.TRAIN), ("validation", split.HELD_OUT), ("ood", split.HELD_OUT),
        ("", None), ("  ", None),
    ],
)  # fmt: skip
def test_a_source_states_what_trains_and_every_other_name_is_held_out(name: str, side: str | None) -> None:
    assert split.stated_split(name) == side
