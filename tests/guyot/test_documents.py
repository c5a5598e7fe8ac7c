"""Columns of different lengths or dtypes never get to a method; a missing one is named."""

import dataclasses

import numpy as np
import pytest
from support.corpus import some_documents

from guyot.columns import CENTROIDS, TOKENS
from guyot.documents import Documents
from guyot.errors import ArrayError
from guyot.prune import prune
from guyot.prune.exact import Exact

BARE = Documents(np.arange(2, dtype=np.uint64), np.array([b"a", b"b"], "S32"))


def test_columns_must_have_one_length() -> None:
    documents = some_documents(5)
    assert len(documents) == 5
    with pytest.raises(ArrayError, match="'tokens': 4"):
        documents.with_columns(tokens=np.zeros(4, np.int64))
    with pytest.raises(ArrayError, match="'content_digest': 4"):
        dataclasses.replace(documents, content_digest=documents.content_digest[:4])


def test_a_known_column_has_its_dtype_and_any_other_is_of_numbers() -> None:
    with pytest.raises(ArrayError, match="column distance has dtype float64; give it as float32"):
        BARE.with_columns(distance=np.zeros(2))
    with pytest.raises(ArrayError, match="column author has dtype <U1"):
        BARE.with_columns(author=np.array(["a", "b"]))
    assert BARE.with_columns(is_new=np.ones(2, bool), angle=np.zeros(2)).column("angle").tolist() == [0, 0]


def test_a_missing_column_or_source_is_named() -> None:
    with pytest.raises(ArrayError, match=r"step x needs the column 'tokens' \(int64: .*no column at all"):
        BARE.require(TOKENS, of="step x")
    with pytest.raises(ArrayError, match="needs the source 'centroids'"):
        BARE.check((CENTROIDS,), of="step x")
    with pytest.raises(ArrayError, match="needs the column 'kind'"):
        BARE.is_of(("python",))


def test_kinds_are_found_by_name() -> None:
    documents = dataclasses.replace(BARE, kinds=("image", "episode")).with_columns(
        kind=np.array([1, 0], np.int32)
    )
    assert documents.is_of(("image",)).tolist() == [False, True]
    assert documents.is_of(()).tolist() == [True, True]


def test_weights_by_unit() -> None:
    documents = BARE.with_columns(bytes=np.array([3, 4]))
    assert documents.weights("documents").tolist() == [1, 1]
    assert documents.weights("bytes").tolist() == [3, 4]


def test_documents_of_no_content_have_no_copies() -> None:
    documents = dataclasses.replace(some_documents(5), content_digest=None)
    assert len(documents) == 5
    with pytest.raises(ArrayError, match="step exact needs the source 'content_digest'.*; give Documents"):
        prune(documents, (Exact(),), target_fraction=None, unit="documents")
