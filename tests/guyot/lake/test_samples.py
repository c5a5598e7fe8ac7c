"""Samples: the tokens of the schedule's segments cut into windows, or its documents, from any sample on."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import CorruptError
from guyot.lake import samples
from guyot.lake.row_groups import RowGroups
from guyot.lake.samples import Documents, TokenWindows
from guyot.train.epoch_order import Shuffle, shard_begins
from guyot.train.plan import plan
from guyot.train.schedule import Schedule, segments

SIZES = np.array([30, 0, 700, 12])
BEGINS = shard_begins(SIZES)
DRAW = np.random.default_rng(0)
COUNTS = np.zeros(BEGINS[-1], np.int64)
for start, n_documents in zip(BEGINS, SIZES, strict=False):
    COUNTS[start : start + n_documents] = DRAW.integers(1, 40, n_documents)
IDS = {
    row: (row * 100 + np.arange(count)).astype(np.int32) for row, count in enumerate(COUNTS.tolist()) if count
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokens")
    for shard, (begin, size) in enumerate(zip(BEGINS.tolist(), SIZES.tolist(), strict=False)):
        rows = range(begin, begin + size)
        ids = pa.array([IDS[row].tolist() for row in rows], pa.list_(pa.int32()))
        texts = pa.array([f"text {row}" for row in rows], pa.string())
        pq.write_table(pa.table({"ids": ids, "text": texts}), folder / f"{shard}.parquet", row_group_size=512)
    return folder


class Sliced(RowGroups):
    """Row groups whose batches are a view into longer ones, as Arrow may have them."""

    def batches(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, pa.RecordBatch]]:
        for which, batch in super().batches(rows):
            (lists,) = batch.columns
            longer = pa.concat_arrays([pa.array([[1, 2]], lists.type), lists, pa.array([[3]], lists.type)])
            yield which, pa.record_batch([longer], ["ids"]).slice(1, len(lists))


def stored(folder: Path, column: str) -> RowGroups:
    return RowGroups(str(folder), tuple(f"{folder}/{shard}.parquet" for shard in range(4)), BEGINS, (column,))


def scheduled(
    seed: int, kept: float, budget: float, pieces: int | None, counts: np.ndarray = COUNTS
) -> Schedule:
    repeats = ((np.random.default_rng(seed).random(len(COUNTS)) < kept) & (COUNTS > 0)) * 1
    repeats[5], repeats[700] = 1, 2
    tokens = int((counts * repeats).sum() * budget) + 1
    return plan(counts, tokens, seed, repeats=repeats, segment_tokens=pieces, shuffle=Shuffle(64, 4))


def stream_of(schedule: Schedule) -> np.ndarray:
    """Join the tokens of all segments, one by one."""
    parts = [IDS[s.row][s.first_token : s.first_token + s.n_tokens] for s in segments(schedule)]
    return np.concatenate(parts)


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "_TOKENS_AT_ONCE", 1000)


def test_batches_that_are_a_view_are_read_as_they_are(folder: Path) -> None:
    schedule, whole = scheduled(1, 0.5, 1, None), stored(folder, "ids")
    view = Sliced(whole.place, whole.paths, whole.begins, whole.columns)
    found = [
        windows for _, windows in TokenWindows(schedule, view, 7).blocks(0, lambda numbers: numbers >= 0)
    ]
    stream = stream_of(schedule)
    assert np.array_equal(np.concatenate(found).reshape(-1), stream[: len(stream) // 7 * 7])


@given(
    seed=st.integers(0, 3), kept=st.floats(0, 1), budget=st.floats(0.01, 2.5), pieces=st.none() | st.integers(1, 50),
    length=st.integers(1, 3000), turns=st.integers(1, 5), data=st.data(),
)  # fmt: skip
def test_windows_are_those_of_the_stream(
    folder: Path, seed: int, kept: float, budget: float, pieces: int | None, length: int, turns: int,
    data: st.DataObject,
) -> None:  # fmt: skip
    schedule = scheduled(seed, kept, budget, pieces)
    source, stream = TokenWindows(schedule, stored(folder, "ids"), length), stream_of(schedule)
    assert source.n_samples == len(stream) // length
    first = data.draw(st.integers(0, source.n_samples))
    found = {}
    for numbers, windows in source.blocks(first, lambda numbers: numbers % turns == 0):
        assert windows.dtype == np.int32
        found.update(zip(numbers.tolist(), windows.tolist(), strict=True))
    assert list(found) == [n for n in range(first, source.n_samples) if n % turns == 0]
    for number, window in found.items():
        assert window == stream[number * length : (number + 1) * length].tolist()


@given(seed=st.integers(0, 3), budget=st.floats(0.01, 2.5), turns=st.integers(1, 5), data=st.data())
def test_documents_are_those_of_the_schedule(
    folder: Path, seed: int, budget: float, turns: int, data: st.DataObject
) -> None:
    schedule = scheduled(seed, 0.3, budget, None, np.ones(len(COUNTS), np.int64))
    source = Documents(schedule, {("text",): stored(folder, "text")})
    first = data.draw(st.integers(0, source.n_samples))
    found = {}
    for numbers, documents in source.blocks(first, lambda numbers: numbers % turns == 0):
        found.update(zip(numbers.tolist(), documents, strict=True))
    expected = [{"text": f"text {segment.row}"} for segment in segments(schedule)]
    assert source.n_samples == len(expected)
    assert found == {n: expected[n] for n in range(first, len(expected)) if n % turns == 0}


def test_tokens_that_are_not_as_many_as_were_planned_are_refused(folder: Path) -> None:
    counts = COUNTS.copy()
    counts[20] += 1
    schedule = plan(counts, int(counts.sum()), 0, repeats=(COUNTS > 0) * 1)
    with pytest.raises(CorruptError, match=r"the tokens of rows 0 to 29 are \d+, and were \d+ when"):
        next(TokenWindows(schedule, stored(folder, "ids"), 4).blocks(0, lambda numbers: numbers >= 0))
