"""Documents of a shard against evaluation records, in any batches; by words, by vectors, by either."""

from pathlib import Path

import pytest
from support.contamination import contamination_lake, encoded, id_of, put
from support.lake import reader_of

from assets.cluster.scoring import contamination_search as module
from assets.cluster.scoring.contamination_pairs import Floors
from assets.cluster.scoring.contamination_records import held_out_source, records
from assets.cluster.scoring.contamination_search import RecordSearch
from assets.cluster.scoring.minhash_documents import training_rows
from assets.graph.snapshot import snapshot_of
from guyot.vectors.exact import cosines

RECORD = "the quick brown fox jumps over the lazy dog while the band plays on"


@pytest.mark.parametrize("batch", [1, 2, 512])
def test_pairs_have_all_measures_whichever_found_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(module, "_BATCH_DOCUMENTS", batch)
    texts = {
        "copy": RECORD,
        "inside": f"{'words before it ' * 30} {RECORD} {'and other words after it ' * 30}",
        "other": "nothing alike at all, in no way",
        "near": RECORD.replace("quick brown", "brown quick")
        .replace("lazy dog", "dog lazy")
        .replace("plays on", "on plays"),
    }
    lake = contamination_lake(tmp_path / "lake")
    put(lake, {"s": {**{key: (text, "train") for key, text in texts.items()}, "r": (RECORD, "held_out")}}, {})
    reader, source = reader_of(lake), snapshot_of(lake.store.required("cluster_scores"))
    (some,) = records(reader, [held_out_source(reader, source, "s")], 4)
    raw, vectors = (source.manifest(reader, table, "s") for table in ("raw_shards", "embeddings"))
    ids, rows = training_rows(reader, raw)
    cosine = dict(zip(texts, cosines(encoded(list(texts.values())), encoded([RECORD]))[:, 0], strict=True))
    assert cosine["near"] > 0.7 > cosine["inside"]
    search = RecordSearch.of(some, Floors(0.5, 0.7), 4, 16)
    found = search.pairs(reader, raw, vectors, ids, rows)
    names = {id_of(key, text): key for key, text in texts.items()}
    measured = {
        names[one.decode()]: (overlap, jaccard, near)
        for one, overlap, jaccard, near in zip(
            found.document, found.overlap, found.jaccard, found.cosine, strict=True
        )
    }
    assert set(measured) == {"copy", "inside", "near"}
    assert measured["copy"] == (1, 1, cosine["copy"])
    assert measured["inside"][::2] == (1, cosine["inside"])
    assert 0 < measured["inside"][1] < 0.5
    assert measured["near"][0] < 0.5
    assert measured["near"][2] == cosine["near"]
    exactly = RecordSearch.of(some, Floors(1.0, float(cosine["near"])), 4, 16).pairs(
        reader, raw, vectors, ids, rows
    )
    assert {names[one.decode()] for one in exactly.document} == {
        "copy",
        "inside",
        "near",
    }  # a floor itself counts
    assert not len(search.pairs(reader, raw, vectors, ids[:0], rows[:0]))
    assert {
        names[one.decode()] for one in search.pairs(reader, raw, vectors, ids[1:3], rows[1:3]).document
    } == {"inside"}


def test_without_records_there_is_nothing(tmp_path: Path) -> None:
    lake = contamination_lake(tmp_path / "lake")
    put(lake, {"s": {"a": ("text", "train")}}, {})
    reader, source = reader_of(lake), snapshot_of(lake.store.required("cluster_scores"))
    assert not list(records(reader, [held_out_source(reader, source, "s")], 4))
