"""The two nearest centroids of every document, exactly; of many centroids those in its nearest groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.centroid_groups import CentroidGroups
from guyot.errors import ArrayError
from guyot.vectors.nearest import nearest_two
from guyot.vectors.nearest_in_groups import nearest_two_in_groups
from guyot.vectors.screen import UnitRows

NO_CLUSTER = -1
_GROUPED_BLOCKS = (
    2  # at once: a group is multiplied with few rows of a block, and the sooner the more they are
)


@dataclass(frozen=True)
class Assignments:
    """Nearest and second nearest centroid of n documents.

    cluster, second_cluster : int32[n]; with a single centroid the second is -1
    distance, second_distance : float32[n], cosine distance 0-2; nan where there is no second
    """

    cluster: NDArray[np.int32]
    distance: NDArray[np.float32]
    second_cluster: NDArray[np.int32]
    second_distance: NDArray[np.float32]


def assign(
    vectors: NDArray[np.float16],
    centroids: NDArray[np.float16],
    *,
    groups: CentroidGroups | None = None,
    block_rows: int = 4096,
) -> Assignments:
    """Find each document's nearest centroid, and the runner-up.

    Parameters
    ----------
    vectors : float16[n, d], rows of unit length
    centroids : float16[k, d], rows of unit length
    groups : of the centroids: only those of a document's nearest groups are looked at; None: all
    block_rows : rows per block; changes memory, never the result

    Returns
    -------
    Assignments; ties go to the lower cluster.

    Raises
    ------
    ArrayError : widths differ, rows not of unit length, or no centroids.

    Notes
    -----
    O(n k d) in float32, see `guyot.vectors.nearest.nearest_two`; 8 k d + 20 block_rows d bytes for each core,
    twice with groups.
    With groups O(n d (g + p k / g)) for p groups a document. Exact: a fixed function of each document, the
    centroids and their groups.

    Examples
    --------
    >>> from guyot.vectors.exact import unit_float16
    >>> points = unit_float16(np.array([[1, 0.1], [0.1, 1]], np.float32))
    >>> assign(points, unit_float16(np.eye(2, dtype=np.float32))).cluster.tolist()
    [0, 1]
    """
    centres, rows = UnitRows.checked(centroids, "centroids"), UnitRows.checked(vectors, "vectors")
    if not len(centroids) or (len(vectors) and vectors.shape[1] != centroids.shape[1]):
        raise ArrayError(
            f"vectors {list(vectors.shape)} cannot be assigned to centroids {list(centroids.shape)}; "
            "both need the same width, and at least one centroid"
        )
    if groups is None:
        nearest = nearest_two(rows, centres, block_rows=block_rows)
    else:
        grouped, at_once = groups.of(centres), _GROUPED_BLOCKS * block_rows
        nearest = nearest_two_in_groups(rows, grouped, groups.probe_margin, block_rows=at_once)
    (cosine, cluster), (second_cosine, second) = nearest
    distance, second_distance = _distance(cosine), _distance(second_cosine)
    second_distance[second == NO_CLUSTER] = np.nan
    return Assignments(cluster.astype(np.int32), distance, second.astype(np.int32), second_distance)


def _distance(similarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn a cosine into a cosine distance, never below zero."""
    return np.maximum(np.float32(1) - similarity, np.float32(0))
