"""MinHash scores of a lake: exact pairs, families, and increments that are a rebuild byte for byte."""

import itertools
import json
from pathlib import Path

import pytest
from support.lake import build_asset, build_lake, copy_of, lake_at, spec_of

from assets.graph import discover
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from guyot.errors import MissingError
from guyot.seeds import generator


def shingle_set(text: str, size: int = 5) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))}


def training(lake: LakeResources) -> dict[str, str]:
    rows = [
        r for s in lake.shards() for r in lake.store.table(lake.store.required("raw_shards", s)).to_pylist()
    ]
    return {row["doc_id"]: row["content"] for row in rows if row["split"] == "train"}


def test_every_pair_at_the_floor_is_there_with_its_exact_similarity(lake: LakeResources) -> None:
    texts = {doc_id: shingle_set(text) for doc_id, text in training(lake).items()}
    manifest = lake.store.required("minhash_scores")
    found = {
        (r["doc_id"], r["other"]): r["jaccard"]
        for r in lake.store.table(manifest, "pairs.parquet").to_pylist()
    }
    for (one, other), value in found.items():
        assert one < other
        assert value == len(texts[one] & texts[other]) / len(texts[one] | texts[other])
    rows = {row["doc_id"]: row for row in lake.store.table(manifest).to_pylist()}
    assert list(rows) == sorted(texts)
    linked = {
        pair
        for pair in itertools.combinations(sorted(texts), 2)
        if len(texts[pair[0]] & texts[pair[1]]) / len(texts[pair[0]] | texts[pair[1]]) >= 0.8
    }
    family = {doc_id: doc_id for doc_id in texts}
    for _ in texts:
        for one, other in linked:
            family[one] = family[other] = min(family[one], family[other])
    assert {d for d, row in rows.items() if row["jaccard"] is not None} == {
        d for d in texts if family[d] != d
    }
    assert any(row["witness"] for row in rows.values())
    assert all((row["jaccard"] is None) == (row["witness"] is None) for row in rows.values())
    assert all(row["witness"] < d for d, row in rows.items() if row["witness"])
    assert manifest.facts["linked_pairs"] <= manifest.facts["pairs"] == len(found)


def write(source: Path, numbers: list[int]) -> None:
    """Write one file for each number; those of a ten are near-copies of one another."""
    source.mkdir(exist_ok=True)
    for old in source.glob("*.jsonl"):
        if int(old.stem) not in numbers:
            old.unlink()
    for number in numbers:
        draw = generator(number // 10, "words")
        words = [f"w{i}" for i in draw.integers(0, 500, 60)]
        if number % 10:
            words[number % 10 * 5] = f"changed{number % 7}"
        rows = [{"id": str(i), "text": " ".join(words[i:])} for i in range(2)]
        (source / f"{number}.jsonl").write_text("\n".join(map(json.dumps, rows)))


SMALL = {
    "reading.held_out_unit": "record",
    "reading.held_out_fraction": 0.2,
    "clustering.n_clusters": 3,
    "reading.shard_bytes": 1200,
}


def again(lake: LakeResources) -> int:
    """Build the live version once more, upon itself; return how many pairs were compared."""
    asset, spec = discover.asset("minhash_scores"), spec_of(lake, "minhash_scores")
    assert asset.build
    with lake.store.write(
        spec.table, spec.key, inputs=dict(spec.inputs), settings=dict(spec.settings), code=spec.code
    ) as writer:
        shown = asset.build(Build(asset, spec, lake, asset.reader(lake)), writer)
        assert writer.finish() == lake.store.required("minhash_scores").files
    assert shown
    return int(shown["compared_anew"])


def tables(lake: LakeResources) -> list[bytes]:
    manifest = lake.store.required("minhash_scores")
    return [Path(lake.store.file(manifest, name)).read_bytes() for name in sorted(manifest.files)]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_history_leaves_the_bytes_of_a_rebuild(tmp_path: Path, seed: int) -> None:
    draw, source = generator(seed, "history"), tmp_path / "source"
    lake, anew = lake_at(tmp_path / "lake", source, **SMALL), 0
    for step in range(4):
        numbers = sorted({int(n) for n in draw.integers(0, 60, 25)})
        write(source, numbers)
        build_lake(lake, until="minhash_scores")
        if step:
            anew += again(lake)
    assert anew == 0  # what the live scores have is compared no more
    fresh = lake_at(tmp_path / "fresh", source, **SMALL)
    build_lake(fresh, until="minhash_scores")
    ids = [sorted(training(one)) for one in (lake, fresh)]
    assert ids[0] == ids[1]
    assert tables(lake) == tables(fresh)


def test_only_pairs_with_a_new_document_are_compared(tmp_path: Path) -> None:
    source = tmp_path / "source"
    write(source, [*range(9), *range(20, 29)])
    lake = lake_at(tmp_path / "lake", source, **SMALL)
    build_lake(lake, until="minhash_scores")
    known = lake.store.required("minhash_scores").facts["pairs"]
    write(source, [*range(9), *range(20, 29), 9])
    build_lake(lake, until="cluster_scores")
    (built,) = build_asset(lake, "minhash_scores")
    assert 0 < built.shown["compared_anew"] < known / 3


def test_signatures_of_other_documents_are_refused(lake: LakeResources, tmp_path: Path) -> None:
    copy = copy_of(lake, tmp_path / "copy")
    shard = copy.shards()[0]
    with copy.store.write(
        "minhash_signatures", shard, inputs={"raw_shards": "other"}, settings={}, code=""
    ) as w:
        w.table(copy.store.table(copy.store.required("minhash_signatures", shard)))
    with pytest.raises(
        MissingError, match=f"1 have signatures of other documents than cluster_scores, such as {shard}"
    ):
        spec_of(copy, "minhash_scores")


def test_one_of_a_word_sequence_stays_in_the_mixture_once_byte_copies_are_gone(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    words = [f"w{i}" for i in range(40)]
    for number in range(13):
        (source / f"{number}.txt").write_text("\n" * max(0, number - 6) + " ".join(words))
    lake = lake_at(tmp_path / "lake", source, **{**SMALL, "reading.held_out_fraction": 0.0})
    build_lake(lake, until="pruned_mixtures", recipes=["minhash"])
    rows = lake.store.table(lake.store.required("pruned_mixtures", "minhash")).to_pylist()
    kept = [row["doc_id"] for row in rows if row["kept"]]
    assert (len(rows), len(kept)) == (13, 1)
    went = [row for row in rows if row["step"] == "minhash"]
    assert {row["witness"] for row in went} == set(kept)
