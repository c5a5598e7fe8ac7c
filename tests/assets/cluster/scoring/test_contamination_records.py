"""Evaluation records of a lake: held-out documents and benchmarks, some at a time."""

from pathlib import Path

import numpy as np
import pytest
from support.contamination import contamination_lake, encoded, id_of, put
from support.lake import reader_of

from assets.cluster.scoring import contamination_records as module
from assets.cluster.scoring.contamination_records import RecordSource, held_out_source, record_ids, records
from assets.graph.snapshot import snapshot_of
from guyot.text.ngram_overlap import ngrams


@pytest.mark.parametrize(("batch", "at_once"), [(512, 1 << 22), (1, 1 << 22), (2, 1)])
def test_records_come_with_their_words_and_vectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int, at_once: int
) -> None:
    monkeypatch.setattr(module, "_BATCH_RECORDS", batch)
    monkeypatch.setattr(module, "NGRAMS_AT_ONCE", at_once)
    lake = contamination_lake(tmp_path / "lake")
    shard = {str(i): (f"text {i} of it", "held_out" if i % 2 else "train") for i in range(6)}
    put(lake, {"s": shard, "t": {"x": ("no record", "train")}}, {"a": ["first", "second"], "b": ["third"]})
    reader, source = reader_of(lake), snapshot_of(lake.store.required("cluster_scores"))
    benchmarks = lake.store.required("evaluation_sets")
    sources = [held_out_source(reader, source, name) for name in source.names]
    sources.append(RecordSource(2, benchmarks, benchmarks, "evaluation_set", "b"))
    texts = [*(text for text, split in shard.values() if split == "held_out"), "third"]
    ids = [
        *(id_of(key, text) for key, (text, split) in shard.items() if split == "held_out"),
        id_of("b/0", "third"),
    ]
    assert record_ids(reader, sources[0]).astype(str).tolist() == ids[:3]
    parts = list(records(reader, sources, 2))
    assert len(parts) == (1 if at_once > 1 else 4)
    order = np.argsort(ids) if at_once > 1 else np.arange(4)  # those of a part come by id
    assert np.concatenate([part.ids for part in parts]).astype(str).tolist() == np.array(ids)[order].tolist()
    assert np.concatenate([part.evaluation_set for part in parts]).tolist() == (2 * (order == 3)).tolist()
    assert (np.concatenate([part.vectors for part in parts]) == encoded(texts)[order]).all()
    wanted = ngrams(texts, 2).distinct().take(order)
    assert np.concatenate([part.ngrams.hashes for part in parts]).tolist() == wanted.hashes.tolist()
    assert list(records(reader, sources[1:2], 2)) == []
