"""Tiles have each pair of an earlier source and a later target once, and bounds that are bounds."""

import numpy as np
import pytest
from support.corpus import some_units

from guyot.vectors.byte_rows import with_one_step
from guyot.vectors.exact import cosines
from guyot.vectors.rotation import principal_rotation
from guyot.vectors.screen import UnitRows
from guyot.vectors.tiles import NO_COSINE, Tiles

N_ROWS, WIDTH = 90, 24


@pytest.mark.parametrize("block_rows", [1, 7, 40, 200])
@pytest.mark.parametrize("by", ["floats", "heads", "bytes"])
def test_each_earlier_pair_is_in_one_tile_within_the_error(block_rows: int, by: str) -> None:
    vectors = some_units(N_ROWS, WIDTH)
    rows = UnitRows.measured(vectors)
    screen = {
        "floats": None,
        "heads": principal_rotation(rows, 8).heads(rows),
        "bytes": with_one_step(rows),
    }[by]
    targets, sources = np.arange(5, N_ROWS, 2), np.arange(0, N_ROWS, 3)
    exact = cosines(vectors[targets], vectors[sources])
    seen = np.zeros(exact.shape, np.int64)
    for tile in Tiles(rows, targets, sources, screen, block_rows):
        columns = np.arange(tile.first, tile.first + tile.rough.shape[1])
        nothing = np.iinfo(np.int32).min if by == "bytes" else NO_COSINE
        is_pair = tile.rough > nothing
        assert (is_pair == (sources[columns] < targets[tile.targets][:, None])).all()
        assert (tile.n_earlier == is_pair.sum(axis=1)).all()
        seen[np.ix_(tile.targets, columns)] += is_pair
        rough = tile.rough * tile.unit
        np.testing.assert_allclose(tile.highest(), np.where(is_pair, rough, NO_COSINE).max(axis=1), rtol=1e-6)
        difference = (rough - exact[np.ix_(tile.targets, columns)])[is_pair]
        assert difference.min(initial=0) >= -tile.error
        assert (tile.is_bound, tile.is_screen) == (by == "heads", by != "floats")
        assert tile.is_bound or difference.max(initial=0) <= tile.error
    assert (seen == (sources < targets[:, None])).all()


def test_rows_that_are_widened_or_closed_are_multiplied_whole_or_not_at_all() -> None:
    rows = UnitRows.measured(some_units(N_ROWS, WIDTH))
    everything = np.arange(N_ROWS)
    tiles = Tiles(rows, everything, everything, principal_rotation(rows, 8).heads(rows), N_ROWS)
    tiles.is_open[:50] = False
    (bounds,) = tiles
    assert bounds.targets.tolist() == list(range(50, N_ROWS))
    whole = tiles.widened(bounds, np.array([0, 3]))
    assert not whole.is_bound
    assert whole.targets.tolist() == [50, 53]
    assert tiles.is_wide.nonzero()[0].tolist() == [50, 53]


def test_places_at_a_threshold_are_found_whether_few_rows_or_many_have_one() -> None:
    rows = UnitRows.measured(some_units(N_ROWS, WIDTH))
    everything = np.arange(N_ROWS)
    (tile,) = Tiles(rows, everything, everything, None, N_ROWS)
    for n_rows in (3, len(tile.rough)):
        threshold = np.where(np.arange(len(tile.rough)) < n_rows, 0.1, np.inf).astype(np.float32)
        found = np.nonzero(tile.rough >= threshold[:, None])
        assert [part.tolist() for part in tile.at_least(threshold)] == [part.tolist() for part in found]
