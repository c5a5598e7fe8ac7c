"""The verb export: the documents of a mixture in a folder, and an error where it would overwrite."""

import os
import subprocess
from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest
from support.exports import wanted
from support.lake import GUYOT, graph_lake

import guyot
from guyot.cli.export import FORMATS as OFFERED
from guyot.lake.export import FORMATS


@pytest.mark.parametrize("form", ["parquet", "hf"])
def test_a_folder_of_what_is_kept(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, form: str
) -> None:
    lake = graph_lake(tmp_path_factory).store.root
    mixture = guyot.open_lake(lake).mixture("semdedup")
    command = [GUYOT, "export", "semdedup", "--format", form, "--output", str(tmp_path / "out")]
    environment = {**os.environ, "GUYOT_LAKE": str(lake)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"{len(mixture):,} documents of mixture {mixture.version.name}" in done.stderr
    rows = (
        pq.read_table(tmp_path / "out" / "00000.parquet").to_pylist()
        if form == "parquet"
        else list(datasets.load_from_disk(tmp_path / "out"))
    )
    assert rows == wanted(mixture)
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "there is something; give a new folder" in again.stderr


def test_the_verb_offers_what_the_library_writes() -> None:
    assert list(FORMATS) == OFFERED
