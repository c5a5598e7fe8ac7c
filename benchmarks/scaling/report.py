"""What was measured, what follows for more documents, and on which machines: apart from one another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assets.cluster.scoring.comparison_lists import bucket_rows
from benchmarks.scaling.cost_model import Fit, Size, fit

STEPS = ("centroids", "cluster_assignments", "cluster_scores", "pruned_mixtures")
SERIAL = ("centroids",)  # one process, whatever there is
EXTRAPOLATED = (10**8, 10**9, 10**10)
SHARD_BYTES = 1 << 30  # of vectors in each shard, at scale
ENTRIES = 1.3  # of lists, for each document: some visit a second one
TEXT_RATES = {"static": 3400.0, "MiniLM": 11.8}  # documents encoded in a core-second: docs/benchmarks.md
_OWN_BYTES = 160 * 10**6
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Machines:
    """A number of machines of a kind."""

    name: str
    number: int
    cores: int
    memory_bytes: int


MACHINES = (
    Machines("a workstation, 16 cores, 128 GB", 1, 16, 128 * 10**9),
    Machines("c7i.24xlarge, 96 vCPU, 192 GiB", 1, 96, 192 << 30),
    Machines("16 x c7i.24xlarge", 16, 96, 192 << 30),
)


def page(measured: dict[str, Any]) -> str:
    """Write what was measured and what follows, as Markdown."""
    rows, machine = measured["rows"], measured["machine"]
    head = f"{machine['cores']} cores of {machine['processor']} ({', '.join(machine['instruction_sets'])})"
    return "\n\n".join([f"Measured: {head}.", *_of_rows(rows), "Extrapolated.", _of_more(rows)])


def _of_rows(rows: Rows) -> list[str]:
    """Write tables of what was measured: by size and way, and by the number of clusters."""
    own = [row for row in rows if "clusters" not in row]
    lines = [
        [
            f"{row['documents']:,}", row["step"], row["way"], f"{row['seconds']:.1f}",
            f"{row['core_seconds']:.1f}", f"{row['core_seconds'] / row['documents'] * 1e6:.2f}",
            f"{row['peak_bytes'] / 1e9:.2f}", f"{row['anonymous_bytes'] / 1e9:.2f}", f"{row['load']:.1f}",
        ]
        for row in own
    ]  # fmt: skip
    names = (
        "documents", "step", "way", "s", "core-s", "us per document", "peak GB", "of no file", "load before",
    )  # fmt: skip
    other = [row for row in rows if "clusters" in row]
    by_clusters = [
        [f"{row['documents']:,}", row["step"], f"{row['clusters']:,}", f"{row['core_seconds']:.1f}"]
        for row in other
    ]
    tables = [_table(names, lines), _table(("workers", "step", "times as fast"), _speed(own))]
    return [*tables, _table(("documents", "step", "clusters", "core-s"), by_clusters)] if other else tables


def _speed(rows: Rows) -> list[list[str]]:
    """Say how many times as fast as one worker each way is, and what Ray takes beside threads."""
    lines: list[list[str]] = []
    for row in rows:
        alone = [one for one in rows if _is_beside(one, row) and one["way"] == "threads:1"]
        threads = [one for one in rows if _is_beside(one, row) and one["way"] == "threads:2"]
        if row["way"] == "threads:1" or not alone or row["step"] in SERIAL:
            continue
        told = f"{alone[0]['seconds'] / row['seconds']:.2f}"
        if row["way"].startswith("ray") and threads:
            told += (
                f", {row['core_seconds'] / threads[0]['core_seconds']:.2f} of the core-seconds of threads:2"
            )
        lines.append([f"{row['documents']:,}, {row['way']}", row["step"], told])
    return lines


def _is_beside(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two rows are of one work."""
    return (one["documents"], one["step"]) == (other["documents"], other["step"])


def fits(rows: Rows) -> dict[str, Fit]:
    """Fit each step to what it took by two threads, or by what there is."""
    found: dict[str, Fit] = {}
    for step in STEPS:
        mine = [row for row in rows if row["step"] == step]
        sizes = {(row["documents"], row.get("clusters", 0)) for row in mine}
        chosen = [_preferred([row for row in mine if _size(row) == size]) for size in sorted(sizes)]
        if chosen:
            measured = [
                (Size(row["documents"], row["width"], row.get("clusters", 0)), row["core_seconds"])
                for row in chosen
            ]
            found[step] = fit(step, measured)
    return found


def _size(row: dict[str, Any]) -> tuple[int, int]:
    """Return the documents and the clusters that were asked for."""
    return row["documents"], row.get("clusters", 0)


def _preferred(rows: Rows) -> dict[str, Any]:
    """Return the row of two threads, or the first."""
    return next((row for row in rows if row["way"] == "threads:2"), rows[0])


def _of_more(rows: Rows) -> str:
    """Write what larger corpora would take."""
    found, width = fits(rows), rows[0]["width"]
    told = ", ".join(f"{step} {one.worst:.0%}" for step, one in found.items())
    driver = max(_bytes_per_document([row for row in rows if row["step"] == step]) for step in found)
    lines: list[list[str]] = []
    for documents in EXTRAPOLATED:
        size = Size(documents, width)
        hours = {step: one.core_seconds(size) / 3600 for step, one in found.items()}
        vectors = documents * width * 2
        shards = math.ceil(vectors / SHARD_BYTES)
        entries = math.ceil(documents * ENTRIES)
        requests = shards * math.ceil(entries / bucket_rows(shards, width, entries, is_remote=True))
        lines.append(
            [
                f"{documents:.0e}", f"{size.n_clusters:,}", *(f"{hours[step]:,.1f}" for step in found),
                *(f"{documents / rate / 3600:,.0f}" for rate in TEXT_RATES.values()),
                f"{2 * vectors / 1e12:,.2f}", f"{requests:.1e}", f"{documents * driver / 1e9:,.0f}",
                *(_hours(hours, machines) for machines in MACHINES),
            ]
        )  # fmt: skip
    names = (
        "documents", "clusters", *(f"{step}, core-h" for step in found),
        *(f"encoding with {name}, core-h" for name in TEXT_RATES), "vectors and their sorted copy, TB",
        "range requests", "memory of the driver, GB", *(f"hours, {one.name}" for one in MACHINES),
    )  # fmt: skip
    return f"The fits are off from what was measured by at most: {told}.\n\n{_table(names, lines)}"


def _bytes_per_document(rows: Rows) -> float:
    """Return how memory that is no file's grows with documents; of one size, what is beyond Python's own."""
    most = {n: max(row["anonymous_bytes"] for row in rows if row["documents"] == n) for n in _sizes(rows)}
    fewest, largest = min(most), max(most)
    if fewest == largest:
        return max(0.0, most[largest] - _OWN_BYTES) / largest
    return max(0.0, most[largest] - most[fewest]) / (largest - fewest)


def _sizes(rows: Rows) -> set[int]:
    """Return the numbers of documents."""
    return {row["documents"] for row in rows}


def _hours(hours: dict[str, float], machines: Machines) -> str:
    """Say how long the steps take on machines whose cores are those that were measured."""
    serial = sum(spent for step, spent in hours.items() if step in SERIAL)
    return f"{serial + (sum(hours.values()) - serial) / (machines.number * machines.cores):,.1f}"


def _table(names: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Write a table."""
    rows = [list(names), ["---"] * len(names), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
