"""Labelled streams: no two places share one, and a document's number is its own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot import seeds
from guyot.seeds import draw_sample, generator, mix, mix_integer, uniforms, uniforms_of_bits
from guyot.seeds import keys as keys_of


def test_streams_differ_by_seed_label_and_type() -> None:
    streams = [(0, "a"), (1, "a"), (0, "b"), (0, "a", 0), (0, "a", "0"), (0, "a", 1)]
    first = {generator(seed, *labels).integers(2**62) for seed, *labels in streams}
    assert len(first) == len(streams)
    assert generator(3, "x", 1).integers(2**62) == generator(3, "x", 1).integers(2**62)


@given(st.lists(st.text(max_size=5), unique=True, min_size=1, max_size=20), st.integers(0, 5))
def test_a_key_keeps_its_number_whatever_the_others(keys: list[str], seed: int) -> None:
    drawn = dict(zip(keys, uniforms(seed, "label", keys), strict=True))
    assert all(uniforms(seed, "label", [key])[0] == drawn[key] for key in keys)
    assert all(0 <= value < 1 for value in drawn.values())


def test_numbers_are_spread_evenly() -> None:
    bits = generator(0, "bits").integers(0, 2**63, 20_000).astype(np.uint64)
    for drawn in (uniforms(1, "l", [str(i) for i in range(20_000)]), uniforms_of_bits(1, "l", bits)):
        counts = np.histogram(drawn, 20, (0, 1))[0]
        assert counts.min() > 850
        assert counts.max() < 1150


def test_bits_give_another_number_per_seed_and_label() -> None:
    bits = np.arange(1, 100, dtype=np.uint64)
    drawn = [uniforms_of_bits(*args, bits) for args in ((0, "a"), (1, "a"), (0, "b"))]
    assert len({tuple(values) for values in drawn}) == 3


@given(value=st.integers(0, (1 << 64) - 1))
def test_one_integer_is_mixed_as_an_array_of_it(value: int) -> None:
    assert mix_integer(value) == int(mix(np.array([value], np.uint64))[0])


def test_keys_are_different_words_and_a_longer_list_begins_with_a_shorter_one() -> None:
    found = keys_of(0, "x", size=1000)
    assert len(set(found.tolist())) == 1000
    assert keys_of(0, "x", size=8).tolist() == found[:8].tolist()
    assert keys_of(0, "x", 1, size=2).tolist() != keys_of(0, "x", "1", size=2).tolist()
    bits = np.unpackbits(found.view(np.uint8))
    assert abs(bits.mean() - 0.5) < 4 * 0.5 / np.sqrt(len(bits))


@pytest.mark.parametrize("size", [0, 1, 7, 39, 40, 41])
@pytest.mark.parametrize("at_once", [1, 9, 100])
def test_a_sample_is_of_the_lowest_numbers_then_bits(
    size: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeds, "_KEYS_AT_ONCE", at_once)
    bits = generator(0, "bits").integers(0, 15, 40).astype(np.uint64)  # many twice
    drawn = uniforms_of_bits(3, "s", bits)
    wanted = sorted(range(40), key=lambda row: (drawn[row], bits[row], row))[:size]
    assert draw_sample(3, "s", bits, size).tolist() == sorted(wanted)
