"""Tar files, read by the webdataset library."""

from pathlib import Path

import pytest
import webdataset
from support.exports import PER_FILE, exported, wanted
from support.lake import graph_lake

import guyot
from guyot.lake.mixture import LakeMixture


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> LakeMixture:
    return guyot.open_lake(graph_lake(tmp_path_factory).store.root).mixture("semdedup")


def test_samples_are_what_is_kept(mixture: LakeMixture, tmp_path: Path) -> None:
    files = sorted(str(file) for file in exported(mixture, "webdataset", tmp_path).glob("*.tar"))
    found = list(webdataset.WebDataset(files, shardshuffle=False).decode())
    assert all(sample["__key__"] == sample["json"]["doc_id"] for sample in found)
    assert len({sample["__url__"] for sample in found}) == len(files) == -(-len(found) // PER_FILE)
    assert [{**sample["json"], "text": sample["txt"]} for sample in found] == wanted(mixture)
