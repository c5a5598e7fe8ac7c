"""What was computed once is not computed again, and what is held stays within its limit."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from support.corpus import some_documents

from guyot.cluster.kmeans import KMeansSettings
from guyot.documents import Documents
from guyot.memo import Memo, mask_key
from guyot.prune import prototypes, prune
from guyot.prune.prototypes import Prototypes


@dataclass(frozen=True)
class Value:
    rows: NDArray[np.int64]


def value(n_rows: int) -> Value:
    return Value(np.zeros(n_rows, np.int64))


def test_a_value_is_computed_once_for_its_key() -> None:
    memo = Memo()
    first = memo.once(("a", 1), lambda: value(1))
    assert memo.once(("a", 1), lambda: value(1)) is first
    assert memo.once(("a", 2), lambda: value(1)) is not first


def test_the_value_that_was_not_asked_for_lately_makes_room() -> None:
    memo = Memo(max_bytes=20 * 8)
    old, used = memo.once("old", lambda: value(8)), memo.once("used", lambda: value(8))
    assert memo.once("old", lambda: value(8)) is old
    memo.once("new", lambda: value(8))
    assert memo.once("old", lambda: value(8)) is old
    assert memo.once("used", lambda: value(8)) is not used
    large = memo.once("large", lambda: value(100))
    assert memo.once("large", lambda: value(1)) is large, "the newest is always held"


def test_arrays_within_parts_count() -> None:
    memo = Memo(max_bytes=20 * 8)
    memo.once_down_to("level", 0.5, lambda: value(15))
    first = memo.once("a", lambda: value(6))
    assert memo.once_down_to("level", 0.5, lambda: value(1))[0].rows.shape == (1,), "it made room"
    assert memo.once("a", lambda: value(6)) is first


def test_masks_have_different_keys() -> None:
    masks = [np.arange(9) == place for place in range(9)]
    assert len({mask_key(mask) for mask in masks}) == 9


def test_new_clusters_are_found_once_for_two_recipes_and_anew_for_other_vectors(monkeypatch) -> None:
    found = []
    original = prototypes.reclustered
    monkeypatch.setattr(prototypes, "reclustered", lambda *of: found.append(1) or original(*of))

    def kept(documents: Documents, fraction: float) -> int:
        step = Prototypes(recluster=True)
        clustering = KMeansSettings(3, 3, 64, 0)
        cut = prune(documents, (step,), target_fraction=fraction, unit="documents", clustering=clustering)
        return int(cut.kept.sum())

    documents = some_documents(60)
    assert (kept(documents, 0.5), kept(documents, 0.25)) == (30, 15)
    assert len(found) == 1
    kept(documents.with_sources(vectors=documents.sources["vectors"]), 0.5)
    assert len(found) == 2


def test_a_value_of_a_lower_level_serves_all_above_it() -> None:
    memo = Memo(max_bytes=100)
    low, level = memo.once_down_to("pairs", 0.5, lambda: value(4))
    assert level == 0.5
    assert memo.once_down_to("pairs", 0.9, lambda: value(1)) == (low, 0.5)
    lower, level = memo.once_down_to("pairs", 0.1, lambda: value(8))
    assert (len(lower.rows), level) == (8, 0.1)
    assert memo.once_down_to("pairs", 0.5, lambda: value(1))[0] is lower
    memo.once("array", lambda: np.zeros(9))
    assert memo.once_down_to("pairs", 0.5, lambda: value(2))[0] is not lower, "its bytes count"


def test_who_asks_meanwhile_waits_for_the_value() -> None:
    memo, begun, may_end, computed = Memo(), threading.Event(), threading.Event(), list[str]()

    def slow() -> Value:
        computed.append("slow")
        begun.set()
        assert may_end.wait(10)
        return value(1)

    def again() -> Value:
        computed.append("again")
        return value(2)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memo.once, "a", slow)
        assert begun.wait(10)
        second = pool.submit(memo.once, "a", again)
        assert memo.once("other", lambda: value(3)).rows.shape == (3,), "another key waits for nobody"
        assert not second.done()
        with pytest.raises(TimeoutError):  # long enough to ask: it waits
            second.result(0.2)
        may_end.set()
        assert second.result(10) is first.result(10)
    assert computed == ["slow"]


def test_who_waited_for_a_higher_level_computes_the_lower_one() -> None:
    memo, begun, may_end = Memo(), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert may_end.wait(10)
        return "down to .9"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memo.once_down_to, "pairs", 0.9, slow)
        assert begun.wait(10)
        second = pool.submit(memo.once_down_to, "pairs", 0.8, lambda: "down to .8")
        with pytest.raises(TimeoutError):
            second.result(0.2)
        may_end.set()
        assert first.result(10) == ("down to .9", 0.9)
        assert second.result(10) == ("down to .8", 0.8)
    assert memo.once_down_to("pairs", 0.9, lambda: "none") == ("down to .8", 0.8)


def test_a_failure_leaves_the_key_to_the_next_who_asks() -> None:
    memo = Memo()
    with pytest.raises(ZeroDivisionError):
        memo.once("a", lambda: 1 // 0)
    assert memo.once("a", lambda: 2) == 2
    assert memo._computing == {}
