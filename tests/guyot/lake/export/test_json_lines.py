"""JSON lines, read by a zstd library that is not pyarrow."""

import json
from pathlib import Path

import pytest
from backports import zstd
from support.exports import PER_FILE, exported, wanted
from support.lake import graph_lake

import guyot
from guyot.lake.mixture import LakeMixture


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> LakeMixture:
    return guyot.open_lake(graph_lake(tmp_path_factory).store.root).mixture("semdedup")


def test_lines_are_what_is_kept_in_files_of_so_many(mixture: LakeMixture, tmp_path: Path) -> None:
    files = sorted(exported(mixture, "jsonl.zst", tmp_path).glob("*.jsonl.zst"))
    texts = [zstd.open(file, "rt", encoding="utf-8").read() for file in files]
    assert [text.count("\n") for text in texts[:-1]] == [PER_FILE] * (len(texts) - 1)
    assert [json.loads(line) for text in texts for line in text.split("\n")[:-1]] == wanted(mixture)
