"""The search in a lake: pairs among the documents left are those that a comparison of all of them finds."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from support.lake import build_lake, copy_of, lake_at, reader_of

from assets.cluster.scoring import minhash_pairs, minhash_search
from assets.graph.doc_ids import ids_of
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.prune.cutting import training_documents
from guyot.columns import MINHASH_PAIRS, MinHashPairs
from guyot.errors import MissingError
from guyot.seeds import generator


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    """Return a lake of 150 near-copies of one text, whose buckets are crowded."""
    root = tmp_path_factory.mktemp("crowded")
    draw = generator(0, "crowded")
    words = [f"w{i}" for i in draw.integers(0, 9999, 200)]
    rows = []
    for number in range(150):
        text = list(words)
        text[int(draw.integers(0, 200))] = f"changed{number}"
        rows.append(json.dumps({"id": str(number), "text": " ".join(text)}))
    (root / "source").mkdir()
    (root / "source" / "all.jsonl").write_text("\n".join(rows))
    lake = lake_at(root / "lake", root / "source", reading__held_out_fraction=0.0, clustering__n_clusters=2)
    build_lake(lake, until="minhash_scores")
    return lake


def test_a_pair_that_is_not_stored_is_found_among_those_that_are_left(crowded: LakeResources) -> None:
    scores, linked = (crowded.store.required(f"{name}_scores") for name in ("cluster", "minhash"))
    pairs = training_documents.load(reader_of(crowded), scores, linked).sources[MINHASH_PAIRS.name]
    assert isinstance(pairs, MinHashPairs)
    assert pairs.search is not None
    assert pairs.search.rows.tolist() == list(range(150))
    stored = set(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True))
    hidden = next(pair for pair in itertools.combinations(range(150), 2) if pair not in stored)
    one, other, jaccard = pairs.search.among(np.array(hidden))
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == [hidden]
    assert (jaccard >= 0.8).all()


def test_scores_without_their_incomplete_groups_are_refused(crowded: LakeResources, tmp_path: Path) -> None:
    copy = copy_of(crowded, tmp_path / "copy")
    live = copy.store.required("minhash_scores")
    with copy.store.write("minhash_scores", "all", inputs={"a": "b"}, settings={}, code="") as writer:
        writer.table(copy.store.table(live))
        writer.table(copy.store.table(live, minhash_pairs.PAIRS.file), minhash_pairs.PAIRS.file)
        writer.facts |= live.facts
    ids = ids_of(copy.store.table(live)["doc_id"])
    source = snapshot_of(copy.store.required("cluster_scores"))
    with pytest.raises(MissingError, match=r"has no incomplete.parquet, it has pairs.parquet"):
        minhash_search.search_of(reader_of(copy), copy.store.required("minhash_scores"), source, ids)
