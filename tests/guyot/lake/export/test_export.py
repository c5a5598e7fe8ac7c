"""Exports: each format is opened by its own library and holds exactly what the mixture keeps."""

import importlib.util
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd
from support.lake import GUYOT, graph_lake

import guyot
from guyot.cli.export import FORMATS as OFFERED
from guyot.errors import SettingError
from guyot.lake.export import FORMATS, export
from guyot.lake.mixture import LakeMixture

PER_FILE = 7


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> LakeMixture:
    return guyot.open_lake(graph_lake(tmp_path_factory).store.root).mixture("semdedup")


def wanted(mixture: LakeMixture) -> list[dict[str, str]]:
    return [
        {"doc_id": one.doc_id, "source_path": one.source, "record_key": one.record_key, "kind": one.kind, "text": one.text}
        for one in mixture.documents()
    ]  # fmt: skip


def read_parquet(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("*.parquet"))
    assert [pq.read_metadata(file).num_rows for file in files[:-1]] == [PER_FILE] * (len(files) - 1)
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def read_json_lines(folder: Path) -> list[dict[str, Any]]:
    texts = [zstd.open(file, "rt", encoding="utf-8").read() for file in sorted(folder.glob("*.jsonl.zst"))]
    assert [text.count("\n") for text in texts[:-1]] == [PER_FILE] * (len(texts) - 1)
    return [json.loads(line) for text in texts for line in text.split("\n")[:-1]]


def read_hf(folder: Path) -> list[dict[str, Any]]:
    import datasets

    found = datasets.load_from_disk(folder)
    assert len(list(folder.glob("*.arrow"))) == -(-len(found) // PER_FILE)
    return list(found)


def read_webdataset(folder: Path) -> list[dict[str, Any]]:
    import webdataset

    files = sorted(str(file) for file in folder.glob("*.tar"))
    found = list(webdataset.WebDataset(files, shardshuffle=False).decode())
    assert all(sample["__key__"] == sample["json"]["doc_id"] for sample in found)
    assert len({sample["__url__"] for sample in found}) == -(-len(found) // PER_FILE)
    return [{**sample["json"], "text": sample["txt"]} for sample in found]


def read_mds(folder: Path) -> list[dict[str, Any]]:
    import streaming  # pyright: ignore[reportMissingImports]

    return list(streaming.StreamingDataset(local=str(folder), shuffle=False, batch_size=1))


READERS = {
    "parquet": read_parquet, "jsonl.zst": read_json_lines, "hf": read_hf, "webdataset": read_webdataset, "mds": read_mds,
}  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_is_read_by_its_library_and_holds_what_is_kept(
    mixture: LakeMixture, form: str, tmp_path: Path
) -> None:
    if importlib.util.find_spec(FORMATS[form][1]) is None:
        pytest.skip(f"{FORMATS[form][1]} is not installed")
    folder = tmp_path / "out"
    n_documents = mixture.export(folder, form, documents_per_file=PER_FILE)
    assert READERS[form](folder) == wanted(mixture)
    assert json.loads((folder / "guyot.json").read_text()) == {
        "recipe": "semdedup", "mixture_version": mixture.version.name, "format": form, "documents": n_documents,
    }  # fmt: skip
    assert n_documents == len(mixture)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_command_offers_the_same_formats_and_writes_the_same(
    mixture: LakeMixture, tmp_path: Path
) -> None:
    assert list(FORMATS) == OFFERED
    lake = Path(mixture.version.folder).parents[2]
    command = [GUYOT, "export", "semdedup", "--format", "jsonl.zst", "--output", str(tmp_path / "out"), "--documents-per-file", str(PER_FILE)]  # fmt: skip
    done = subprocess.run(
        command, env={**os.environ, "GUYOT_LAKE": str(lake)}, capture_output=True, text=True, check=True
    )
    assert f"{len(mixture):,} documents of mixture {mixture.version.name}" in done.stderr
    assert read_json_lines(tmp_path / "out") == wanted(mixture)
    again = subprocess.run(
        command, env={**os.environ, "GUYOT_LAKE": str(lake)}, capture_output=True, text=True, check=False
    )
    assert again.returncode == 1
    assert "there is something; give a new folder" in again.stderr


def broken() -> Any:
    yield pa.RecordBatch.from_pydict({"doc_id": ["a"], "text": ["b"]})
    raise OSError("the disk is gone")


@pytest.mark.parametrize("form", ["parquet", "jsonl.zst", "webdataset"])
def test_an_export_that_fails_leaves_nothing(form: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="the disk is gone"):
        export(broken(), tmp_path / "out", form, about={})
    assert list(tmp_path.iterdir()) == []


def test_a_mixture_of_nothing_is_exported_too(tmp_path: Path) -> None:
    for number, form in enumerate(("parquet", "jsonl.zst")):
        assert export(iter([]), tmp_path / str(number), form, about={}) == 0
        assert [path.name for path in (tmp_path / str(number)).iterdir()] == ["guyot.json"]


def test_what_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingError, match=r"format 'csv' was asked for; choose from parquet, jsonl\.zst"):
        export(iter([]), tmp_path / "out", "csv", about={})
    with pytest.raises(SettingError, match="files of 0 documents"):
        export(iter([]), tmp_path / "out", "parquet", about={}, documents_per_file=0)
    with pytest.raises(SettingError, match="make it first"):
        export(iter([]), tmp_path / "no" / "out", "parquet", about={})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"pip install 'guyot\[mds\]'"):
        export(iter([]), tmp_path / "out", "mds", about={})
