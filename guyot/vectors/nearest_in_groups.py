"""The two nearest of many stored vectors that lie in groups, looked for in each row's nearest groups alone.

A row's nearest groups are those that are hardly farther from it than the nearest one: most rows need few.
What is found is a fixed function of a row, the groups and their members: both choices, of groups and of
members, are made by rough products and settled exactly, as in `guyot.vectors.nearest`.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.byte_products import one_openmp_thread
from guyot.vectors.nearest import NOTHING, Found, order_two, products_of, two_highest, widen
from guyot.vectors.screen import UnitRows
from guyot.vectors.threads import in_threads
from guyot.vectors.tiles import NO_COSINE, PANEL_ROWS
from guyot.vectors.widening import float32_of

MAX_PROBES = 32  # groups that are looked at for a row, at most
_KEPT = 3  # of each group's products: the third tells whether the second is beyond doubt
_EXACT_ELEMENTS = 1 << 22  # at most, of the exact cosines of rows in doubt


@dataclass(frozen=True)
class GroupedRows:
    """Rows that lie in groups.

    members : k rows, group by group
    groups : g rows, one that stands for each group
    begins : int64[g + 1], where each group's members begin; none is empty
    """

    members: UnitRows
    groups: UnitRows
    begins: NDArray[np.int64]

    @functools.cached_property
    def group_of(self) -> NDArray[np.int64]:
        """The group of each member: int64[k]."""
        return np.repeat(np.arange(len(self.groups)), np.diff(self.begins))

    @functools.cached_property
    def wide_members(self) -> NDArray[np.float64]:
        """The members as they are stored: float64[k, d]."""
        return float32_of(self.members.vectors).astype(np.float64)

    @functools.cached_property
    def wide_groups(self) -> NDArray[np.float64]:
        """The groups' rows as they are stored: float64[g, d]."""
        return float32_of(self.groups.vectors).astype(np.float64)


def nearest_two_in_groups(
    rows: UnitRows, grouped: GroupedRows, probe_margin: float, *, block_rows: int = PANEL_ROWS
) -> tuple[Found, Found]:
    """Find the nearest and the second nearest member of each row's nearest groups.

    Parameters
    ----------
    rows : n rows
    grouped : of the same width
    probe_margin : 0-2; groups are looked at whose cosine with a row is less than that of its nearest group by
        at most so much, at most 32, the nearest; two, if the nearest has one member and no other is so near
    block_rows : rows that a thread works on at a time; changes memory, never the result

    Returns
    -------
    (float32[n], int64[n]) twice: cosine and number of the nearest, and of the second; ties go to the
    lower number, of groups too. -inf and -1 where there is no second: of a single member.

    Notes
    -----
    O(n d (g + p k / g)) in float32 for p groups a row, and two exact cosines for each row.

    Examples
    --------
    >>> eye = np.eye(4, dtype=np.float16)
    >>> grouped = GroupedRows(*map(UnitRows.measured, (eye, eye[[0, 2]])), np.array([0, 2, 4]))
    >>> points = UnitRows.measured(np.array([[0, 0, 0.6, 0.8]], np.float16))
    >>> [found[1].tolist() for found in nearest_two_in_groups(points, grouped, 0.1)]
    [[3], [2]]
    """
    for cached in (grouped.members, grouped.groups):
        cached.scaled(slice(0))  # before threads ask for them, if they are kept
    _ = grouped.group_of, grouped.wide_members, grouped.wide_groups
    begins = range(0, len(rows), block_rows)
    blocks = [slice(begin, min(begin + block_rows, len(rows))) for begin in begins]
    search = functools.partial(_two_of_block, rows, grouped, np.float32(probe_margin))
    parts = list(in_threads(search, blocks))
    value = np.concatenate([np.zeros((2, 0), np.float32), *(part[0] for part in parts)], axis=1)
    number = np.concatenate([np.zeros((2, 0), np.int64), *(part[1] for part in parts)], axis=1)
    return (value[0], number[0]), (value[1], number[1])


