"""The table of columns: unique names, real dtypes; a name that is not in it is any column of numbers."""

import numpy as np

from guyot import columns
from guyot.columns import COLUMNS, Column, Source, signal


def test_every_column_that_is_stated_is_in_the_table() -> None:
    stated = [value for value in vars(columns).values() if isinstance(value, Column)]
    assert {column.name: column for column in stated} == COLUMNS
    assert len(COLUMNS) == len(stated)


def test_columns_and_sources_say_what_they_are() -> None:
    stated = [value for value in vars(columns).values() if isinstance(value, Column | Source)]
    for need in stated:
        assert need.name in need.describe()
        assert need.supplier in need.describe()
        assert need.meaning


def test_an_unknown_name_is_a_signal() -> None:
    assert signal("distance") is COLUMNS["distance"]
    assert signal("sharpness").dtype is np.number
