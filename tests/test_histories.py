"""Law 3 over random histories: however the source came to be as it is, the lake is that of a full rebuild.

Each history adds, changes, removes and brings back source files in several scans, and scores some of the
snapshots on the way. Then a second lake gets the tokenizer, the centroids and the shards of the first, which
are for good, and makes everything else at once. The tables and the catalogue must be equal, byte for byte.
"""

import functools
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray
from support.corpus import lake_at

from assets.cluster import centroids, cluster_assignments, cluster_scores, minhash_scores
from assets.graph.build import BuildSpec, build
from assets.graph.partitions import BY_NAME
from assets.graph.plan import Lake
from assets.graph.views import VIEWS
from assets.ingest import (
    embeddings,
    minhash_signatures,
    quality_signals,
    raw_shards,
    shard_registry,
    tokenizer,
)
from assets.prune import pruned_mixtures, training_documents
from assets.publish import catalogue
from assets.publish.database import Catalogue
from guyot.encoders.hashing import HashingEncoder
from guyot.seeds import generator
from resources.engines.threads import Engine
from resources.lake.manifest import MANIFEST
from resources.lake.writer import Writer
from resources.progress import Progress
from resources.settings import Settings
from resources.sources.scan import Sources

N_HISTORIES = 200
BATCHES = 4
RECIPES = ("exact", "minhash", "semdedup", "d4", "prototypes")
NULLABLE = [f"coalesce({name}, -1) AS {name}" for name in ("uncovered", "target", "target_fraction")]
SETTINGS = {
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


class Remembering:
    """The hashing encoder, which here meets the same few texts again and again."""

    def __init__(self) -> None:
        self.real, self.known = HashingEncoder(), dict[str, NDArray[np.float32]]()
        self.id, self.width = self.real.id, self.real.width

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        for text in texts:
            if text not in self.known:
                self.known[text] = self.real.encode([text])[0]
        return np.stack([self.known[text] for text in texts])


ENCODER = Remembering()
ENGINE = Engine(settings=Settings(threads=1))


def made(lake: Lake, spec: BuildSpec, work: Callable[[Writer], object]) -> None:
    """Make what is stale, as a run of the graph does."""
    if not spec.is_live(lake.store):
        build(lake.store, spec, work)


def ingest(lake: Lake) -> None:
    """Make what is stale of every shard, down to its assignments, as the assets do."""
    store, settings = lake.store, lake.settings
    counter, progress = tokenizer.load(store), Progress("test", 1, "documents")
    for shard, files in raw_shards.listed(store).items():
        made(
            lake,
            raw_shards.spec(store, settings, shard, files),
            lambda w: raw_shards.read(store, settings, shard, w),
        )
        made(
            lake,
            quality_signals.spec(store, shard),
            lambda w: quality_signals.measure(store, counter, shard, w, progress),
        )
        made(
            lake,
            minhash_signatures.spec(store, settings, shard),
            lambda w: minhash_signatures.sign(store, settings, shard, w, progress),
        )
        made(
            lake,
            embeddings.spec(store, lake.encoder, shard),
            lambda w: embeddings.encode_shard(store, ENCODER, shard, w, progress),
        )
        made(
            lake,
            cluster_assignments.spec(store, shard),
            lambda w: cluster_assignments.assign_shard(store, settings, shard, w),
        )


def scan(lake: Lake, sources: Sources, now: str) -> None:
    """Register the source's files."""
    before = lake.store.current("shard_registry")
    previous, held_out = (lake.store.table(before), before.facts["held_out"]) if before else (None, None)
    shard_registry.record(lake.store, sources.scan(previous, now, held_out))


def score(lake: Lake) -> cluster_scores.UpdateSummary:
    """Score the snapshot."""
    return cluster_scores.build_scores(lake.store, lake.settings, ENGINE)[1]


def cut_one(lake: Lake, name: str, loaded: training_documents.TrainingDocuments, writer: Writer) -> None:
    """Cut a mixture as its asset does."""
    pruned_mixtures.cut_recipe(lake.settings, BY_NAME[name], loaded, writer)
    writer.facts["warning"] = " ".join(pruned_mixtures.warnings(lake.store, BY_NAME[name]))


def cut(lake: Lake) -> None:
    """Link near-copies and cut the mixtures."""
    store, settings = lake.store, lake.settings
    made(lake, minhash_scores.spec(store, settings), lambda w: minhash_scores.score(store, settings, w, {}))
    loaded = training_documents.load(
        store, store.required("cluster_scores"), store.required("minhash_scores")
    )
    for name in RECIPES:
        build_spec = pruned_mixtures.spec(store, settings, name)
        build(
            store,
            build_spec,
            lambda w: cut_one(lake, name, loaded, w),
        )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake of a tokenizer and centroids, trained once."""
    root = tmp_path_factory.mktemp("trained")
    (root / "source").mkdir()
    draw = generator(0, "trained")
    for number in range(8):
        write_file(root / "source" / f"file{number}.jsonl", draw)
    lake = lake_at(root / "lake", root / "source", **SETTINGS)
    scan(lake, Sources(settings=lake.settings), "then")
    for shard in lake.shards():
        build(
            lake.store,
            raw_shards.spec(lake.store, lake.settings, shard),
            lambda w: raw_shards.read(lake.store, lake.settings, shard, w),
        )
        progress = Progress("test", 1, "documents")
        build(
            lake.store,
            embeddings.spec(lake.store, lake.encoder, shard),
            lambda w: embeddings.encode_shard(lake.store, ENCODER, shard, w, progress),
        )
    build(
        lake.store,
        tokenizer.spec(lake.store, lake.settings),
        lambda w: tokenizer._train(lake.store, lake.settings, w),
    )
    build(
        lake.store,
        centroids.spec(lake.store, lake.settings, lake.encoder),
        lambda w: centroids.train(lake.store, lake.settings, w),
    )
    return root / "lake"


@functools.cache  # each history begins in the same folders, emptied
def resources_at(root: Path, source: Path, limit: int, margin: float) -> tuple[Lake, Sources, Catalogue]:
    lake = lake_at(
        root, source, **SETTINGS, clustering__all_pairs_max_documents=limit, clustering__border_margin=margin
    )
    return lake, Sources(settings=lake.settings), lake.catalogue


def new_lake(
    root: Path, source: Path, trained: Path, limit: int, margin: float
) -> tuple[Lake, Sources, Catalogue]:
    """Return a lake that has the tokenizer and the centroids and nothing else."""
    for table in ("tokenizer", "centroids"):
        shutil.copytree(trained / table, root / table)
    return resources_at(root, source, limit, margin)


def exported(*catalogues: Catalogue) -> list[dict[str, bytes]]:
    """Return every table and view of each catalogue as bytes, paths relative to the lake."""
    found: list[dict[str, bytes]] = [{} for _ in catalogues]
    with duckdb.connect(config={"threads": 1}) as connection:
        for number, built in enumerate(catalogues):
            catalogue.build_catalogue(built.store, built)
            connection.execute(f"ATTACH '{built.path}' AS lake{number} (READ_ONLY)")
            connection.execute(f"USE lake{number}")
            for name in ("lake_files", "mixtures", *(view.name for view in VIEWS)):
                columns = {
                    "lake_files": f"* REPLACE (replace(path, '{built.store.root}', '') AS path)",
                    "mixtures": f"* REPLACE ({', '.join(NULLABLE)})",  # what lies under a null is any bytes
                }.get(name, "*")
                table = connection.sql(f"SELECT {columns} FROM {name} ORDER BY ALL").to_arrow_table()
                found[number][name] = table.schema.serialize().to_pybytes() + b"".join(
                    batch.serialize().to_pybytes() for batch in table.combine_chunks().to_batches()
                )
    return found


def files_of(lake: Lake) -> dict[str, bytes]:
    """Return the files of the live scores and mixtures, their manifests included."""
    live = [
        lake.store.required("cluster_scores"),
        lake.store.required("minhash_scores"),
        *(lake.store.required("pruned_mixtures", name) for name in RECIPES),
    ]
    return {
        f"{m.table}/{m.key}/{name}": Path(lake.store.file(m, name)).read_bytes()
        for m in live
        for name in (*m.files, MANIFEST)
    }


def history(
    folder: Path, trained: Path, number: int, visitors: list[int]
) -> list[cluster_scores.UpdateSummary]:
    """Live one history, rebuild its end, compare; return how each snapshot after the first was scored.

    What it had of documents near a border is told to `visitors`.
    """
    draw = generator(number, "history")
    source, away = folder / "source", folder / "away"
    away.mkdir(parents=True)
    for _ in range(int(draw.integers(3, 5))):
        write_file(source / f"file{draw.integers(1000):03d}.jsonl", draw)
    limit = ALL_PAIRS if number % 2 else PER_CLUSTER
    margin = 0.0 if number % 4 else MARGIN
    lake, sources, views = new_lake(folder / "lake", source, trained, limit, margin)
    scan(lake, sources, "0")
    ingest(lake)
    score(lake)
    ways: list[cluster_scores.UpdateSummary] = []
    for turn in range(1, int(draw.integers(2, 5))):
        for _ in range(int(draw.integers(1, 3))):
            step(source, away, draw)
        scan(lake, sources, str(turn))
        ingest(lake)
        ways.append(score(lake))
    cut(lake)
    rebuilt, _, views_of_rebuilt = new_lake(folder / "rebuilt", source, trained, limit, margin)
    shutil.copytree(folder / "lake" / "shard_registry", folder / "rebuilt" / "shard_registry")
    ingest(rebuilt)
    assert score(rebuilt).made == cluster_scores.REBUILD
    cut(rebuilt)
    assert files_of(lake) == files_of(rebuilt), number
    visitors.append(lake.store.required("cluster_scores").facts["visitors"])
    one, other = exported(views, views_of_rebuilt)
    assert one == other, number
    return ways


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """Return a folder in memory where there is such a thing: no disk is under test here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_histories_leave_no_trace(batch: int, trained: Path, in_memory: Path) -> None:
    ways: list[cluster_scores.UpdateSummary] = []
    visitors: list[int] = []
    numbers = range(batch, N_HISTORIES, BATCHES)
    for number in numbers:
        ways += history(in_memory / "history", trained, number, visitors)
        shutil.rmtree(in_memory / "history")
    assert (np.mean(visitors) > 3) == (batch == 0)
    counts = Counter(way.made for way in ways)
    assert counts[cluster_scores.REBUILD] == 0
    assert counts[cluster_scores.INCREMENT] > 0.8 * len(ways) > len(numbers)
    for name in ("fresh", "removed", "orphaned"):
        assert sum(getattr(way, name) > 0 for way in ways) > 0.25 * len(ways), name
