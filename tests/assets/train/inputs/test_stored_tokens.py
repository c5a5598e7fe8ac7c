"""The stored tokens of documents are those that the tokenizer gives their texts, and no other tokenizer's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.lake import build_asset, reader_of

from assets.graph.doc_ids import ids_of
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.ingest.tokenizer import open_tokenizer
from assets.train.inputs.stored_tokens import stored_tokens
from guyot.errors import MissingError


def test_documents_have_the_tokens_of_their_texts(lake: LakeResources) -> None:
    reader = reader_of(lake)
    snapshot = snapshot_of(reader.required("cluster_scores"))
    documents = snapshot.table(reader, "raw_shards", ["doc_id", "content"])
    texts = dict(zip(ids_of(documents["doc_id"]).tolist(), documents["content"].to_pylist(), strict=True))
    wanted = np.sort(ids_of(documents["doc_id"]))[::2]
    found = dict(stored_tokens(reader, snapshot, reader.required("tokenizer"), wanted))
    assert sorted(found) == list(range(len(wanted)))
    tokenizer = open_tokenizer(reader)
    for row, tokens in found.items():
        assert tokens.tolist() == tokenizer.encode([texts[wanted[row]]])[0].tolist()


def test_no_document_reads_nothing(lake: LakeResources) -> None:
    reader = reader_of(lake)
    snapshot = snapshot_of(reader.required("cluster_scores"))
    assert list(stored_tokens(reader, snapshot, reader.required("tokenizer"), np.zeros(0, "S32"))) == []


def test_tokens_of_another_tokenizer_are_refused(changed: Any) -> None:
    lake = changed(training__learning_rate=0.01)
    before = lake.store.required("tokenizer")
    with lake.store.write("tokenizer", "all", inputs={"other": ""}, settings={}, code="") as writer:
        writer.table(lake.store.table(before))
        with writer.file("tokenizer.json") as file:
            file.write(Path(lake.store.file(before, "tokenizer.json")).read_bytes())
        writer.content = "of another"
    with pytest.raises(MissingError, match=f"has those of {before.content}; materialize quality_signals"):
        build_asset(lake, "training_runs", "semdedup/0")
