"""Columns of different lengths never get to a method."""

import dataclasses

import numpy as np
import pytest
from support.corpus import some_documents

from guyot.errors import ArrayError


def test_columns_must_have_one_length() -> None:
    documents = some_documents(5)
    assert len(documents) == 5
    with pytest.raises(ArrayError, match="'tokens': 4"):
        dataclasses.replace(documents, tokens=np.zeros(4, np.int64))
