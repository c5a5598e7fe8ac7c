"""The recipes and seeds of the graph: the file to edit. Each recipe is a partition of pruned_mixtures.

Those of the library come first, see guyot/recipes.py. Add your own behind them:

    RECIPES = (*NAMED, Recipe("half", d4(0.5), 0.5, "documents"))
"""

from guyot.recipe import Recipe
from guyot.recipes import NAMED

RECIPES: tuple[Recipe, ...] = NAMED

# Seeds of the trainings; every recipe is trained once with each.
SEEDS: tuple[int, ...] = (0,)
