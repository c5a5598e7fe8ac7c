"""What a named recipe holds for each document beyond its columns, as numpy asks for it."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from support.corpus import some_units

from guyot.columns import MinHashPairs
from guyot.documents import Documents
from guyot.prune import prune
from guyot.prune.account import account
from guyot.recipes import NAMED
from guyot.seeds import generator

MOST_BYTES = {  # per document beyond its columns, with room; before narrow rows and shared columns: 69 to 154
    "everything": 46, "random": 46, "clean": 66, "exact": 49, "minhash": 73, "length": 46, "semdedup": 46,
    "cover": 79, "prototypes": 46, "scip": 50, "density": 81,
}  # fmt: skip


@pytest.mark.parametrize("name", MOST_BYTES)
def test_what_a_recipe_holds_for_a_document_is_little(name: str) -> None:
    draw, n = generator(0, "memory"), 100_000
    rows = np.arange(n)
    columns = {
        "tokens": draw.integers(1, 900, n), "words": draw.integers(1, 900, n), "kind": np.zeros(n, np.int32),
        "max_line": draw.integers(1, 900, n), "alpha_fraction": draw.random(n), "parses": np.ones(n, np.int8),
        "duplicate_lines": draw.random(n), "cluster": draw.integers(0, 300, n).astype(np.int32),
        "distance": draw.random(n, np.float32), "max_similarity": draw.random(n, np.float32),
        "witness": np.where(rows > 0, rows // 2, -1),
    }  # fmt: skip
    digest = np.array([f"{row % (n - 1000):032x}" for row in rows], "S32")
    one = rows[:-1:50]
    sources = {
        "centroids": some_units(300, 8), "comparison_lists": NoLists(),
        "minhash_pairs": MinHashPairs(one, one + 1, np.full(len(one), 0.9), 0.5),
    }  # fmt: skip
    documents = Documents(rows.astype(np.uint64), digest, columns, sources, ("python",))
    recipe = next(recipe for recipe in NAMED if recipe.name == name)
    tracemalloc.start()
    try:
        cut = prune(documents, recipe.steps, target_fraction=recipe.target_fraction, unit=recipe.unit)
        account(documents, recipe, cut)
        assert tracemalloc.get_traced_memory()[1] / n < MOST_BYTES[name]
    finally:
        tracemalloc.stop()


class NoLists:
    """Lists of nothing."""

    def lists(self, wanted: NDArray[np.bool_] | None = None) -> Iterator[Any]:
        return iter(())
