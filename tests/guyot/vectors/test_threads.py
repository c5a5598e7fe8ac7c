"""Threads of a search: results in order, failures raised, and BLAS gets its threads back."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from guyot.vectors import threads
from guyot.vectors.threads import in_threads, one_blas_thread


def blas_threads() -> set[int]:
    """Return the threads of numpy's BLAS; torch and scipy have others, which no search uses."""
    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    return {library["num_threads"] for library in libraries if "numpy" in library["filepath"]}


@pytest.mark.parametrize("n_cores", [1, 2, 5])
def test_results_come_in_order(monkeypatch: pytest.MonkeyPatch, n_cores: int) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: n_cores)
    assert list(in_threads(lambda number: number + 1, range(50))) == list(range(1, 51))
    assert list(in_threads(lambda number: number, [])) == []


def test_a_failure_is_raised_and_frees_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: 3)
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            list(in_threads(lambda number: 1 // number, [1, 0, 1]))
    used = set()
    barrier = threading.Barrier(3, timeout=60)

    def meet(_: int) -> None:
        used.add(threading.get_ident())
        barrier.wait()  # passes only where three threads are at work

    list(in_threads(meet, range(3)))
    assert len(used) == 3


def test_a_search_within_a_search_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: 2)

    def within(_: int) -> bool:
        return list(in_threads(lambda _: threading.get_ident(), range(4))) == [threading.get_ident()] * 4

    assert all(in_threads(within, range(4)))


def test_blas_has_one_thread_until_the_last_search_is_done() -> None:
    np.eye(2) @ np.eye(2)
    with threadpool_limits(2, "blas"):
        before = blas_threads()
        with one_blas_thread():
            with one_blas_thread():
                assert blas_threads() == {1}
            assert blas_threads() == {1}
        assert blas_threads() == before


def test_what_is_read_as_it_is_needed_is_read_a_few_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: 3)
    read: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    results = in_threads(lambda number: number, items())
    for number, found in enumerate(results):
        assert found == number
        assert len(read) <= number + 2 + 3 * threads._AHEAD
        if number == 50:
            break
    results.close()
    assert len(read) < 60
    assert threads._STATE.threads == 0


def test_a_source_that_fails_is_heard_and_frees_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: 3)

    def items() -> Iterator[int]:
        yield from range(20)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        list(in_threads(lambda number: number, items()))
    assert (threads._STATE.threads, threads._STATE.searches) == (0, 0)


@pytest.mark.parametrize("is_lazy", [False, True])
def test_a_single_item_leaves_the_cores_to_what_it_does(
    monkeypatch: pytest.MonkeyPatch, is_lazy: bool
) -> None:
    monkeypatch.setattr(threads, "n_cores", lambda: 2)
    barrier = threading.Barrier(2, timeout=60)

    def within(_: int) -> int:
        return len(list(in_threads(lambda _: barrier.wait(), range(2))))  # passes only where two are at work

    assert list(in_threads(within, iter([0]) if is_lazy else [0])) == [2]
