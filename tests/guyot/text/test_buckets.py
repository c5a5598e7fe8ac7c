"""Buckets: what is found by keys is what a comparison of the signatures' parts finds."""

from collections import defaultdict

import numpy as np
import pytest

from guyot.seeds import generator
from guyot.text import buckets
from guyot.text.buckets import Bands, Buckets, band_keys, shared_buckets, whole_keys


def drawn(n: int, n_values: int, label: str) -> np.ndarray:
    """Draw signatures of few values, so that many agree somewhere."""
    return generator(0, label).integers(0, n_values, (n, 128)).astype(np.uint32)


@pytest.mark.parametrize("bands", [Bands(25, 5), Bands(128, 1), Bands(1, 128), Bands(9, 14)])
def test_keys_are_equal_where_the_bands_are(monkeypatch: pytest.MonkeyPatch, bands: Bands) -> None:
    signed = drawn(300, 2, "keys")
    signed[150:] = signed[:150]
    signed[200:, 77] += 1
    keys = list(band_keys(signed, bands))
    assert len(keys) == bands.n_bands
    for band, found in enumerate(keys):
        parts = [row.tobytes() for row in signed[:, band * bands.n_rows : (band + 1) * bands.n_rows]]
        assert (
            len(set(zip(parts, found.tolist(), strict=True))) == len(set(parts)) == len(set(found.tolist()))
        )
    monkeypatch.setattr(buckets, "_BLOCK_ROWS", 7)
    monkeypatch.setattr(buckets, "_BANDS_AT_ONCE", 2)
    assert [k.tolist() for k in band_keys(signed, bands)] == [k.tolist() for k in keys]
    assert len(set(whole_keys(signed).tolist())) == len({row.tobytes() for row in signed})


@pytest.mark.parametrize("shift", [0, 50, 60])
def test_shared_keys_are_those_of_a_dictionary_even_if_highest_bits_agree(shift: int) -> None:
    keys = generator(0, "shared", shift).integers(0, 16, 60).astype(np.uint64) << np.uint64(shift)
    keys[::7] = np.arange(len(keys[::7]), dtype=np.uint64) + np.uint64(100)
    rows, begins = shared_buckets(keys)
    wanted: dict[int, list[int]] = defaultdict(list)
    for row, key in enumerate(keys.tolist()):
        wanted[key].append(row)
    assert [part.tolist() for part in np.split(rows, begins[1:])] == [
        wanted[key] for key in sorted(wanted) if len(wanted[key]) > 1
    ]


@pytest.mark.parametrize("n", [0, 1])
def test_one_or_no_key_is_not_shared(n: int) -> None:
    rows, begins = shared_buckets(np.zeros(n, np.uint64))
    assert (len(rows), len(begins)) == (0, 0)


def test_buckets_hold_what_agrees_in_a_band() -> None:
    bands, signed = Bands(25, 5), drawn(400, 3, "hold")
    some = drawn(12, 3, "others")
    some[:3] = signed[:3]
    parts = [slice(band * 5, band * 5 + 5) for band in range(25)]
    wanted = [any((row[part] == one[part]).all() for one in some for part in parts) for row in signed]
    assert 3 < sum(wanted) < 400
    assert Buckets(some, bands).hold(signed).tolist() == wanted
    assert not Buckets(some[:0], bands).hold(signed).any()
    assert not len(Buckets(some, bands).hold(signed[:0]))
