"""Many small things are asked for at once, answered in order, and an error ends it."""

import threading
import time
from types import SimpleNamespace

import pytest

from resources.storage import concurrent as module
from resources.storage.concurrent import N_CONCURRENT, concurrent


def test_answers_come_in_the_order_of_the_items():
    assert concurrent(lambda i: (time.sleep(0.001 * (9 - i)), i)[1], range(10)) == list(range(10))
    assert concurrent(str, []) == []


def test_they_are_under_way_together_and_no_more_than_stated():
    together, most, lock = [0], [0], threading.Lock()
    meeting = threading.Barrier(N_CONCURRENT, timeout=20)

    def ask(item):
        if item < module._SLOW_ONES:
            time.sleep(0.02)  # by which it is known that they take long
            return
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        meeting.wait()  # ends only if as many are here at once
        with lock:
            together[0] -= 1

    concurrent(ask, range(module._SLOW_ONES + 2 * N_CONCURRENT))
    assert most[0] == N_CONCURRENT


def test_the_first_error_ends_it():
    asked = []

    def ask(item):
        asked.append(item)
        time.sleep(0.01)
        if item == 3:
            raise ValueError(f"no {item}")

    with pytest.raises(ValueError, match="no 3"):
        concurrent(ask, range(10_000))
    assert len(asked) < 1000


def test_quick_ones_need_no_threads(monkeypatch):
    monkeypatch.setattr(module, "_QUICK_SECONDS", 1.0)  # however busy the machine is
    threads = concurrent(lambda _: threading.current_thread(), range(1000))
    assert set(threads) == {threading.current_thread()}


def test_a_few_slow_ones_among_many_need_no_threads(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def ask(item):
        now[0] += 0.01 if item % 100 < 3 else 0
        return threading.current_thread()

    assert set(concurrent(ask, range(500))) == {threading.current_thread()}


def test_that_they_become_slow_is_noticed():
    def ask(item):
        time.sleep(0.02 if item >= 5000 else 0)
        return threading.current_thread()

    threads = concurrent(ask, range(5100))
    assert len(set(threads[5010:])) > 1
