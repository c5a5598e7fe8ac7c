"""A dataset on disk, read by the datasets library."""

from pathlib import Path

import datasets
import pytest
from support.exports import PER_FILE, exported, wanted
from support.lake import graph_lake

import guyot
from guyot.lake.mixture import LakeMixture


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> LakeMixture:
    return guyot.open_lake(graph_lake(tmp_path_factory).store.root).mixture("semdedup")


def test_the_dataset_holds_what_is_kept(mixture: LakeMixture, tmp_path: Path) -> None:
    folder = exported(mixture, "hf", tmp_path)
    found = datasets.load_from_disk(folder)
    assert len(list(folder.glob("*.arrow"))) == -(-len(found) // PER_FILE)
    assert list(found) == wanted(mixture)
