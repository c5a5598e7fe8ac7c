"""What scores and mixtures of a lake cost: core-seconds, memory, and what one more hundredth costs.

    .venv/bin/python benchmarks/mixtures.py [--documents 100000] [--width 384] [--stages scores mixtures ...]

A lake of documents with given vectors, whose variance falls along the directions as that of encoded texts
does, with near-copies at cosines of .95 and .98 and byte-for-byte copies planted, 2% of each. Every stage
runs in a fresh process through the assets' own functions, with the settings of a new lake:

- centroids, assignments, scores: as the graph makes them;
- mixtures: the twelve named recipes in one run, each by itself in the table below;
- variants: twenty recipes that need the stored scores alone;
- audits: shift, length_confound and agreement of the named recipes;
- added: a hundredth more documents, through assignments, scores and mixtures, beside all stages before.

Core-seconds are of all threads. Memory is the peak of a process beyond what it held before, in bytes per
document.
"""

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import numpy as np
import pyarrow as pa
from planted import Planted, found_of, plant
from synthetic_lake import Shape, Synthetic, build_lake

from assets.cluster.minhash_scores import SCORES
from assets.cluster.scoring import minhash_pairs
from assets.cluster.scoring.minhash_pairs import CandidatePairs
from assets.graph import discover
from assets.graph.doc_ids import id_column, ids_of
from assets.graph.partitions import BY_NAME
from guyot.prune.bounds import Bounds
from guyot.prune.length import Length
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe
from guyot.recipes import NAMED
from resources.lake.manifest import WHOLE

COPIES = 0.995  # the planted cosine whose pairs become copies
STAGES = ("centroids", "assignments", "scores", "mixtures", "variants", "audits", "added")
VARIANTS = (
    *(Recipe(f"random-{share:.0%}".strip("%"), (Random(),), share) for share in (0.3, 0.5, 0.7)),
    *(Recipe(f"length-{share:.0%}".strip("%"), (Length(),), share) for share in (0.5, 0.7)),
    *(Recipe(f"hard-{share:.0%}".strip("%"), (Prototypes(),), share) for share in (0.3, 0.5, 0.7)),
    *(Recipe(f"easy-{share:.0%}".strip("%"), (Prototypes(keep="easy"),), share) for share in (0.5, 0.7)),
    *(Recipe(f"scip-{share:.0%}".strip("%"), (SCIP(),), share, "documents") for share in (0.5, 0.8)),
    *(Recipe(f"words-{words}", (Bounds("words", at_least=words),), None) for words in (10, 20)),
    *(Recipe(f"semdedup-{share:.0%}".strip("%"), (SemDeDup(),), share, "documents") for share in (0.8, 0.9)),
    *(
        Recipe(f"near-{distance:.0%}".strip("%"), (SemDeDup(duplicate_distance=distance),), None)
        for distance in (0.02, 0.05)
    ),
    *(
        Recipe(
            f"cover-{distance:.0%}".strip("%"),
            (SemDeDup(mode="greedy_cover", duplicate_distance=distance),),
            None,
        )
        for distance in (0.02, 0.05)
    ),
)  # fmt: skip
AUDITS = ("shift", "length_confound", "agreement")


@dataclasses.dataclass(frozen=True)
class Cost:
    """Of one stage: core-seconds of each part, seconds of all, and the most memory of each part.

    bytes : beyond what the process held before all parts
    """

    core_seconds: dict[str, float]
    seconds: float
    bytes: dict[str, int]

    @property
    def total(self) -> float:
        """Core-seconds of all parts."""
        return sum(self.core_seconds.values())


def parts_of(stage: str, synthetic: Synthetic) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what a stage does: a name, and the work."""
    if stage == "centroids":
        yield stage, lambda: synthetic.build("centroids")
    elif stage == "assignments":
        yield stage, synthetic.assign
    elif stage == "scores":
        yield stage, synthetic.score
    elif stage == "audits":
        for audit in AUDITS:
            yield audit, lambda audit=audit: synthetic.build(audit)
    else:
        recipes = NAMED if stage == "mixtures" else VARIANTS
        BY_NAME.update({recipe.name: recipe for recipe in recipes})
        for recipe in recipes:
            yield recipe.name, lambda name=recipe.name: synthetic.build("pruned_mixtures", [name])


def run(stage: str, synthetic: Synthetic) -> Cost:
    """Run a stage in this process."""
    held, begun = _memory("VmRSS"), time.monotonic()
    spent: dict[str, float] = {}
    most: dict[str, int] = {}
    for name, work in parts_of(stage, synthetic):
        Path("/proc/self/clear_refs").write_text("5")  # the peak of memory counts from here
        before = time.process_time()
        work()
        spent[name] = time.process_time() - before
        most[name] = _memory("VmHWM") - held
    return Cost(spent, time.monotonic() - begun, most)


def _memory(name: str) -> int:
    """Read one of the kernel's figures of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{name}:"))


