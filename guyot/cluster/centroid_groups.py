"""Groups of adjacent centroids: an assignment to many looks at those of a document's nearest groups alone."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.nearest import nearest_two
from guyot.vectors.nearest_in_groups import GroupedRows, nearest_two_in_groups
from guyot.vectors.screen import UnitRows

PROBE_MARGINS = (0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3)
MIN_RECALL = 0.95
_MEASURED_ROWS = 8192  # documents of the sample of which the recall is measured


@dataclasses.dataclass(frozen=True)
class CentroidGroups:
    """Centroids in groups.

    vectors : float16[g, d], rows of unit length: one centroid for each group
    begins : int64[g + 1], where the centroids of each group begin; none is empty
    probe_margin : for each document those groups are looked at, 32 at most, whose cosine with it is less than
        the highest by at most so much
    recall : for some margins, the share of a sample whose nearest centroid of all is found
    """

    vectors: NDArray[np.float16]
    begins: NDArray[np.int64]
    probe_margin: float
    recall: dict[float, float]

    def of(self, centroids: UnitRows) -> GroupedRows:
        """Put the centroids with their groups."""
        return GroupedRows(centroids, UnitRows.checked(self.vectors, "groups of centroids"), self.begins)


def with_margin(
    groups: CentroidGroups, centroids: NDArray[np.float16], sample: NDArray[np.float16]
) -> CentroidGroups:
    """Choose the least margin by which the nearest of all centroids is found for .95 of a sample, or .3.

    Parameters
    ----------
    centroids : float16[k, d]
    sample : float16[m, d], rows of unit length, of which at most 8,192 at even distances are taken

    Returns
    -------
    the groups with the margin, and the recall of every margin that was tried: up to .3

    Notes
    -----
    O(8192 k d): each document's nearest centroid of all is looked for.

    Examples
    --------
    >>> eye = np.eye(4, dtype=np.float16)
    >>> groups = with_margin(CentroidGroups(eye[[0, 2]], np.array([0, 2, 4]), 0, {}), eye, eye[[0, 2]])
    >>> groups.probe_margin, groups.recall
    (0.02, {0.02: 1.0})
    """
    rows = UnitRows.measured(sample[:: -(-len(sample) // _MEASURED_ROWS) or 1])
    grouped = groups.of(UnitRows.measured(centroids))
    (_, nearest), _ = nearest_two(rows, grouped.members)
    recall: dict[float, float] = {}
    for margin in PROBE_MARGINS:
        (_, found), _ = nearest_two_in_groups(rows, grouped, margin)
        recall[margin] = float((found == nearest).mean()) if len(rows) else 1.0
        if recall[margin] >= MIN_RECALL:
            break
    return dataclasses.replace(groups, probe_margin=max(recall), recall=recall)
