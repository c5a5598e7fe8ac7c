"""Results of a benchmark: what each run took, kept as JSON, and the medians and ratios of them."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measuring.plan import Comparison


@dataclass(frozen=True)
class Run:
    """One run of a way. core_seconds and wall_seconds are of its work, process_... of the whole process.

    Work is from the input in memory to the result in memory, without imports; for a command it is the
    whole process. failure: empty, or why there is no result. score: what was found, by the comparison.
    """

    round: int
    core_seconds: float | None = None
    wall_seconds: float | None = None
    process_core_seconds: float | None = None
    process_wall_seconds: float | None = None
    peak_bytes: int | None = None
    load: float | None = None
    others_cores: float | None = None
    failure: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    score: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class WayResults:
    """The runs of a way, and what the page says of it; see `benchmarks.measuring.plan.Way`."""

    name: str
    slug: str
    role: str
    environment: str
    note: str
    runs: list[Run]


@dataclass(frozen=True)
class ComparisonResults:
    """The ways of a comparison, the first of them the reference; see
    `benchmarks.measuring.plan.Comparison`.
    """

    name: str
    slug: str
    title: str
    about: str
    documents: int
    fairness: list[str]
    ways: list[WayResults]


@dataclass(frozen=True)
class Results:
    """All that a benchmark measured; facts: size, time, machine, commit, threads."""

    facts: dict[str, Any]
    comparisons: list[ComparisonResults]

    def runs_of(self, comparison: str, way: str) -> list[Run]:
        """Return the list of runs of a way, to which more may be added."""
        (found,) = [one for one in self.comparisons if one.slug == comparison]
        return next(one.runs for one in found.ways if one.slug == way)


@dataclass(frozen=True)
class Row:
    """A way in figures: medians, and (least, most) of runs. ratio: core-seconds to those of the reference.

    Where the way failed, figures are None and failure says why.
    """

    way: WayResults
    n_runs: int
    core_seconds: float | None
    core_range: tuple[float, float] | None
    ratio: float | None
    ratio_range: tuple[float, float] | None
    wall_seconds: float | None
    process_core_seconds: float | None
    peak_bytes: float | None
    score: dict[str, float]
    failure: str


def new_results(facts: dict[str, Any], comparisons: Sequence[Comparison]) -> Results:
    """Begin results without a run."""
    return Results(
        facts,
        [
            ComparisonResults(
                one.name, one.slug, one.title, one.about, one.documents, list(one.fairness),
                [WayResults(way.name, way.slug, way.role, way.environment, way.note, []) for way in one.ways],
            )
            for one in comparisons
        ],
    )  # fmt: skip


def write(results: Results, path: Path) -> None:
    """Write results as JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".partial-{path.name}")
    beside.write_text(json.dumps(asdict(results), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    beside.replace(path)


def read(path: Path) -> Results:
    """Read results that were written."""
    found = json.loads(path.read_text(encoding="utf-8"))
    comparisons = []
    for one in found["comparisons"]:
        ways = [WayResults(**{**way, "runs": [Run(**run) for run in way["runs"]]}) for way in one["ways"]]
        comparisons.append(ComparisonResults(**{**one, "ways": ways}))
    return Results(found["facts"], comparisons)


def rows(comparison: ComparisonResults) -> list[Row]:
    """Summarize the ways of a comparison.

    A ratio is that of two runs of one round; where the reference was not run in that round, its median
    takes its place.
    """
    reference = {run.round: run.core_seconds for run in comparison.ways[0].runs if not run.failure}
    middle = statistics.median(reference.values()) if reference else None
    return [_row(way, reference, middle) for way in comparison.ways]


def _row(way: WayResults, reference: dict[int, float], middle: float | None) -> Row:
    """Summarize one way."""
    good = [run for run in way.runs if not run.failure]
    failure = next((run.failure for run in way.runs if run.failure), "" if good else "it was not run")
    if failure:  # a figure from the runs before it failed would be a score
        return Row(way, len(good), *[None] * 7, {}, failure)
    core = [run.core_seconds for run in good]
    ratios = [] if middle is None else [run.core_seconds / reference.get(run.round, middle) for run in good]
    named = sorted({name for run in good for name in run.score})
    return Row(
        way,
        len(good),
        statistics.median(core),
        (min(core), max(core)),
        statistics.median(ratios) if ratios else None,
        (min(ratios), max(ratios)) if ratios else None,
        *(_median(good, name) for name in ("wall_seconds", "process_core_seconds", "peak_bytes")),
        {name: statistics.median(run.score[name] for run in good if name in run.score) for name in named},
        "",
    )


def _median(runs: list[Run], name: str) -> float | None:
    """Return the median of a figure."""
    values = [value for run in runs if (value := getattr(run, name)) is not None]
    return statistics.median(values) if values else None
