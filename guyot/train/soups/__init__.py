"""Model soups: one model from several, by averaging their weights (Wortsman et al. 2022, arXiv:2203.05482).

Functions of named arrays, as a safetensors file holds them. Scores and losses are callables, so nothing
here knows what the model is. Soups are meant for models that were trained on from one checkpoint; averages
of models whose initial weights differ are as bad as random weights (examples/papers/soups.py).
"""

from guyot.train.soups.averaging import Weights, average, uniform
from guyot.train.soups.files import WeightFile, soup_files, write_weights
from guyot.train.soups.greedy_soup import GreedySoup, Trial, greedy
from guyot.train.soups.ingredients import check_alike, init_warning, lowest_cosine
from guyot.train.soups.interpolation import Barrier, barrier
from guyot.train.soups.learned_soup import LearnedSoup, Loss, layer_of, learned

__all__ = [
    "Barrier",
    "GreedySoup",
    "LearnedSoup",
    "Loss",
    "Trial",
    "WeightFile",
    "Weights",
    "average",
    "barrier",
    "check_alike",
    "greedy",
    "init_warning",
    "layer_of",
    "learned",
    "lowest_cosine",
    "soup_files",
    "uniform",
    "write_weights",
]
