"""SemDeDup on an array: of each group of near-duplicates keep the document farthest from its centroid.

python examples/prune_vectors.py
"""

import numpy as np

import guyot

# 200 vectors, and 50 copies of the first ones with a little noise: float32[250, 64]
draw = np.random.Generator(np.random.PCG64(0))
originals = draw.standard_normal((200, 64)).astype(np.float32)
copies = originals[:50] + 0.05 * draw.standard_normal((50, 64)).astype(np.float32)

corpus = guyot.Corpus.from_vectors(np.concatenate([originals, copies]), n_clusters=10)
mixture = corpus.prune(guyot.SemDeDup(), keep=0.8)

if __name__ == "__main__":
    print(mixture)  # noqa: T201
    print(mixture.explain(int(mixture.dropped["row"][0])))  # noqa: T201
