"""Increments of MinHash pairs over random histories: byte for byte what a look at all documents gives.

Groups are crowded from four documents on, and signatures are made of a part of a text, so that documents of
different shingles have one; both are rare otherwise.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from support.lake import build_asset, build_lake, lake_at

from assets.cluster.scoring import minhash_update
from assets.graph.lake import LakeResources
from assets.ingest import minhash_signatures
from guyot.seeds import generator
from guyot.text import lsh
from guyot.text.minhash_signatures import signatures
from guyot.text.shingles import Shingles

SETTINGS = {"reading.shard_bytes": 6000, "reading.held_out_fraction": 0.0, "clustering.n_clusters": 2}
SIGNED_SHINGLES = 30
STEPS = 4


def signatures_of_beginnings(found: Shingles) -> np.ndarray:
    """Sign the first shingles of each document alone."""
    counts = np.minimum(np.diff(found.offsets), SIGNED_SHINGLES)
    rows = np.concatenate(
        [np.arange(begin, begin + n) for begin, n in zip(found.offsets, counts, strict=False)]
    )
    return signatures(Shingles(found.hashes[rows], np.append(0, np.cumsum(counts))))


def text(number: int) -> str:
    """Return one of many texts of a few groups: the same, the same at first, or with some words changed.

    Those of the last groups begin word by word later, so that a crowded group has no end.
    """
    group, variant = divmod(number, 40)
    if group > 2:
        return " ".join(f"w{i}" for i in generator(3, "words").integers(0, 900, 160)[number - 120 :][:34])
    words = [f"w{i}" for i in generator(group, "words").integers(0, 900, 40)]
    if variant % 3 == 1:
        words[-1 - variant % 4] = f"end{variant}"
    elif variant % 3 == 2:
        words[variant % 34] = f"changed{variant % 7}"
    return " ".join(words)


def write(source: Path, numbers: set[int]) -> None:
    """Write the texts of these numbers, several to a file."""
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    for file in {number // 5 for number in numbers}:
        rows = [{"id": str(n), "text": text(n)} for n in sorted(numbers) if n // 5 == file]
        (source / f"{file}.jsonl").write_text("\n".join(map(json.dumps, rows)))


def tables(lake: LakeResources) -> dict[str, bytes]:
    manifest = lake.store.required("minhash_scores")
    return {name: Path(lake.store.file(manifest, name)).read_bytes() for name in manifest.files}


@pytest.mark.parametrize("seed", range(2))
def test_increments_leave_the_bytes_of_a_rebuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(minhash_update, "MOST_CHANGED", 9.0)
    monkeypatch.setattr(minhash_signatures, "signatures", signatures_of_beginnings)
    monkeypatch.setattr(lsh, "ALL_PAIRS_IN", 4)
    monkeypatch.setattr(lsh, "NEXT", 2)
    draw, source = generator(seed, "history"), tmp_path / "source"
    lake, numbers = (
        lake_at(tmp_path / "lake", source, **SETTINGS),
        set(range(0, 120, 4)) | set(range(120, 240)),
    )
    crowded = 0
    for step in range(STEPS):
        write(source, numbers)
        build_lake(lake, until="cluster_scores")
        (built,) = build_asset(lake, "minhash_scores")
        if not built.reused:
            assert built.shown["made_by"] == ("increment" if step else "rebuild")
        was = tables(lake)
        crowded += lake.store.table(lake.store.required("minhash_scores"), "incomplete.parquet").num_rows
        shutil.rmtree(Path(lake.store.root) / "minhash_scores")
        (again,) = build_asset(lake, "minhash_scores")
        assert again.shown["made_by"] == "rebuild"
        assert was == tables(lake)
        gone = {n for n in numbers if draw.random() < (0.02, 0.2)[step % 2]}
        numbers = numbers - gone | set(draw.integers(0, 240, int(draw.integers(0, 6))).tolist())
    assert crowded > STEPS


def lakes_of_a_step(tmp_path: Path, changed: int) -> LakeResources:
    """Return a lake that was scored before some of its documents changed."""
    source = tmp_path / "source"
    write(source, set(range(0, 240, 4)))
    lake = build_lake(lake_at(tmp_path / "lake", source, **SETTINGS), until="minhash_scores")
    write(source, set(range(4, 240 + 4 * changed, 4)))
    return build_lake(lake, until="cluster_scores")


def test_texts_of_new_pairs_alone_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, compared = lakes_of_a_step(tmp_path, 2), list[int]()
    compare = minhash_update.similarities

    def counted(*arguments: object) -> np.ndarray:
        found = compare(*arguments)  # type: ignore[arg-type]
        compared.append(len(found))
        return found

    monkeypatch.setattr(minhash_update, "similarities", counted)
    (built,) = build_asset(lake, "minhash_scores")
    assert built.shown["made_by"] == "increment"
    assert compared == [built.shown["compared_anew"]]
    pairs = lake.store.required("minhash_scores").facts["pairs"]
    assert compared[0] < pairs / 5


@pytest.mark.parametrize("why", ["much changed", "old signatures are gone"])
def test_all_documents_are_looked_at_where_an_increment_cannot_be(tmp_path: Path, why: str) -> None:
    lake = lakes_of_a_step(tmp_path, 30 if why == "much changed" else 2)
    if why != "much changed":
        before = lake.store.required("minhash_scores").facts["snapshot"]
        live = {s: lake.store.required("minhash_signatures", s).version for s in lake.shards()}
        replaced = [s for s, tables in before.items() if tables["minhash_signatures"] != live.get(s)]
        for shard in replaced:
            version = before[shard]["minhash_signatures"]
            shutil.rmtree(Path(lake.store.root) / "minhash_signatures" / shard / version)
        assert replaced
    (built,) = build_asset(lake, "minhash_scores")
    assert built.shown["made_by"] == "rebuild"
    assert 0 < built.shown["compared_anew"] < lake.store.required("minhash_scores").facts["pairs"]
