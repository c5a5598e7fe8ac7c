"""Contamination scores: found as by sets of words, and the same however the snapshot came to be."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from support.contamination import Benchmarks, Shards, contamination_lake, encoded, id_of, put
from support.lake import build_asset, copy_of

from assets.cluster.scoring import contamination_pairs, contamination_records
from assets.graph.lake import LakeResources
from guyot.errors import MissingError
from guyot.seeds import generator
from guyot.vectors.exact import cosines
from resources.lake.manifest import Manifest

SETTINGS = {"contamination.ngram_words": 3, "contamination.min_overlap": 0.4, "contamination.min_cosine": 0.9}
WORDS = [f"w{i}" for i in range(30)]


def text_of(draw: np.random.Generator) -> str:
    """Return one of some texts, many of which share a beginning or an end."""
    begin, end = int(draw.integers(0, 12)), int(draw.integers(12, 30))
    return " ".join(WORDS[begin:end]) + (" changed" if draw.random() < 0.5 else "")


def grams(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}


def expected(shards: Shards, benchmarks: Benchmarks, most: int) -> list[tuple]:
    """Compare all texts with all records, as sets of strings."""
    documents = [(id_of(k, t), t) for d in shards.values() for k, (t, split) in d.items() if split == "train"]
    records = [
        ("held_out", id_of(k, t), t) for d in shards.values() for k, (t, s) in d.items() if s == "held_out"
    ]
    records += [
        (name, id_of(f"{name}/{i}", t), t) for name, texts in benchmarks.items() for i, t in enumerate(texts)
    ]
    rows: list[tuple] = []
    near = cosines(encoded([t for _, t in documents]), encoded([t for *_, t in records]))
    for d, (document, text) in enumerate(documents):
        for name in {name for name, *_ in records}:
            own = []
            for r, (of, record, other) in enumerate(records):
                mine, theirs = grams(text), grams(other)
                both = len(mine & theirs)
                own += [
                    (document, of, record, both / len(theirs), both / len(mine | theirs), float(near[d, r]))
                ] * (of == name)
            by_words = sorted((r for r in own if r[3] >= 0.4), key=lambda r: (-r[3], -r[4], r[2]))[:most]
            by_cosine = sorted((r for r in own if r[5] >= np.float32(0.9)), key=lambda r: (-r[5], r[2]))[
                :most
            ]
            rows += {*by_words, *by_cosine}
    order = {"held_out": "", **{name: name for name in benchmarks}}
    return sorted(rows, key=lambda r: (r[0], order[r[1]], r[2]))


def score(lake: LakeResources) -> tuple[Manifest, dict]:
    (built,) = build_asset(lake, "contamination_scores")
    assert built.manifest is not None
    return built.manifest, dict(built.shown)


def rows_of(lake: LakeResources, manifest: Manifest) -> list[tuple]:
    return [tuple(row.values()) for row in lake.store.table(manifest).to_pylist()]


def draw_shard(draw: np.random.Generator, name: str) -> dict[str, tuple[str, str]]:
    splits = ["held_out" if draw.random() < 0.4 else "train" for _ in range(int(draw.integers(1, 6)))]
    return {f"{name}/{i}": (text_of(draw), split) for i, split in enumerate(splits)}


@pytest.mark.parametrize(("seed", "most", "at_once"), [(0, 16, 1 << 22), (1, 2, 20), (2, 1, 1), (3, 3, 20)])
def test_any_history_gives_what_sets_of_strings_and_a_rebuild_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, most: int, at_once: int
) -> None:
    monkeypatch.setattr(contamination_pairs, "RECORDS_PER_DOCUMENT", most)
    monkeypatch.setattr(contamination_records, "NGRAMS_AT_ONCE", at_once)
    draw = generator(seed, "contamination")
    lake = contamination_lake(tmp_path / "lake", **SETTINGS)
    shards: Shards = {f"s{i}": draw_shard(draw, f"s{i}") for i in range(3)}
    benchmarks: Benchmarks = {"bench": [text_of(draw) for _ in range(3)]}
    copied = 0
    for number in range(7):
        put(lake, shards, benchmarks)
        manifest, shown = score(lake)
        copied += shown.get("pairs_copied", 0)
        found = rows_of(lake, manifest)
        wanted = expected(shards, benchmarks, most)
        assert found == wanted, number
        rebuilt = copy_of(lake, tmp_path / f"rebuilt{number}", **SETTINGS)
        shutil.rmtree(Path(rebuilt.store.root) / "contamination_scores")
        anew, _ = score(rebuilt)
        assert anew == manifest
        shutil.rmtree(rebuilt.store.root)
        what = int(draw.integers(4))
        names = sorted(shards)
        if what == 0 or len(names) < 2:
            shards = {**shards, f"t{number}": draw_shard(draw, f"t{number}")}
        elif what == 1:
            shards = {name: d for name, d in shards.items() if name != names[int(draw.integers(len(names)))]}
        elif what == 2:
            name = names[int(draw.integers(len(names)))]
            shards = {**shards, name: draw_shard(draw, name)}
        else:
            benchmarks = {**benchmarks, f"b{int(draw.integers(2))}": [text_of(draw) for _ in range(2)]}
    assert copied > 0


def test_only_what_changed_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assets.graph.reader import TableReader

    read: list[str] = []
    original = TableReader.batches

    def batches(self, manifest, columns=None, *rest, **named):
        read.extend([manifest.key] if "content" in (columns or ()) else [])
        return original(self, manifest, columns, *rest, **named)

    lake = contamination_lake(tmp_path / "lake", **SETTINGS)
    draw = generator(7, "contamination")
    train = {f"s{i}": {f"s{i}/0": (text_of(draw), "train")} for i in range(4)}
    put(lake, {**train, "h": {"h/0": (text_of(draw), "held_out")}}, {})
    score(lake)
    monkeypatch.setattr(TableReader, "batches", batches)
    put(
        lake,
        {
            **train,
            "h": {"h/0": (text_of(generator(7, "contamination")), "held_out")},
            "t": {"t/0": ("w1 w2 w3", "train")},
        },
        {},
    )
    score(lake)
    assert sorted(read) == ["h", "h", "s0", "s1", "s2", "s3", "t"]  # a record that came is compared with all
    read.clear()
    put(lake, {**train, "h": {"h/0": (text_of(generator(7, "contamination")), "held_out")}}, {})
    score(lake)
    assert read == []  # what went is read by none


def test_a_lake_without_records_has_no_pairs(tmp_path: Path) -> None:
    lake = contamination_lake(tmp_path / "lake")
    put(lake, {"s": {"a": ("a text", "train")}}, {})
    manifest, _ = score(lake)
    assert manifest.rows == 0
    assert manifest.facts["sets"] == ["held_out"]
    put(lake, {}, {"bench": ["a text"]})
    assert score(lake)[0].rows == 0


def test_benchmarks_of_another_encoder_are_refused(tmp_path: Path) -> None:
    lake = contamination_lake(tmp_path / "lake")
    put(lake, {"s": {"a": ("a text", "train")}}, {"bench": ["a text"]})
    live = lake.store.required("evaluation_sets")
    with lake.store.write("evaluation_sets", "all", inputs={}, settings={}, code="other") as writer:
        writer.table(lake.store.table(live))
        writer.vectors(encoded(["a text"]))
        writer.facts |= {"encoder_id": "other", "sets": ["bench"]}
    with pytest.raises(MissingError, match="need one encoder; they have other, the documents None"):
        score(lake)
