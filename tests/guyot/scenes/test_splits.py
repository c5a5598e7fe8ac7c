"""Combinations are held out, levels never are."""

import collections

from guyot.scenes.blocks import BLOCKS, documents
from guyot.scenes.factors import ENVIRONMENTS, MATERIALS, SHAPES, Scene
from guyot.scenes.splits import OOD, TRAIN, VALIDATION, held_out_triples, split_of


def test_a_fifth_of_each_shape_is_held_out_by_the_seed():
    held = held_out_triples(0)
    assert collections.Counter(shape for shape, _, _ in held) == dict.fromkeys(SHAPES, 9)
    assert held == held_out_triples.__wrapped__(0) != held_out_triples(1)


def test_every_pair_of_levels_is_trained_only_triples_are_new():
    trained = {
        (s, m, e)
        for s in SHAPES
        for m in MATERIALS
        for e in ENVIRONMENTS
        if (s, m, e) not in held_out_triples(0)
    }
    assert len({(s, m) for s, m, _ in trained}) == 80
    assert len({(s, e) for s, _, e in trained}) == 60
    assert len({(m, e) for _, m, e in trained}) == 48


def test_splits_are_of_triples_and_of_duplicate_groups():
    of_triple, of_group = collections.defaultdict(set), collections.defaultdict(set)
    counts = collections.Counter()
    for block in BLOCKS:
        for document in documents(block):
            of_triple[document.scene.triple].add(document.split == OOD)
            of_group[document.duplicate_group].add(document.split)
            counts[block, document.split] += 1
    assert all(len(found) == 1 for found in (*of_triple.values(), *of_group.values()))
    assert counts["factorial", OOD] == 180
    assert 0.05 < counts["factorial", VALIDATION] / 780 < 0.15
    assert not counts["complexity", OOD]
    assert not counts["duplicates", OOD]


def test_a_scene_of_a_held_out_triple_is_never_validation():
    shape, material, environment = min(held_out_triples(0))
    scene = Scene(shape=shape, material=material, environment=environment)
    assert {split_of(scene, str(i), 0) for i in range(50)} == {OOD}
    assert {split_of(Scene(), str(i), 0) for i in range(50)} == {TRAIN, VALIDATION}
