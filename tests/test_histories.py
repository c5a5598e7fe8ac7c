"""Law 3 over random histories: however the source came to be as it is, the lake is that of a full rebuild.

Each history adds, changes, removes and brings back source files in several scans, and scores some of the
snapshots on the way. Then a second lake gets the tokenizer, the centroids and the shards of the first, which
are for good, and makes everything else at once. The tables and the catalogue must be equal, byte for byte.
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from support.lake import build_asset, build_lake, catalogue_of, lake_at, scan
from support.later import later

from assets.cluster import cluster_scores
from assets.graph import discover, plan
from assets.graph.lake import LakeResources
from assets.graph.views import views
from guyot.seeds import generator
from resources.lake.manifest import MANIFEST

N_HISTORIES = int(os.environ.get("HISTORIES", "40"))  # `make test-long` asks for 200
BATCHES = 4
RECIPES = ("exact", "minhash", "semdedup", "d4", "prototypes")
# what lies under a null is any bytes
NULLABLE = [f"coalesce({name}, -1) AS {name}" for name in ("uncovered", "target", "target_fraction")]
SETTINGS = {
    "threads": 1,
    "reading.shard_bytes": 400,
    "reading.held_out_unit": "record",
    "clustering.n_clusters": 3,
    "clustering.iterations": 3,
    "block_rows": 7,
}
ALL_PAIRS, PER_CLUSTER = 100_000, 0
MARGIN = 0.1  # of half of those per cluster
SUBJECTS = ("rain", "the tax", "a proof", "bread", "the tide", "an index")


def text(number: int) -> str:
    """Return one of a few texts: many are told twice, some differ by a word."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    return f"{subject} comes before {SUBJECTS[number // 6 % 6]}, and {subject} goes {'slowly' if number % 4 else 'fast'}"


def write_file(path: Path, draw: np.random.Generator) -> None:
    """Write a file of records; of a file that is there some records stay, change, go or come."""
    before = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    records = {r["id"]: r["text"] for r in before if draw.random() < 0.8}
    for _ in range(int(draw.integers(0 if records else 2, 5))):
        records[f"r{draw.integers(0, 12)}"] = text(int(draw.integers(0, 40)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"id": key, "text": records[key]}) + "\n" for key in sorted(records)))


def step(source: Path, away: Path, draw: np.random.Generator) -> str:
    """Change the source: a file comes, is written anew, goes or comes back as it was."""
    files, gone = sorted(source.rglob("*.jsonl")), sorted(away.iterdir())
    may = ["add"] * (len(files) < 8) + ["change"] + ["remove"] * (len(files) > 2) + ["return"] * bool(gone)
    what = may[int(draw.integers(len(may)))]
    if what == "add":
        write_file(source / f"file{draw.integers(1000):03d}.jsonl", draw)
    elif what == "change":
        write_file(files[int(draw.integers(len(files)))], draw)
    elif what == "remove":
        path = files[int(draw.integers(len(files)))]
        path.rename(away / path.name)
    else:
        path = gone[int(draw.integers(len(gone)))]
        path.rename(source / path.name)
    return what


def ingest(lake: LakeResources) -> None:
    """Scan the source and build what is stale of every shard, down to its assignments."""
    scan(lake)
    for name in plan.per_shard():
        stale = [key for key in plan.stale(discover.asset(name), lake) if key is not None]
        if stale:
            build_asset(lake, name, *stale)


def score(lake: LakeResources) -> dict[str, Any]:
    """Score the snapshot; return what the UI shows of how that was done."""
    (built,) = build_asset(lake, "cluster_scores")
    for name in ("evaluation_sets", "contamination_scores"):
        build_asset(lake, name)
    return dict(built.shown)


