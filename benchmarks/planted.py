"""Vectors with near-duplicates planted among them at stated cosines, and the share of them that is found."""

import dataclasses
import os
import tempfile

import numpy as np
from numpy.typing import NDArray
from synthetic_lake import Shape, Synthetic, ids_of

from guyot.seeds import generator
from guyot.vectors.exact import pair_cosines, unit_float16

COSINES = (0.95, 0.98, 0.995)
PLANTED = 0.02  # of all documents, copies at each cosine
SPREAD = 0.9  # length of the noise about a topic's centre, whose length is 1
UNEVEN = 0.5  # deviation of the logarithm of the topics' sizes
BLOCK_ROWS = 8192


@dataclasses.dataclass(frozen=True)
class Planted:
    """Vectors of all documents, and the pairs among them.

    one, other : int64[p], rows; meant : float64[p], the cosine that was planted
    """

    vectors: NDArray[np.float16]
    one: NDArray[np.int64]
    other: NDArray[np.int64]
    meant: NDArray[np.float64]


def plant(shape: Shape, decay: float) -> Planted:
    """Draw topics of uneven size, documents about them, and copies of some at stated cosines.

    Direction i deviates by i^-decay; at 0 all directions are alike.
    """
    n, width = shape.total, shape.width
    draw = generator(0, "border", n, width)
    scale = np.arange(1, width + 1, dtype=np.float32) ** np.float32(-decay)
    scale /= np.linalg.norm(scale)
    n_topics = max(1, round(n**0.5))
    centres = draw.standard_normal((n_topics, width), np.float32) * scale
    centres /= np.linalg.norm(centres, axis=1)[:, None]
    weights = np.exp(draw.standard_normal(n_topics) * UNEVEN)
    topic = draw.choice(n_topics, n, p=weights / weights.sum())
    # in a file, which no measured process holds; in memory, since a disk would write rows many times
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    vectors = np.memmap(tempfile.TemporaryFile(dir=memory), np.float16, "w+", shape=(n, width))
    for begin in range(0, n, BLOCK_ROWS):
        some = topic[begin : begin + BLOCK_ROWS]
        noise = draw.standard_normal((len(some), width), np.float32) * scale
        vectors[begin : begin + len(some)] = unit_float16(centres[some] + SPREAD * noise)
    each = max(1, round(n * PLANTED))
    meant = np.repeat(COSINES, each)
    one, other = draw.permutation(n)[: 2 * len(meant)].reshape(2, -1)
    for begin in range(0, len(one), BLOCK_ROWS):
        part = slice(begin, begin + BLOCK_ROWS)
        rows = vectors[one[part]].astype(np.float32)
        away = draw.standard_normal(rows.shape, np.float32) * scale
        away -= (away * rows).sum(axis=1)[:, None] * rows
        away /= np.linalg.norm(away, axis=1)[:, None]
        cosine = meant[part, None].astype(np.float32)
        vectors[other[part]] = unit_float16(cosine * rows + np.sqrt(1 - cosine**2) * away)
    return Planted(vectors, one, other, meant)


def found_of(synthetic: Synthetic, planted: Planted, shape: Shape) -> NDArray[np.float64]:
    """Look for the planted pairs in the live scores.

    Returns
    -------
    float64[p]: 1 where the later of the two has a similarity at least that of the pair, 0 where not, nan
    where one of them is not scored, such as a held-out one
    """
    store = synthetic.lake.store
    table = store.table(store.required("cluster_scores"), columns=["doc_id", "distance", "max_similarity"])
    ids, scored = np.array(ids_of(shape)), table["doc_id"].to_numpy()
    order = np.argsort(ids)
    row = np.full(len(ids), -1)
    row[order[np.searchsorted(ids[order], scored)]] = np.arange(len(scored))
    distance = table["distance"].to_numpy()
    similarity = np.nan_to_num(table["max_similarity"].to_numpy(), nan=-1)
    pairs = np.stack([row[planted.one], row[planted.other]])
    far = distance[pairs]
    first_is_later = np.where(far[0] == far[1], pairs[0] > pairs[1], far[0] < far[1])
    later = np.where(first_is_later, *pairs)
    found = similarity[later] >= pair_cosines(planted.vectors[planted.one], planted.vectors[planted.other])
    return np.where((pairs >= 0).all(axis=0), found, np.nan)
