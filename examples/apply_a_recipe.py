"""A recipe on documents of one's own: D4 to half of the tokens, with a reason for each that goes.

python examples/apply_a_recipe.py
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cut import Cut
from guyot.documents import Documents
from guyot.encoders.hashing import HashingEncoder
from guyot.prune import prune
from guyot.prune.d4 import d4
from guyot.prune.near_duplicates.maxima import nearest_predecessors, rank
from guyot.recipe import Recipe
from guyot.vectors.exact import unit_float16

CLUSTERING = KMeansSettings(n_clusters=4, iterations=20, points_per_cluster=256, seed=0)
RECIPE = Recipe("half", d4(0.5), 0.5, "tokens")


@dataclass(frozen=True)
class InMemory:
    """Vectors as the library reads them: (rows, vectors), block by block."""

    vectors: NDArray[np.float16]

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield all of them at once."""
        yield np.arange(len(self.vectors)), self.vectors


def documents_of(texts: list[str]) -> tuple[Documents, list[str]]:
    """Gather the columns that methods ask for, and the texts in their order: that of the ids."""
    texts = sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest())
    digests = [hashlib.sha256(text.encode()).digest() for text in texts]
    vectors = unit_float16(HashingEncoder().encode(texts))
    distance = assign(vectors, kmeans(vectors, CLUSTERING).vectors).distance
    order = rank(distance)
    found = nearest_predecessors(vectors[order])
    similarity, witness = np.empty(len(texts), np.float32), np.empty(len(texts), np.int64)
    similarity[order] = found.similarity
    witness[order] = np.where(found.witness < 0, -1, order[found.witness])
    columns = Documents(
        id_bits=np.array([int.from_bytes(digest[:8], "big") for digest in digests], np.uint64),
        content_digest=np.array([digest.hex()[:32] for digest in digests], "S32"),
        columns={
            "tokens": np.array([len(text.split()) for text in texts]),
            "distance": distance,
            "max_similarity": similarity,
            "witness": witness,
        },
        sources={"vectors": InMemory(vectors)},
    )
    return columns, texts


def cut(documents: Documents) -> Cut:
    """Apply the recipe."""
    return prune(
        documents,
        RECIPE.steps,
        target_fraction=RECIPE.target_fraction,
        unit=RECIPE.unit,
        clustering=CLUSTERING,
    )


if __name__ == "__main__":
    fruits = ("apple", "pear", "plum", "quince", "fig", "grape", "cherry", "medlar")
    documents, texts = documents_of(
        [f"On day {day} they picked {day * 7} baskets of {fruit}s." for fruit in fruits for day in range(5)]
    )
    decided, tokens = cut(documents), documents.column("tokens")
    print(f"kept {decided.kept.sum()} of {len(texts)}, "  # noqa: T201
          f"{tokens[decided.kept].sum()} of {tokens.sum()} words")  # fmt: skip
    for row in np.flatnonzero(~decided.kept)[:5]:
        because = f", because of {texts[decided.witness[row]]!r}" if decided.witness[row] >= 0 else ""
        print(f"{texts[row]!r} went by {decided.steps[decided.step[row]]}, "  # noqa: T201
              f"reason {decided.reasons[decided.reason[row]]}{because}")  # fmt: skip
