"""Bands: as long as the threshold allows, and candidates that miss no pair at it, but by rare chance."""

import numpy as np
import pytest

from guyot.errors import SettingError
from guyot.seeds import generator
from guyot.text import lsh
from guyot.text.lsh import bands_for, candidates, incomplete
from guyot.text.minhash_signatures import N_PERMUTATIONS, signatures
from guyot.text.shingles import Shingles


@pytest.mark.parametrize("jaccard", [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0])
def test_the_bands_are_the_longest_that_find_a_pair_at_the_threshold(jaccard: float) -> None:
    bands = bands_for(jaccard)
    assert bands.n_bands * bands.n_rows <= N_PERMUTATIONS
    assert 1 - (1 - jaccard**bands.n_rows) ** bands.n_bands >= 0.999
    if bands.n_rows < N_PERMUTATIONS:
        longer = bands.n_rows + 1
        assert 1 - (1 - jaccard**longer) ** (N_PERMUTATIONS // longer) < 0.999


def test_thresholds_that_are_none_are_refused() -> None:
    for jaccard in (0, 1.1):
        with pytest.raises(SettingError, match=f"similarity of {jaccard}"):
            bands_for(jaccard)


def planted(n_pairs: int, jaccard: float) -> np.ndarray:
    """Sign pairs (2i, 2i + 1) of an exact similarity, unlike all others."""
    draw = generator(0, "pairs", n_pairs)
    shared = round(2 * 400 * jaccard / (1 + jaccard))
    hashes = []
    for _ in range(n_pairs):
        both = draw.integers(0, 2**63, shared)
        for _ in range(2):
            hashes.append(np.concatenate([both, draw.integers(0, 2**63, 400 - shared)]))
    offsets = np.arange(2 * n_pairs + 1) * 400
    return signatures(Shingles(np.concatenate(hashes).astype(np.uint64), offsets))


def test_hardly_a_pair_at_the_threshold_is_missed_and_few_others_are_found() -> None:
    found = {tuple(pair) for pair in candidates(planted(2000, 0.8), 0.8).pairs.tolist()}
    wanted = {(2 * i, 2 * i + 1) for i in range(2000)}
    assert len(found & wanted) >= 0.998 * 2000
    assert len(found - wanted) < 20
    assert len(candidates(planted(2000, 0.4), 0.8).pairs) < 20  # estimated to be far below: not worth a look


def test_thousands_of_copies_make_a_chain_not_a_square() -> None:
    signed = np.repeat(planted(5, 0.1), 3000, axis=0)
    found = candidates(signed, 0.8)
    assert len(found.pairs) == len(signed) - 10
    assert (found.pairs[:, 1] - found.pairs[:, 0] == 1).all()
    assert found.has_one_signature.all()


def test_in_a_large_bucket_each_meets_its_next_ones() -> None:
    draw = generator(1, "bucket")
    signed = np.tile(draw.integers(0, 2**32, N_PERMUTATIONS).astype(np.uint32), (200, 1))
    signed[:, -1] = np.arange(200)  # alike in all bands but the last, and no copies
    found = candidates(signed, 0.8)
    assert found.crowded.all()
    assert not found.has_one_signature.any()
    assert {tuple(pair) for pair in found.pairs.tolist()} == {
        (i, j) for i in range(200) for j in range(i + 1, min(i + 1 + lsh.NEXT, 200))
    }
    few = candidates(signed[:40], 0.8).pairs
    assert len(few) == 40 * 39 // 2


def test_no_documents_have_no_candidates() -> None:
    assert candidates(np.zeros((0, N_PERMUTATIONS), np.uint32), 0.8).pairs.shape == (0, 2)


def test_documents_of_crowded_and_of_mixed_groups_are_incomplete() -> None:
    draw = generator(1, "bucket")
    signed = np.tile(draw.integers(0, 2**32, N_PERMUTATIONS).astype(np.uint32), (200, 1))
    signed[:, -1] = np.arange(200)
    apart = planted(1, 0.1)
    signed = np.concatenate([signed, apart])
    pairs = candidates(signed, 0.8)
    found = incomplete(signed, pairs, np.ones(len(pairs.pairs)), 0.8)
    assert found.tolist() == [True] * 200 + [False] * 2
    few = np.concatenate([signed[:40], signed[:1], apart])
    pairs = candidates(few, 0.8)
    assert not incomplete(few, pairs, np.ones(len(pairs.pairs)), 0.8).any()
    alike = (few[pairs.pairs[:, 0]] == few[pairs.pairs[:, 1]]).all(axis=1)
    assert (alike == pairs.has_one_signature).all()
    found = incomplete(few, pairs, np.where(alike, 0.99, 1.0), 0.8)
    assert found.tolist() == [True] * 41 + [False] * 2


def naive_candidates(signed: np.ndarray, jaccard: float) -> list[tuple[int, int]]:
    """Pair documents by dictionaries: copies as a chain, the first of each with those of its buckets."""
    bands, rows = bands_for(jaccard), [row.tobytes() for row in signed]
    last: dict[bytes, int] = {}
    found, firsts = set(), []
    for number, row in enumerate(rows):
        if row in last:
            found.add((last[row], number))
        else:
            firsts.append(number)
        last[row] = number
    least = jaccard * 128 - 6 * (jaccard * (1 - jaccard) * 128) ** 0.5
    for band in range(bands.n_bands):
        buckets: dict[bytes, list[int]] = {}
        for number in firsts:
            key = signed[number, band * bands.n_rows : (band + 1) * bands.n_rows].tobytes()
            buckets.setdefault(key, []).append(number)
        for bucket in buckets.values():
            reach = lsh.NEXT if len(bucket) > lsh.ALL_PAIRS_IN else len(bucket)
            for place, one in enumerate(bucket):
                for other in bucket[place + 1 : place + 1 + reach]:
                    if (signed[one] == signed[other]).sum() >= least:
                        found.add((one, other))
    return sorted(found)


def naive_crowded(signed: np.ndarray, jaccard: float) -> np.ndarray:
    """Mark documents of buckets of more than ALL_PAIRS_IN different signatures, by dictionaries."""
    bands, crowded = bands_for(jaccard), np.zeros(len(signed), bool)
    for band in range(bands.n_bands):
        buckets: dict[bytes, list[int]] = {}
        for number, row in enumerate(signed[:, band * bands.n_rows : (band + 1) * bands.n_rows]):
            buckets.setdefault(row.tobytes(), []).append(number)
        for bucket in buckets.values():
            if len({signed[number].tobytes() for number in bucket}) > lsh.ALL_PAIRS_IN:
                crowded[bucket] = True
    return crowded


@pytest.mark.parametrize("at_once", [1, 50, 1 << 20])
@pytest.mark.parametrize(("n_texts", "changed"), [(2, 0.0), (3, 0.02), (30, 0.05), (200, 0.3)])
def test_candidates_are_those_of_dictionaries(
    monkeypatch: pytest.MonkeyPatch, at_once: int, n_texts: int, changed: float
) -> None:
    monkeypatch.setattr(lsh, "_PAIRS_AT_ONCE", at_once)
    draw = generator(2, "signatures", n_texts)
    signed = draw.integers(0, 2**32, (n_texts, 128)).astype(np.uint32)[draw.integers(0, n_texts, 250)]
    differs = draw.random(signed.shape) < changed * draw.integers(0, 2, (250, 1))
    signed[differs] = draw.integers(0, 2**32, int(differs.sum()))
    for jaccard in (0.5, 0.8):
        found = candidates(signed, jaccard)
        assert [tuple(pair) for pair in found.pairs.tolist()] == naive_candidates(signed, jaccard)
        assert len(found.pairs)
        same = signed[found.pairs[:, 0]] == signed[found.pairs[:, 1]]
        assert (same.all(axis=1) == found.has_one_signature).all()
        assert (naive_crowded(signed, jaccard) == found.crowded).all()
