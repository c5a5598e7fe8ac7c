"""`guyot prune`: what goes in comes out, or is told."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd
from click.testing import CliRunner, Result

from guyot import Corpus, Recipe, SemDeDup
from guyot.cli import main

TEXTS = [f"a number {i} of lines says {'so ' * (i % 5)}" for i in range(40)]
LINES = [
    json.dumps({"id": f"r{i}", "text": text, "n": i}, indent=None).encode() for i, text in enumerate(TEXTS)
]
LINES[7] = b'{ "text" : "sp\\u00e4t",   "id":"r7" }\r'
BAD = [b'{"text": "cut in ha', b"", b'{"id": 3}', b'{"text": "\xff"}']
CONTENT = b"\n".join([*LINES[:20], *BAD, *LINES[20:]])
PACK = {"": (bytes, bytes), ".gz": (gzip.compress, gzip.decompress), ".zst": (zstd.compress, zstd.decompress)}


def prune(folder: Path, *arguments: str, source: str = "in.jsonl", output: str = "out.jsonl") -> Result:
    asked = ["prune", str(folder / source), "--output", str(folder / output), *arguments]
    return CliRunner().invoke(main, asked)


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("packed", PACK)
def test_kept_lines_are_those_of_the_input_byte_for_byte(tmp_path: Path, suffix: str, packed: str) -> None:
    (tmp_path / f"in.jsonl{suffix}").write_bytes(PACK[suffix][0](CONTENT))
    names = {"source": f"in.jsonl{suffix}", "output": f"out.jsonl{packed}"}
    done = prune(tmp_path, "--recipe", "semdedup", "--keep", "0.9", **names)
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    kept = PACK[packed][1]((tmp_path / names["output"]).read_bytes())
    corpus = Corpus.from_jsonl(tmp_path / names["source"])
    mask = corpus.prune("semdedup", keep=0.9).mask
    expected = [line for line, stays in zip(LINES, mask, strict=True) if stays]
    assert len(expected) == 36
    assert kept.removesuffix(b"\n").split(b"\n") == expected
    assert (
        "43 records = 40 documents + 3 rejected, 1 invalid_json, 1 invalid_utf8, 1 missing_text"
        in done.stderr
    )
    assert "Mixture semdedup: kept 36 of 40 documents" in done.stderr


def test_what_is_dropped_or_rejected_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(CONTENT)
    arguments = ("--recipe", "semdedup", "--keep", "0.9", "--dropped", str(tmp_path / "d.jsonl"))
    done = prune(tmp_path, *arguments, "--quarantine", str(tmp_path / "q.jsonl"))
    assert done.exit_code == 0, done.output
    lines = CONTENT.split(b"\n")
    told = read(tmp_path / "d.jsonl")
    assert len(told) == 4
    for one in told:
        assert json.loads(lines[one["line"] - 1])["id"] == one["id"]
        assert json.loads(lines[one["witness_line"] - 1])["id"] == one["witness"]
        assert one["reason"] == "near_duplicate"
        assert f"its cosine to document {one['witness']}, which ranks before it" in one["why"]
        assert lines[one["line"] - 1] not in (tmp_path / "out.jsonl").read_bytes()
    quarantined = read(tmp_path / "q.jsonl")
    assert [(one["line"], one["reason"]) for one in quarantined] == [
        (21, "invalid_json"), (23, "missing_text"), (24, "invalid_utf8"),
    ]  # fmt: skip


def test_parquet_in_and_out(tmp_path: Path) -> None:
    table = pa.table({"id": range(40), "body": TEXTS, "more": [[i] for i in range(40)]})
    pq.write_table(table, tmp_path / "in.parquet")
    arguments = (
        "--recipe",
        "random",
        "--keep",
        "0.5",
        "--text-column",
        "body",
        "--dropped",
        str(tmp_path / "d.jsonl"),
    )
    done = prune(tmp_path, *arguments, source="in.parquet", output="out.parquet")
    assert done.exit_code == 0, done.output
    kept = pq.read_table(tmp_path / "out.parquet")
    assert kept.schema.equals(table.schema)
    rows = sorted({*range(40)} - {one["row"] for one in read(tmp_path / "d.jsonl")})
    assert kept.equals(table.take(rows))
    assert len(kept) == 20


def test_a_recipe_can_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(CONTENT)
    (tmp_path / "r.json").write_text(Recipe("mine", (SemDeDup(),), 0.5, "documents").to_json())
    done = prune(tmp_path, "--recipe", str(tmp_path / "r.json"))
    assert "Mixture mine: kept 20 of 40 documents" in done.stderr


def test_a_recipe_that_fails_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(CONTENT)
    (tmp_path / "out.jsonl").write_text("before")
    done = prune(tmp_path, "--recipe", "d4", "--keep", "0.9")
    assert done.exit_code == 1
    assert "Error: the target is 36 but 30 documents" in done.output
    assert (tmp_path / "out.jsonl").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]
