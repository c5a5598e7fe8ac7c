"""Narrow types: they hold every row number, -1 and the number of all."""

import numpy as np
import pytest

from guyot.narrow import row_type


@pytest.mark.parametrize("n", [0, 1, 2**31 - 1, 2**31, 2**31 + 1, 2**40])
def test_row_numbers_fit_and_are_no_wider_than_they_must(n: int) -> None:
    found = row_type(n)
    assert [int(found(value)) for value in (-1, n)] == [-1, n]
    assert np.dtype(found).itemsize == (4 if n < 2**31 else 8)
