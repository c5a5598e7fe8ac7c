"""The narrowest type for row numbers: half the memory, as long as there are less than 2^31 rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.signedinteger[Any]]  # of either type


def row_type(n_rows: int) -> type[np.int32] | type[np.int64]:
    """Return the type that holds the numbers of rows, from -1 to how many there are.

    Examples
    --------
    >>> row_type(2**31 - 1).__name__, row_type(2**31).__name__
    ('int32', 'int64')
    """
    return np.int32 if n_rows <= np.iinfo(np.int32).max else np.int64
