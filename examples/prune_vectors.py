"""SemDeDup on an array: of each group of near-duplicates keep the document farthest from its centroid.

python examples/prune_vectors.py
"""

import numpy as np

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cut import floor_fraction, take
from guyot.prune.near_duplicates.maxima import nearest_predecessors, rank, semdedup_scores
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16

# 200 vectors, and 50 copies of the first ones with a little noise: float32[250, 64]
draw = generator(0, "example")
originals = draw.standard_normal((200, 64)).astype(np.float32)
copies = originals[:50] + 0.05 * draw.standard_normal((50, 64)).astype(np.float32)

vectors = unit_float16(np.concatenate([originals, copies]))
centroids = kmeans(vectors, KMeansSettings(n_clusters=10, iterations=20, points_per_cluster=256, seed=0))
order = rank(assign(vectors, centroids.vectors).distance)  # the order in which they are visited
found = nearest_predecessors(vectors[order])
similarity, witness = np.empty(250, np.float32), np.full(250, -1)
similarity[order] = found.similarity
witness[order] = np.where(found.witness < 0, -1, order[found.witness])
scores = semdedup_scores(similarity, witness)
kept = take(scores, np.ones(250, np.int64), np.ones(250, bool), floor_fraction(250, 0.8))

if __name__ == "__main__":
    first = int(np.flatnonzero(~kept)[0])
    print(f"kept {kept.sum()} of {len(kept)}")  # noqa: T201
    print(f"document {first} went because of {witness[first]}, cosine {similarity[first]:.3f}")  # noqa: T201