def apart(stage: str, arguments: list[str], folder: Path) -> Cost:
    """Run a stage in a process of its own."""
    command = [sys.executable, __file__, *arguments, "--folder", str(folder), "--stage", stage]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def link(synthetic: Synthetic, copies: np.ndarray) -> None:
    """Write minhash_scores whose pairs are the planted copies: S32[p, 2]."""
    lake = synthetic.lake
    scores = lake.store.required("cluster_scores")
    ids = ids_of(lake.store.table(scores, columns=["doc_id"])["doc_id"])
    rows = np.sort(np.searchsorted(ids, copies), axis=1)
    known = (ids[np.minimum(rows, len(ids) - 1)] == np.sort(copies, axis=1)).all(axis=1)
    one, other = rows[known].T
    spec = discover.asset("minhash_scores").spec(lake)
    inputs, settings = dict(spec.inputs), dict(spec.settings)
    none, jaccard = np.zeros(len(ids), np.bool_), np.ones(len(one))
    with lake.store.write(
        "minhash_scores", WHOLE, inputs=inputs, settings=settings, code=spec.code
    ) as writer:
        empty = [id_column(ids), pa.nulls(len(ids), pa.float64()), pa.nulls(len(ids), pa.string())]
        writer.table(pa.table(empty, schema=SCORES.schema))
        minhash_pairs.write(writer, CandidatePairs(ids, one, other, jaccard, 0, none))
        signed = {s: lake.store.required("minhash_signatures", s).version for s in lake.shards()}
        snapshot = {shard: {"minhash_signatures": version} for shard, version in signed.items()}
        writer.facts |= {"floor": lake.settings.minhash.jaccard, "snapshot": snapshot}


def with_copies(planted: Planted) -> tuple[Planted, np.ndarray]:
    """Make the nearest of the planted pairs copies; also return whose content each document has: int64[n]."""
    same = planted.meant == COPIES
    vectors, copy_of = planted.vectors, np.arange(len(planted.vectors))
    vectors[planted.other[same]] = vectors[planted.one[same]]
    copy_of[planted.other[same]] = planted.one[same]
    return dataclasses.replace(planted, vectors=vectors), copy_of


def report(shape: Shape, stages: list[str], settings: dict[str, object], decay: float) -> dict[str, Cost]:
    """Build, measure and print."""
    planted, copy_of = with_copies(plant(shape, decay))
    arguments = [
        "--documents", str(shape.documents), "--width", str(shape.width), "--shard-documents",
        str(shape.shard_documents), *(f"--set={name}={value}" for name, value in settings.items()),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "lake"
        synthetic = build_lake(folder, shape, planted.vectors, copy_of, **settings)
        doc_ids = np.concatenate(
            [
                ids_of(
                    synthetic.lake.store.table(
                        synthetic.lake.store.required("raw_shards", s), columns=["doc_id"]
                    )["doc_id"]
                )
                for s in shape.shards
            ]
        )
        same = planted.meant == COPIES
        copies = np.stack([doc_ids[planted.one[same]], doc_ids[planted.other[same]]], axis=1)
        found: dict[str, Cost] = {}
        for stage in stages:
            if stage == "added":
                continue
            found[stage] = apart(stage, arguments, folder)
            _print(stage, found[stage], shape.documents)
            if stage == "scores":
                link(synthetic, copies)
                hits = found_of(synthetic, planted, shape)
                mode = synthetic.lake.store.required("cluster_scores").facts["mode"]
                click.echo(f"  {mode}: recall of planted pairs {np.nanmean(hits):.4f}")
        if "added" in stages:
            synthetic.register(synthetic.after)
            first = sum(found[stage].total for stage in ("centroids", "assignments", "scores", "mixtures"))
            again = 0.0
            for stage in ("assignments", "scores", "mixtures"):
                cost = apart(stage, arguments, folder)
                _print(f"{stage} of 1% more", cost, shape.total)
                again += cost.total
                if stage == "scores":
                    link(synthetic, copies)
            click.echo(f"1% more: {again:.2f} core-s of {first:.2f}, {again / first:.2%} of a first run")
    return found


def _print(stage: str, cost: Cost, documents: int) -> None:
    """Print a stage, and its parts where it has several."""
    most = max(cost.bytes.values())
    click.echo(
        f"{stage:24} {cost.total:8.2f} core-s {most / 2**20:8.0f} MB"
        f" {most / documents:8.0f} bytes per document {cost.seconds:8.2f} s"
    )
    for name, spent in cost.core_seconds.items() if len(cost.core_seconds) > 1 else ():
        click.echo(f"  {name:22} {spent:8.2f} core-s {cost.bytes[name] / 2**20:8.0f} MB")


def main() -> None:
    """Read the arguments; run one stage, or all in processes of their own."""
    parser = argparse.ArgumentParser(description="Core-seconds and memory of scores and mixtures")
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--shard-documents", type=int, default=10_000)
    parser.add_argument("--decay", type=float, default=0.7)
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--set", action="append", default=[], help="a setting, such as seed=1")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    given = parser.parse_args()
    shape = Shape(given.documents, given.width, given.shard_documents)
    settings: dict[str, object] = dict(pair.split("=", 1) for pair in given.set)
    if given.stage is None:
        report(shape, given.stages, settings, given.decay)
        return
    cost = run(given.stage, Synthetic.of(given.folder, shape, **settings))
    click.echo(json.dumps(dataclasses.asdict(cost)))


if __name__ == "__main__":
    main()
