"""The recipes and seeds of the graph: the file to edit. Each recipe is a partition of pruned_mixtures.

Those of the library come first, see guyot/recipes.py. Add your own behind them:

    RECIPES = (*NAMED, Recipe("half", d4(0.5), 0.5, "documents"))
"""

from guyot.recipe import Recipe
from guyot.recipes import NAMED

RECIPES: tuple[Recipe, ...] = NAMED

# The recipes that are trained unless others are asked for; all are cut, audited and scheduled. These differ
# most: nothing dropped, dropped at random, duplicates by words, duplicates by vectors, and two that go on to
# select, by the distance to centroids and by the density of clusters.
TRAINED: tuple[str, ...] = ("everything", "random", "minhash", "semdedup", "d4", "density")

# Seeds of the trainings, each a partition; recipes are trained with the first of them, as many as the setting
# training.seeds says. Runs of one seed are compared with one another.
SEEDS: tuple[int, ...] = tuple(range(10))
