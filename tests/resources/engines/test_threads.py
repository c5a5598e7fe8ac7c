"""The engine: results in order, failures at their turn, never many items ahead."""

import threading
import time
from collections.abc import Iterator

import pytest

from resources.engines.threads import Engine
from resources.progress import StoppedError, WorkProgress
from resources.settings import Settings


def test_results_come_in_the_order_of_the_items() -> None:
    engine = Engine(settings=Settings(threads=3))

    def slow_first(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0)
        return item * item

    assert list(engine.map(slow_first, range(20))) == [i * i for i in range(20)]


def test_a_failure_is_raised_and_the_rest_never_starts() -> None:
    begun: list[int] = []

    def fails(item: int) -> int:
        begun.append(item)
        if item == 1:
            raise KeyError("one")
        return item

    with pytest.raises(KeyError, match="one"):
        list(Engine(settings=Settings(threads=1)).map(fails, range(1000)))
    assert len(begun) < 10


def test_items_are_taken_as_results_are_taken() -> None:
    drawn: list[int] = []

    def items():
        for item in range(1000):
            drawn.append(item)
            yield item

    results = Engine(settings=Settings(threads=2)).map(lambda item: item, items())
    assert next(results) == 0
    assert len(drawn) < 20
    results.close()


def test_work_is_done_side_by_side() -> None:
    meeting = threading.Barrier(2, timeout=5)
    assert list(Engine(settings=Settings(threads=2)).map(lambda _: meeting.wait() >= 0, range(2))) == [
        True,
        True,
    ]


def test_more_than_cores_are_side_by_side_where_that_is_asked_for() -> None:
    meeting = threading.Barrier(4, timeout=5)
    engine = Engine(settings=Settings(threads=1))
    assert list(engine.map(lambda _: meeting.wait() >= 0, range(4), workers=4)) == [True] * 4


def test_an_interrupt_stops_what_is_under_way_where_it_counts() -> None:
    begun, ended = threading.Event(), threading.Event()

    def counts(item: int) -> int:
        counted = WorkProgress("counting", None, "numbers")
        begun.set()
        try:
            for _ in range(3000):  # half a minute, if nobody stops it
                counted.advance()
                time.sleep(0.01)
        except StoppedError:
            ended.set()
        return item

    def items() -> Iterator[int]:
        yield 0
        begun.wait(5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Engine(settings=Settings(threads=2)).map(counts, items()))
    assert ended.wait(5)
