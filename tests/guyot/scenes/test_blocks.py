"""Blocks have every cell, known copies, and no two pictures of one key."""

import collections
import dataclasses
import itertools

import pytest

from guyot.errors import SettingError
from guyot.scenes.blocks import BLOCKS, SETS, documents
from guyot.scenes.factors import ENVIRONMENTS, LEVELS, MATERIALS, SHAPES


@pytest.mark.parametrize("size, n", [("default", 2044), ("small", 291)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_keys_are_unique_over_all_blocks(size, n, seed):
    keys = [document.spec_hash for block in BLOCKS for document in documents(block, size, seed)]
    assert len(keys) == len(set(keys)) == n


@pytest.mark.parametrize("size, materials, environments, draws", [("default", 8, 6, 2), ("small", 4, 3, 1)])
def test_the_factorial_has_every_cell_and_balanced_others(size, materials, environments, draws):
    found = documents("factorial", size)
    cells = itertools.product(SHAPES, MATERIALS[:materials], ENVIRONMENTS[:environments])
    assert collections.Counter(one.scene.triple for one in found) == dict.fromkeys(cells, draws)
    for factor in ("floor", "scale", "light", "yaw", "position", "camera_azimuth", "camera_elevation"):
        counts = collections.Counter(getattr(one.scene, factor) for one in found)
        assert set(counts) == set(LEVELS[factor])
        assert max(counts.values()) - min(counts.values()) <= 1


def test_the_second_draw_of_a_cell_is_another_scene():
    found = documents("factorial")
    for one, other in zip(found[:480], found[480:], strict=True):
        assert one.scene.triple == other.scene.triple
        assert one.duplicate_group != other.duplicate_group


def test_one_at_a_time_differs_in_one_factor_and_has_every_level():
    found = documents("one_at_a_time")
    n = sum(len(levels) - 1 for levels in LEVELS.values())
    for begin in range(0, len(found), n + 1):
        base, *others = (dataclasses.asdict(one.scene) for one in found[begin : begin + n + 1])
        changed = [[name for name in base if base[name] != other[name]] for other in others]
        assert all(len(names) == 1 for names in changed)
        seen = {(name, other[name]) for (name,), other in zip(changed, others, strict=True)}
        seen |= {(name, base[name]) for name in LEVELS}
        assert seen == {(name, level) for name, levels in LEVELS.items() for level in levels}


def test_duplicates_are_what_their_variant_says():
    groups = collections.defaultdict(dict)
    for one in documents("duplicates"):
        groups[one.duplicate_group][one.variant] = one
    assert len(groups) == SETS["default"].groups
    for variants in groups.values():
        base = variants.pop("")
        assert base.encoding == "png"
        assert set(variants) == {
            "noise", "yaw+0.5", "yaw+2", "yaw+8", "jpeg-90", "jpeg-50", "resize-64", "resize-48",
        }  # fmt: skip
        for variant, one in variants.items():
            if variant == "noise":
                assert one.scene == dataclasses.replace(base.scene, replicate=base.scene.replicate + 1)
            elif variant.startswith("yaw"):
                turned = (base.scene.yaw + float(variant[4:])) % 360
                assert one.scene == dataclasses.replace(base.scene, yaw=turned)
            else:
                assert (one.scene, one.encoding) == (base.scene, variant)


def test_complexity_is_counted_right_and_dealt_by_the_seed():
    dealt = []
    for seed in (0, 1):
        pairs, told = collections.defaultdict(set), {}
        for one in documents("complexity", seed=seed):
            pairs[one.scene.shape].add((one.scene.material, one.scene.environment))
            told[one.scene.shape] = one.complexity
        assert {shape: len(found) for shape, found in pairs.items()} == told
        assert sorted(told.values()) == [1, 1, 2, 2, 4, 4, 8, 8, 24, 24]
        dealt.append(told)
    assert dealt[0] != dealt[1]
    assert len(collections.Counter(one.scene for one in documents("complexity"))) == 300


def test_yaw_turns_every_shape_evenly_and_nothing_else():
    found = [one.scene for one in documents("yaw")]
    assert {(one.shape, one.yaw) for one in found} == set(itertools.product(SHAPES, LEVELS["yaw"]))
    assert len({dataclasses.replace(one, shape="sphere", yaw=0) for one in found}) == 1


def test_a_block_is_the_same_at_every_call_and_another_with_another_seed():
    assert documents("factorial") == documents("factorial") != documents("factorial", seed=1)


def test_unknown_blocks_and_sizes_are_refused():
    with pytest.raises(
        SettingError, match="block 'spiral' was asked for; choose from factorial, one_at_a_time"
    ):
        documents("spiral")
    with pytest.raises(SettingError, match="size 'huge' was asked for; choose from default, small"):
        documents("yaw", "huge")
