"""SemDeDup's rule as it was published: of each cluster a matrix of all cosines, the maximum of its upper
triangle.
"""

import numpy as np
import torch
from numpy.typing import NDArray


def maxima(
    vectors: NDArray[np.float32], cluster: NDArray[np.int64], nearness: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the greatest cosine of each document to one of its cluster that is farther from the centroid.

    cluster : int64[n]; nearness : float32[n], cosine to the own centroid
    """
    similarity = np.full(len(vectors), -1, np.float32)
    order = np.lexsort((nearness, cluster))
    for rows in np.split(order, np.flatnonzero(np.diff(cluster[order])) + 1):
        some = torch.from_numpy(vectors[rows])
        cosines = torch.triu(some @ some.T, diagonal=1)
        similarity[rows] = cosines.max(dim=0).values.numpy()
    return similarity
