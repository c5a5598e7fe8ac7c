"""Quality signals: every number recomputed document by document."""

import ast
import json
import warnings
import zlib
from pathlib import Path
from typing import Any

import pytest
from support.lake import build_asset, spec_of
from tokenizers import Tokenizer

from assets.graph.lake import LakeResources
from assets.ingest import tokenizer


def naive(text: str, kind: str, counter: Tokenizer) -> dict[str, Any]:
    """Measure one document without looking at how Guyot does it."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    seen: set[str] = set()
    total = repeated = repeated_lines = n_lines = 0
    for line in (line.strip() for line in lines):
        total += len(line)
        repeated += len(line) if line in seen else 0
        n_lines += line != ""
        repeated_lines += line != "" and line in seen
        seen.add(line)
    data = text.encode()
    return {
        "bytes": len(data), "chars": len(text), "words": len(text.split()), "lines": len(lines),
        "max_line": max(map(len, lines)), "tokens": 1 + len(counter.encode(text, add_special_tokens=False).ids),
        "alpha_fraction": sum(c.isalpha() for c in text) / len(text), "repetition": repeated / total,
        "duplicate_lines": repeated_lines / n_lines,
        "compression_ratio": len(zlib.compress(data[:65536], 1)) / len(data[:65536]),
        "parses": parses(text) if kind == "python" else None,
    }  # fmt: skip


def parses(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except SyntaxError:
            return False
    return True


def test_every_signal_of_every_document_is_the_naive_one(lake: LakeResources) -> None:
    file = Path(lake.store.file(lake.store.required("tokenizer"), tokenizer.FILE))
    counter = Tokenizer.from_file(str(file))
    told: set[object] = set()
    for shard in lake.shards():
        raw = lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
        found = lake.store.table(lake.store.required("quality_signals", shard)).to_pylist()
        assert [row["doc_id"] for row in found] == [row["doc_id"] for row in raw]
        for row, document in zip(found, raw, strict=True):
            wanted = naive(document["content"], document["kind"], counter)
            close = {name: pytest.approx(row[name]) for name in ("repetition", "duplicate_lines")}
            assert {**row, **close} == {
                "doc_id": document["doc_id"],
                **wanted,
            }
        told |= {row["parses"] for row in found}
    assert told == {True, False, None}


def test_signals_are_made_anew_by_another_tokenizer_and_by_no_setting(
    lake: LakeResources, changed: Any
) -> None:
    shard = lake.shards()[0]
    copy = changed(tokenization__vocabulary_size=310, clustering__n_clusters=3)
    assert spec_of(copy, "quality_signals", shard).is_live(copy.store)
    build_spec = spec_of(copy, "tokenizer")
    before = copy.store.required("tokenizer")
    inputs = {**build_spec.inputs, "changed": ""}
    with copy.store.write("tokenizer", "all", inputs=inputs, settings={}, code="1") as writer:
        text = json.loads(Path(copy.store.file(before, tokenizer.FILE)).read_text())
        text["model"]["merges"] = []
        text["model"]["vocab"] = {t: i for i, t in enumerate(list(text["model"]["vocab"])[:258])}
        with writer.file(tokenizer.FILE) as file:
            file.write(json.dumps(text).encode())
        writer.table(copy.store.table(before))
    assert not spec_of(copy, "quality_signals", shard).is_live(copy.store)
    (built,) = build_asset(copy, "quality_signals", shard)
    made = built.manifest
    raw = copy.store.table(copy.store.required("raw_shards", shard)).to_pylist()
    # 256 bytes and no merges: a token per byte, and the mark
    assert copy.store.table(made)["tokens"].to_pylist() == [len(row["content"].encode()) + 1 for row in raw]
