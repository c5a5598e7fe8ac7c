"""The named recipes: the file to edit. Each is a partition of pruned_mixtures and all that follows.

A target is a fraction of the eligible documents, tokens or bytes, and is met exactly; without one every
step goes by its own limit. Recipes that drop copies stop where copies end: asked for more, they would go
on to documents that are merely alike.
"""

from guyot.prune.bounds import Bounds
from guyot.prune.d4 import d4
from guyot.prune.density import Density
from guyot.prune.everything import Everything
from guyot.prune.exact import Exact
from guyot.prune.length import Length
from guyot.prune.minhash import MinHash
from guyot.prune.parses import Parses
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe

SELECTED_TOKENS = 0.7
DEDUPLICATED_DOCUMENTS = 0.9
DEDUPLICATED_TOKENS = 0.9
SCIP_DOCUMENTS = 0.8

RECIPES: tuple[Recipe, ...] = (
    Recipe("everything", (Everything(),), 1.0),
    Recipe("random", (Random(),), SELECTED_TOKENS),
    Recipe(
        "clean",
        (
            Parses(),
            Bounds("words", at_least=10),
            Bounds("max_line", at_most=1000, kinds=("python",)),
            Bounds("alpha_fraction", at_least=0.25, kinds=("python",)),
            Bounds("duplicate_lines", at_most=0.7),
        ),
        None,
    ),
    Recipe("exact", (Exact(),), DEDUPLICATED_DOCUMENTS, "documents"),
    Recipe("minhash", (Exact(), MinHash()), None),
    Recipe("length", (Length(),), SELECTED_TOKENS),
    Recipe("semdedup", (SemDeDup(),), DEDUPLICATED_DOCUMENTS, "documents"),
    Recipe("cover", (Exact(), SemDeDup(mode="greedy_cover", duplicate_distance=0.05)), None),
    Recipe("prototypes", (Prototypes(),), SELECTED_TOKENS),
    Recipe("d4", d4(SELECTED_TOKENS), SELECTED_TOKENS),
    Recipe("scip", (SCIP(),), SCIP_DOCUMENTS, "documents"),
    Recipe("density", (SemDeDup(keep_fraction=DEDUPLICATED_TOKENS), Density()), SELECTED_TOKENS),
)

# The recipes that are trained unless others are asked for; all are cut, audited and scheduled. These differ
# most: nothing dropped, dropped at random, duplicates by words, duplicates by vectors, and two that go on to
# select, by the distance to centroids and by the density of clusters.
TRAINED: tuple[str, ...] = ("everything", "random", "minhash", "semdedup", "d4", "density")

# Seeds of the trainings; each of these recipes is trained once with each.
SEEDS: tuple[int, ...] = (0,)
