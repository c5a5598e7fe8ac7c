"""Parquet files, read by pyarrow."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.exports import PER_FILE, exported, wanted
from support.lake import graph_lake

import guyot
from guyot.lake.mixture import LakeMixture


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> LakeMixture:
    return guyot.open_lake(graph_lake(tmp_path_factory).store.root).mixture("semdedup")


def test_rows_are_what_is_kept_in_files_of_so_many(mixture: LakeMixture, tmp_path: Path) -> None:
    files = sorted(exported(mixture, "parquet", tmp_path).glob("*.parquet"))
    assert [pq.read_metadata(file).num_rows for file in files[:-1]] == [PER_FILE] * (len(files) - 1)
    assert [row for file in files for row in pq.read_table(file).to_pylist()] == wanted(mixture)
