"""Rows from anywhere in the shards: those asked for, in order, and no row group that has none of them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import CorruptError
from guyot.lake import row_groups
from guyot.lake.row_groups import RowGroups

SIZES, BEGINS = (7, 0, 3000, 5), np.array([0, 512, 512, 3584, 3589])


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> RowGroups:
    folder, paths = tmp_path_factory.mktemp("shards"), []
    for shard, (size, group) in enumerate(zip(SIZES, (2, 1, 512, 100), strict=True)):
        paths.append(f"{folder}/{shard}.parquet")
        numbers = pa.array(BEGINS[shard] + np.arange(size))
        table = pa.table({"row": numbers, "text": numbers.cast(pa.string()), "other": numbers})
        pq.write_table(table, paths[-1], row_group_size=group)
    return RowGroups(str(folder), tuple(paths), BEGINS, ("row", "text"))


EXISTING = np.concatenate([begin + np.arange(size) for begin, size in zip(BEGINS, SIZES, strict=False)])


@given(places=st.sets(st.integers(0, len(EXISTING) - 1), max_size=60), begin=st.integers(0, 3000))
def test_the_rows_that_are_asked_for_come_in_order(stored: RowGroups, places: set[int], begin: int) -> None:
    chosen = sorted(places | set(range(begin, min(begin + 5, len(EXISTING)))))
    rows, which, read = EXISTING[chosen], [], []
    for at, batch in stored.batches(rows):
        which += at.tolist()
        read += batch.column(0).to_pylist()
        assert batch.column(1).to_pylist() == [str(row) for row in batch.column(0).to_pylist()]
        assert batch.num_columns == 2
    assert which == list(range(len(rows)))
    assert read == rows.tolist()


def test_row_groups_without_a_wanted_row_are_not_read(stored: RowGroups, tmp_path: Path) -> None:
    path = tmp_path / "2.parquet"
    path.write_bytes(Path(stored.paths[2]).read_bytes())
    metadata = pq.read_metadata(path)
    begin = metadata.row_group(1).column(0).file_offset or metadata.row_group(1).column(0).data_page_offset
    with path.open("r+b") as file:  # spoil the second row group
        file.seek(begin - 100)
        file.write(b"\xff" * 300)
    spoiled = RowGroups(str(tmp_path), (*stored.paths[:2], str(path), stored.paths[3]), BEGINS, ("row",))
    found = [
        row for _, batch in spoiled.batches(np.array([2000, 3000])) for row in batch.column(0).to_pylist()
    ]
    assert found == [2000, 3000]
    with pytest.raises(CorruptError, match="2.parquet cannot be read: .*guyot verify --repair"):
        list(spoiled.batches(np.array([512 + 600])))


def test_a_file_with_fewer_rows_than_its_schedule(stored: RowGroups) -> None:
    with pytest.raises(CorruptError, match="row 7 of .*0.parquet was asked for; it has 7"):
        list(stored.batches(np.array([3, 7])))


def test_no_rows(stored: RowGroups) -> None:
    assert list(stored.batches(np.zeros(0, np.int64))) == []


def test_files_are_opened_once(stored: RowGroups) -> None:
    row_groups._opened.cache_clear()
    for _ in range(3):
        list(stored.batches(EXISTING))
    assert row_groups._opened.cache_info().misses == 3
