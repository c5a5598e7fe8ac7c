"""Runs one query of DuckDB within bounds of time and size; Ctrl-C ends it at once."""

import threading
import time
from typing import TYPE_CHECKING

import pyarrow as pa

from guyot.errors import SettingError

if TYPE_CHECKING:
    import duckdb

MAX_ANSWER_BYTES = 1_000_000_000
_BATCH_ROWS = 100_000
_TURN_SECONDS = 0.1


class _Query(threading.Thread):
    """A query under way; `found` or `error` is what came of it."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection", sql: str, max_bytes: int) -> None:
        super().__init__(daemon=True)
        self._connection, self._sql, self._max_bytes = connection, sql, max_bytes
        self.found = pa.table({})
        self.error: Exception | None = None
        self.ended = threading.Event()  # Ctrl-C in a `join` would make the thread seem to have ended

    def run(self) -> None:
        """Run it."""
        try:
            self._ask()
        except Exception as error:  # noqa: BLE001  (raised where the answer is waited for)
            self.error = error
        finally:
            self.ended.set()

    def _ask(self) -> None:
        """Gather the answer; an error in its middle is DuckDB's, not that of Arrow, which passes it on."""
        import duckdb

        try:
            self._gather()
        except (pa.ArrowException, OSError) as error:
            is_memory = str(error).startswith("Out of Memory")
            raise (duckdb.OutOfMemoryException if is_memory else duckdb.Error)(str(error)) from error

    def _gather(self) -> None:
        """Gather the answer, batch by batch."""
        answer = self._connection.sql(self._sql)
        if answer is None:
            return
        batches: list[pa.RecordBatch] = []
        n_bytes = n_rows = 0
        with answer.to_arrow_reader(_BATCH_ROWS) as reader:
            for batch in reader:
                batches.append(batch)
                n_bytes, n_rows = n_bytes + batch.nbytes, n_rows + batch.num_rows
                if n_bytes > self._max_bytes:
                    raise SettingError(
                        f"the answer has more than {self._max_bytes} bytes, which its first {n_rows} rows "
                        "have; ask for fewer rows or columns, such as with LIMIT"
                    )
            self.found = pa.Table.from_batches(batches, reader.schema)


def answer(
    connection: "duckdb.DuckDBPyConnection", sql: str, *, seconds: float | None,
    max_bytes: int = MAX_ANSWER_BYTES,
) -> pa.Table:  # fmt: skip
    """Return what a query finds.

    Parameters
    ----------
    connection : no other thread uses it meanwhile
    seconds : what it may take; None: as long as it takes
    max_bytes : what the answer may take in memory

    Raises
    ------
    SettingError : it takes longer, or its answer is larger; the message says what to change.
    KeyboardInterrupt : someone pressed Ctrl-C; the query has ended.
    duckdb.Error : what DuckDB has to say of it.
    """
    query, begun = _Query(connection, sql, max_bytes), time.monotonic()
    query.start()
    try:
        # a signal that another thread takes wakes nobody here, so that waiting is in short turns
        while not query.ended.wait(_TURN_SECONDS):
            if seconds is not None and time.monotonic() - begun > seconds:
                raise SettingError(
                    f"the query had no answer after {seconds:g} s; give it more with --timeout, or ask for "
                    "less"
                )
    finally:
        while not query.ended.wait(_TURN_SECONDS):  # asked once, it may not have begun
            connection.interrupt()
    if query.error is not None:
        raise query.error
    return query.found
