"""Records with a copy among what a mixture keeps: the nearest one of each, worked out by hand."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from support.contamination import contamination_lake, id_of, put
from support.lake import build_asset, reader_of

from assets.cluster.scoring.contamination_pairs import ContaminationPairs
from assets.graph.lake import LakeResources
from assets.prune.kept.contaminated_records import (
    COPIES,
    contaminated_held_out,
    contaminated_records,
    kept_pairs,
    kinds_of_copies,
    n_records,
)
from guyot.errors import MissingError
from resources.lake.manifest import Manifest

TEXT = "some words that are the same in a copy of them and in a held out one"
LONGER = f"{TEXT} with a second part that is only in the longer one of all that there are here"


def pairs(*rows: tuple[bytes, bytes, float, float, float]) -> ContaminationPairs:
    document, record, overlap, jaccard, cosine = zip(*rows, strict=True)
    return ContaminationPairs(
        np.array(document, "S32"), np.zeros(len(rows), np.int16), np.array(record, "S32"), np.array(overlap),
        np.array(jaccard), np.array(cosine, np.float32),
    )  # fmt: skip


def test_a_record_counts_once_by_its_nearest_copy() -> None:
    found = pairs(
        (b"a", b"r", 0.5, 0.3, 0.5), (b"b", b"r", 1.0, 0.8, 0.5), (b"c", b"r", 1.0, 0.9, 0.5),
        (b"a", b"s", 0.4, 0.2, 0.95), (b"b", b"t", 1.0, 1.0, 1.0), (b"a", b"t", 1.0, 1.0, 1.0),
        (b"a", b"u", 0.499, 0.1, 0.9499),
    )  # fmt: skip
    assert [[*COPIES, "none"][number] for number in kinds_of_copies(found)] == [
        "overlapping", "near", "near", "reworded", "exact", "exact", "none",
    ]  # fmt: skip
    nearest = contaminated_records(found.select(np.arange(6)), 0)
    assert list(zip(nearest.pairs.record, nearest.pairs.document, nearest.copy.tolist(), strict=True)) == [
        (b"r", b"c", 1), (b"s", b"a", 3), (b"t", b"a", 0),
    ]  # fmt: skip
    assert not len(contaminated_records(found, 1).copy)


def mixture_of(lake: LakeResources, kept: dict[str, bool], snapshot: dict) -> Manifest:
    rows = {"doc_id": sorted(kept), "kept": [kept[one] for one in sorted(kept)]}
    with lake.store.write(
        "pruned_mixtures", "everything", inputs={}, settings={"kept": rows["kept"]}, code=""
    ) as writer:
        writer.table(pa.table(rows))
        writer.facts["snapshot"] = snapshot
    return lake.store.required("pruned_mixtures", "everything")


def test_only_copies_that_the_mixture_keeps_count(tmp_path: Path) -> None:
    lake = contamination_lake(tmp_path / "lake")
    shard = {
        "a": (TEXT, "train"),
        "b": (LONGER, "train"),
        "h": (TEXT, "held_out"),
        "i": ("another", "held_out"),
    }
    put(lake, {"s": shard}, {"bench": [TEXT, "far from it"]})
    build_asset(lake, "contamination_scores")
    reader, snapshot = reader_of(lake), lake.store.required("cluster_scores").facts["snapshot"]
    ids = {key: id_of(key, text) for key, (text, _) in shard.items()}
    both = mixture_of(lake, {ids["a"]: True, ids["b"]: True, ids["h"]: False}, snapshot)
    found = kept_pairs(reader, both)
    assert set(found.document.astype(str)) == {ids["a"], ids["b"]}
    assert contaminated_held_out(reader, both).tolist() == [ids["h"].encode()]
    assert contaminated_held_out(reader, both, ("near", "reworded")).tolist() == []
    longer = mixture_of(lake, {ids["a"]: False, ids["b"]: True}, snapshot)
    assert set(kept_pairs(reader, longer).document.astype(str)) == {ids["b"]}
    assert contaminated_held_out(reader, longer, ("exact", "near")).tolist() == []
    assert contaminated_held_out(reader, longer).tolist() == [ids["h"].encode()]
    none = mixture_of(lake, {ids["a"]: False, ids["b"]: False}, snapshot)
    assert contaminated_held_out(reader, none).tolist() == []
    assert n_records(reader, both, lake.store.required("evaluation_sets")) == {"held_out": 2, "bench": 2}


def test_scores_of_another_snapshot_are_refused(tmp_path: Path) -> None:
    lake = contamination_lake(tmp_path / "lake")
    put(lake, {"s": {"a": (TEXT, "train")}}, {})
    build_asset(lake, "contamination_scores")
    with pytest.raises(
        MissingError, match="of another snapshot; materialize these and pruned_mixtures first"
    ):
        contaminated_held_out(reader_of(lake), mixture_of(lake, {}, {}))