@one_openmp_thread()
def _two_of_block(rows: UnitRows, grouped: GroupedRows, margin: np.float32, block: slice) -> Found:
    """Find the two nearest members of some rows: [2, m] each."""
    shape = (block.stop - block.start, rows.vectors.shape[1])
    scaled, exact = np.empty(shape, np.float32), np.empty(shape)
    widen(rows, block, scaled, exact)
    stored = _Stored(exact, rows.lengths[block])
    is_probed = _nearest_groups(scaled, stored, rows.error, grouped, margin)
    rough, member = _highest_of_each(scaled, grouped, is_probed)
    number, least = _two_of_candidates(rough, member, rows.error)
    value = np.full(number.shape, NO_COSINE)
    for place in (0, 1):
        cosine = stored.cosines(slice(None), np.maximum(number[place], 0), grouped)
        value[place] = np.where(number[place] == NOTHING, NO_COSINE, cosine)
    order_two(value, number)
    is_candidate = (rough >= least[:, None, None]) & (member != NOTHING)
    is_open = is_candidate[:, :, _KEPT - 1].any(
        axis=1
    )  # a fourth of a group, which is not known, may be one too
    few = np.flatnonzero((np.count_nonzero(is_candidate, axis=(1, 2)) > 2) & ~is_open)
    value[:, few], number[:, few] = _settle(stored, few, is_candidate[few], member[few], grouped)
    step = max(1, _EXACT_ELEMENTS // len(grouped.members))
    doubtful = np.flatnonzero(is_open)
    for part in (doubtful[begin : begin + step] for begin in range(0, len(doubtful), step)):
        cosine = stored.all_cosines(part, grouped.wide_members, grouped.members.lengths)
        cosine[~is_probed[part][:, grouped.group_of]] = NO_COSINE
        value[:, part], number[:, part] = two_highest(cosine)
    return value, number


@dataclass(frozen=True)
class _Stored:
    """Rows as they are stored, and their lengths: float64[m, d], float64[m]."""

    rows: NDArray[np.float64]
    lengths: NDArray[np.float64]

    def cosines(
        self, row: slice | NDArray[np.int64], member: NDArray[np.int64], grouped: GroupedRows
    ) -> NDArray[np.float32]:
        """Return the exact cosine of each of some rows with a member.

        Parameters
        ----------
        row : int64[r], or a range of r rows
        member : int64[r]

        Returns
        -------
        float32[r]
        """
        products = products_of(self.rows[row], grouped.wide_members, member, in_place=False)
        products /= self.lengths[row] * grouped.members.lengths[member]
        return products.astype(np.float32)

    def all_cosines(
        self, row: NDArray[np.int64], others: NDArray[np.float64], other_lengths: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Return the exact cosines of some rows with all of others.

        Parameters
        ----------
        row : int64[r]
        others : float64[k, d]
        other_lengths : float64[k]

        Returns
        -------
        float32[r, k]
        """
        products = self.rows[row] @ others.T
        products /= np.multiply.outer(self.lengths[row], other_lengths)
        return products.astype(np.float32)


def _settle(
    stored: _Stored, rows: NDArray[np.int64], is_candidate: NDArray[np.bool_], member: NDArray[np.int64],
    grouped: GroupedRows,
) -> Found:  # fmt: skip
    """Find the two nearest of some rows' candidates, two at least for each row: [2, r] each."""
    row, group, place = np.nonzero(is_candidate)
    chosen = member[row, group, place]
    cosine = stored.cosines(rows[row], chosen, grouped)
    order = np.lexsort((chosen, -cosine, row))
    first = np.searchsorted(row, np.arange(len(rows)))  # sorted by rows, each has its own part
    two = order[np.stack([first, first + 1])]
    return cosine[two], chosen[two]


def _nearest_groups(
    scaled: NDArray[np.float32], stored: _Stored, error: np.float32, grouped: GroupedRows, margin: np.float32
) -> NDArray[np.bool_]:
    """Choose the nearest groups of each row: bool[m, g]."""
    rough = scaled @ grouped.groups.scaled(slice(None)).T
    least = rough.max(axis=1)[:, None] - margin
    found = rough >= least
    n_found, sizes = np.count_nonzero(found, axis=1), np.diff(grouped.begins)
    in_doubt = (n_found > MAX_PROBES) | (found @ sizes < 2)
    some = np.flatnonzero(in_doubt | (np.abs(rough - least).min(axis=1) <= 4 * error))
    cosine = stored.all_cosines(some, grouped.wide_groups, grouped.groups.lengths)
    nearest = np.argsort(-cosine, axis=1, kind="stable")
    is_near, is_least = np.zeros_like(cosine, np.bool_), np.zeros_like(cosine, np.bool_)
    np.put_along_axis(is_near, nearest[:, :MAX_PROBES], values=True, axis=1)
    np.put_along_axis(is_least, nearest[:, :2], values=True, axis=1)
    chosen = is_near & (cosine >= cosine.max(axis=1, initial=NO_COSINE)[:, None] - margin)
    found[some] = chosen | (is_least & (chosen @ sizes < 2)[:, None])
    return found


def _highest_of_each(
    scaled: NDArray[np.float32], grouped: GroupedRows, is_probed: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Multiply each row with the members of its groups, and keep the highest of each group.

    Returns
    -------
    float32[m, p, 3], -inf where a row has fewer groups or a group fewer members; int64[m, p, 3], the members
    """
    slot = np.cumsum(is_probed, axis=1, dtype=np.int8) - 1  # of a row's groups, in order as their members
    shape = (len(scaled), int(slot[:, -1].max(initial=0)) + 1, _KEPT)
    rough, member = np.full(shape, NO_COSINE), np.full(shape, NOTHING)
    probes, taken, buffer = np.ascontiguousarray(is_probed.T), np.empty_like(scaled), np.empty(0, np.float32)
    for group in np.flatnonzero(probes.any(axis=1)).tolist():
        rows = np.flatnonzero(probes[group])
        begin, end = grouped.begins[group : group + 2].tolist()
        size = len(rows) * (end - begin)
        if size > len(buffer):
            buffer = np.empty(size, np.float32)
        left = np.take(scaled, rows, axis=0, out=taken[: len(rows)], mode="clip")
        right = grouped.members.scaled(slice(begin, end))
        products = np.matmul(left, right.T, out=buffer[:size].reshape(len(rows), -1))
        each, slots = np.arange(len(rows)), slot[rows, group]
        for place in range(min(_KEPT, end - begin)):
            column = products.argmax(axis=1)
            rough[rows, slots, place], member[rows, slots, place] = products[each, column], column + begin
            products[each, column] = NO_COSINE
    return rough, member


def _two_of_candidates(
    rough: NDArray[np.float32], member: NDArray[np.int64], error: np.float32
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Choose the two highest: int64[2, m]; and from where on others may be higher: float32[m]."""
    each = np.arange(len(rough))
    left, member = rough.reshape(len(rough), -1).copy(), member.reshape(len(rough), -1)
    number = np.empty((2, len(rough)), np.int64)
    for place in (0, 1):
        column = left.argmax(axis=1)
        number[place], highest = member[each, column], left[each, column]
        left[each, column] = NO_COSINE
    number[1, highest == NO_COSINE] = NOTHING
    return number, highest - 2 * error
