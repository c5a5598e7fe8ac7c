"""The named recipes: the file to edit. Each is a partition of pruned_mixtures and all that follows.

A target is a fraction of the eligible documents, tokens or bytes, and is met exactly.
"""

from guyot.prune.d4 import d4
from guyot.prune.everything import Everything
from guyot.prune.exact import Exact
from guyot.prune.length import Length
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe

TARGET_FRACTION = 0.7

RECIPES: tuple[Recipe, ...] = (
    Recipe("everything", (Everything(),), 1.0),
    Recipe("random", (Random(),), TARGET_FRACTION),
    Recipe("exact", (Exact(),), TARGET_FRACTION),
    Recipe("length", (Length(),), TARGET_FRACTION),
    Recipe("semdedup", (SemDeDup(),), TARGET_FRACTION),
    Recipe("prototypes", (Prototypes(),), TARGET_FRACTION),
    Recipe("d4", d4(TARGET_FRACTION), TARGET_FRACTION),
)

# Seeds of the trainings; every recipe is trained once with each.
SEEDS: tuple[int, ...] = (0,)