def finish(lake: LakeResources) -> None:
    """Link near-copies, cut the mixtures and build the catalogue."""
    build_asset(lake, "minhash_scores")
    build_asset(lake, "pruned_mixtures", *RECIPES)
    build_asset(lake, "catalogue")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake of a tokenizer and centroids, trained once."""
    root = tmp_path_factory.mktemp("trained")
    (root / "source").mkdir()
    draw = generator(0, "trained")
    for number in range(8):
        write_file(root / "source" / f"file{number}.jsonl", draw)
    build_lake(lake_at(root / "lake", root / "source", **SETTINGS), until="centroids")
    return root / "lake"


def new_lake(root: Path, source: Path, trained: Path, limit: int, margin: float) -> LakeResources:
    """Return a lake that has the tokenizer and the centroids and nothing else."""
    for table in ("tokenizer", "centroids"):
        shutil.copytree(trained / table, root / table)
    own = {"clustering.all_pairs_max_documents": limit, "clustering.border_margin": margin}
    return lake_at(root, source, **SETTINGS, **own)


def exported(lake: LakeResources) -> dict[str, bytes]:
    """Return every table and view of a lake's catalogue as bytes, paths relative to the lake."""
    found: dict[str, bytes] = {}
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"ATTACH '{catalogue_of(lake).path}' AS catalogue (READ_ONLY)")
        connection.execute("USE catalogue")
        for name in ("lake_files", *(view.name for view in views())):
            columns = {
                "lake_files": f"* REPLACE (replace(path, '{lake.store.root}', '') AS path)",
                "mixtures": f"* REPLACE ({', '.join(NULLABLE)})",
            }.get(name, "*")
            table = connection.sql(f"SELECT {columns} FROM {name} ORDER BY ALL").to_arrow_table()
            found[name] = table.schema.serialize().to_pybytes() + b"".join(
                batch.serialize().to_pybytes() for batch in table.combine_chunks().to_batches()
            )
    return found


def files_of(lake: LakeResources) -> dict[str, bytes]:
    """Return the files of the live scores and mixtures, their manifests included."""
    live = [
        lake.store.required("cluster_scores"),
        lake.store.required("minhash_scores"),
        lake.store.required("contamination_scores"),
        *(lake.store.required("pruned_mixtures", name) for name in RECIPES),
    ]
    return {
        f"{m.table}/{m.key}/{name}": Path(lake.store.file(m, name)).read_bytes()
        for m in live
        for name in (*m.files, MANIFEST)
    }


def history(folder: Path, trained: Path, number: int, visitors: list[int]) -> list[dict[str, Any]]:
    """Live one history, rebuild its end, compare; return how each snapshot after the first was scored.

    How many documents it had near a border is appended to `visitors`.
    """
    draw = generator(number, "history")
    source, away = folder / "source", folder / "away"
    away.mkdir(parents=True)
    for _ in range(int(draw.integers(3, 5))):
        write_file(source / f"file{draw.integers(1000):03d}.jsonl", draw)
    limit = ALL_PAIRS if number % 2 else PER_CLUSTER
    margin = 0.0 if number % 4 else MARGIN
    lake = new_lake(folder / "lake", source, trained, limit, margin)
    ingest(lake)
    score(lake)
    ways: list[dict[str, Any]] = []
    for _ in range(int(draw.integers(1, 4))):
        for _ in range(int(draw.integers(1, 3))):
            step(source, away, draw)
        ingest(lake)
        ways.append(score(lake))
    finish(lake)
    rebuilt = new_lake(folder / "rebuilt", source, trained, limit, margin)
    shutil.copytree(folder / "lake" / "shard_registry", folder / "rebuilt" / "shard_registry")
    ingest(rebuilt)
    assert score(rebuilt)["made_by"] == cluster_scores.REBUILD
    finish(rebuilt)
    assert files_of(lake) == files_of(rebuilt), number
    visitors.append(lake.store.required("cluster_scores").facts["visitors"])
    assert exported(lake) == exported(rebuilt), number
    return ways


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """Return a folder in memory where there is such a thing: no disk is under test here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


@pytest.mark.parametrize("batch", [0, *later(range(1, BATCHES))])
def test_histories_leave_no_trace(batch: int, trained: Path, in_memory: Path) -> None:
    ways: list[dict[str, Any]] = []
    visitors: list[int] = []
    numbers = range(batch, N_HISTORIES, BATCHES)
    for number in numbers:
        ways += history(in_memory / f"history{number}", trained, number, visitors)
        shutil.rmtree(in_memory / f"history{number}")
    assert (np.mean(visitors) > 3) == (batch == 0)
    counts = Counter(way.get("made_by", "reused") for way in ways)
    assert counts[cluster_scores.REBUILD] == 0
    # what a file that went and came back leaves as it was is found in the lake, not made
    assert counts[cluster_scores.INCREMENT] > 0.75 * len(ways) > len(numbers)
    for name in ("fresh_documents", "removed_documents", "orphaned_documents"):
        assert sum(way.get(name, 0) > 0 for way in ways) > 0.25 * len(ways), name
