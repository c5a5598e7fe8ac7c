"""Shards of MosaicML Streaming, in an environment that has it: it excludes the numpy of the graph."""

from pathlib import Path

import pytest
from support.exports import exported, wanted
from support.lake import graph_lake

import guyot
from guyot.lake.mixture import LakeMixture


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> LakeMixture:
    return guyot.open_lake(graph_lake(tmp_path_factory).store.root).mixture("semdedup")


def test_samples_are_what_is_kept(mixture: LakeMixture, tmp_path: Path) -> None:
    streaming = pytest.importorskip("streaming")
    folder = exported(mixture, "mds", tmp_path)
    found = streaming.StreamingDataset(local=str(folder), shuffle=False, batch_size=1)
    assert list(found) == wanted(mixture)
