"""Actions and headings. A cell is (x, y), column and row, from the top left; y grows to the south."""

FORWARD, LEFT, RIGHT = 0, 1, 2
N_ACTIONS = 3
NO_ACTION = 3  # in place of the previous action, at an episode's first observation
NORTH, EAST, SOUTH, WEST = 0, 1, 2, 3
N_HEADINGS = 4
TURN = (0, 3, 1)  # what each action adds to the heading, modulo 4
DX = (0, 1, 0, -1)  # what a step along each heading adds to x
DY = (-1, 0, 1, 0)
