"""Many small things are asked for at once, answered in order, and an error ends it."""

import threading
import time
from types import SimpleNamespace

import pytest

from resources.storage import concurrent as module
from resources.storage.concurrent import N_CONCURRENT, concurrent, read_ahead


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


def test_what_is_read_ahead_comes_in_order_and_is_little():
    drawn = []

    def items():
        for item in range(100):
            drawn.append(item)
            yield item

    def read(item):
        time.sleep(0.001 * (item % 3))
        return item * item

    results = read_ahead(read, items(), 2)
    assert drawn == []
    assert next(results) == 0
    assert len(drawn) == 3
    assert list(results) == [item * item for item in range(1, 100)]
    assert list(read_ahead(read, [], 1)) == []
    assert list(read_ahead(read, [3], 1)) == [9]


def test_the_next_is_read_while_one_is_looked_at():
    is_read = [threading.Event() for _ in range(4)]
    results = read_ahead(lambda item: is_read[item].set() or item, range(4), 2)
    assert next(results) == 0
    assert is_read[2].wait(5)
    results.close()
    assert not is_read[3].is_set(), "nobody waits for it any more"


def test_an_error_of_reading_ahead_comes_at_its_turn():
    def read(item):
        if item == 1:
            raise ValueError(f"no {item}")
        return item

    results = read_ahead(read, range(100), 2)
    assert next(results) == 0
    with pytest.raises(ValueError, match="no 1"):
        next(results)
