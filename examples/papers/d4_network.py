"""D4's table of repeated epochs with a network, which does learn from a second reading.

    python examples/papers/d4_network.py [--quick]

As d4.py (Tirumala et al. 2023, arXiv:2308.12284, table 1), but the model is a GRU over bytes that is trained
by gradients: T bytes of a pool of T, read once; a half of it at random or by D4, read twice; what D4 leaves
of a fresh pool of 2 T, read once. Initial weights are the same for all rows of a seed.
"""

import functools

import torch
from byte_network import gru_nats
from d4 import Plan, main
from findings import command

ROWS = ("all x1", "random x2", "D4 x2", "fresh D4 x1")
plan_of = functools.partial(Plan, scored_bytes=1536, arms=ROWS, costs=gru_nats)
FULL = plan_of(budget=1_500_000, files_per_package=150, n_scored=100, seeds=6)
QUICK = plan_of(budget=100_000, files_per_package=4, n_scored=20, seeds=2)

if __name__ == "__main__":
    torch.set_num_threads(1)
    command(main, FULL, QUICK)
