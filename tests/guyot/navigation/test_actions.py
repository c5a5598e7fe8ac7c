"""Headings go round the compass; left undoes right."""

from guyot.navigation.actions import (
    DX,
    DY,
    EAST,
    FORWARD,
    LEFT,
    N_ACTIONS,
    N_HEADINGS,
    NO_ACTION,
    NORTH,
    RIGHT,
    SOUTH,
    TURN,
    WEST,
)


def test_north_is_up_and_right_of_it_is_east():
    assert [(DX[h], DY[h]) for h in (NORTH, EAST, SOUTH, WEST)] == [(0, -1), (1, 0), (0, 1), (-1, 0)]
    assert (NORTH + TURN[RIGHT]) % N_HEADINGS == EAST
    assert (NORTH + TURN[LEFT]) % N_HEADINGS == WEST
    assert TURN[FORWARD] == 0


def test_actions_are_numbered_from_zero_and_none_comes_after():
    assert sorted((FORWARD, LEFT, RIGHT)) == list(range(N_ACTIONS))
    assert NO_ACTION == N_ACTIONS
