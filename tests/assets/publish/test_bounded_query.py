"""A query that would not end, or whose answer would fill the memory, ends with a sentence."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import duckdb
import pytest

from assets.publish.bounded_query import answer
from guyot.errors import SettingError

ENDLESS = "SELECT count(*) FROM range(10000000000) a, range(1000000) b"


def test_what_is_quick_is_answered() -> None:
    with duckdb.connect() as connection:
        assert answer(connection, "SELECT 1 AS a", seconds=None).to_pylist() == [{"a": 1}]
        assert answer(connection, "SELECT 1 AS a WHERE false", seconds=60).column_names == ["a"]
        assert answer(connection, "SET threads=1", seconds=60).num_rows == 0
        with pytest.raises(duckdb.Error, match="nothing"):
            answer(connection, "SELECT nothing", seconds=60)


@pytest.mark.parametrize("sql", [ENDLESS, "SELECT a.range FROM range(10000000000) a WHERE a.range < 0"])
def test_what_takes_longer_is_ended_with_a_sentence(sql: str) -> None:
    with duckdb.connect() as connection:
        begun = time.monotonic()
        with pytest.raises(SettingError, match=r"no answer after 0.6 s; give it more with --timeout"):
            answer(connection, sql, seconds=0.6)
        assert 0.5 < time.monotonic() - begun < 30
        assert answer(connection, "SELECT 1 AS a", seconds=60).num_rows == 1, "the connection goes on"


def test_an_answer_that_is_too_large_is_not_gathered() -> None:
    with duckdb.connect() as connection:
        with pytest.raises(
            SettingError, match="more than 5000000 bytes, which its first .* rows have; ask for"
        ):
            answer(connection, "SELECT * FROM range(10000000000)", seconds=60, max_bytes=5_000_000)
        assert answer(connection, "SELECT * FROM range(9)", seconds=60, max_bytes=5_000_000).num_rows == 9


def test_an_error_in_the_middle_of_an_answer_is_duckdbs() -> None:
    sql = "SELECT CASE WHEN range = 5000000 THEN error('no {}')::INT END AS a FROM range(10000000)"
    with duckdb.connect() as connection:
        with pytest.raises(duckdb.Error, match="no more"):
            answer(connection, sql.format("more"), seconds=60)
        connection.execute("SET memory_limit='60MB'")
        connection.execute("SET temp_directory=''")
        with pytest.raises(duckdb.OutOfMemoryException):
            answer(connection, "SELECT random() AS r FROM range(50000000) ORDER BY r", seconds=60)


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Heed Ctrl-C, which a process that a shell has begun in the background ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_ends_the_query_at_once() -> None:
    with duckdb.connect() as connection:
        threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            answer(connection, ENDLESS, seconds=None)
        assert time.monotonic() - begun < 30
