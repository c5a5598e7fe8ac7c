"""docs/benchmarks.md and its pictures, from results alone."""

import shutil
import statistics
from pathlib import Path

from benchmarks.measuring.findings import ahead, behind, failed, in_short
from benchmarks.measuring.pictures import picture, write_svg
from benchmarks.measuring.results import ComparisonResults, Results, Row, rows, write

FIGURES = {
    "recall": ("recall", "{:.4f}"),
    "precision": ("precision", "{:.3f}"),
    "dropped": ("dropped", "{:,.0f}"),
    "mean_cosine": ("mean cosine", "{:.6f}"),
    "least_cosine": ("least cosine", "{:.6f}"),
}

_QUIET_CORES = 0.3  # of other work beside
_SMALL = ("tiny", "small")

_INTRODUCTION = """# Benchmarks

Guyot beside the tools that do the same work, and beside the bare arithmetic. `make bench` measures and
writes this page; the figures of
every run are in [benchmarks/results.json](benchmarks/results.json), from which the page can be written
again without measuring.

## What is measured

- **Core-seconds**: user and system time of all threads and child processes. On a machine that does other
work too they are disturbed least,
  though not undisturbed: threads that wait for a core spin, caches are shared. They are what a machine's
  time costs; wall
  seconds say how well a tool uses several cores, and stand beside them.
- **The work**: from the input in memory to the result in memory, without starting Python and importing. Of
a command, and of the whole
  tool, everything counts. The column "whole process" has start, imports and reading too.
- **Ratios** are of core-seconds to those of the first row, run by run of the same round; above 1 is slower
than Guyot.
- **Recall** is of near-duplicates that are known beforehand: planted ones, or all pairs found by an exact
method that is not Guyot's.
  A fast tool that misses much has not done the work, so read both columns.
- **Memory**: the most that was resident, of one process or of all together, input and libraries included.
- Every run is a fresh process on the same files. The ways take turns, round by round, so that a busy minute
does not fall on one of
  them; a way that takes long is run once in the short benchmark. n says how often; a median stands with the
  least and the most.
- Threads are what each tool takes by itself on this machine, unless it says otherwise below.
- A way that fails, or is ended at the limit of memory or time, is listed as failed and has no figures.
"""

_REPEAT = """## Repeat it

```sh
make bench        # about ten minutes of measuring on two cores
make bench-full   # up to a million vectors; hours
```

The first time, the peers are installed into environments of their own under `build/` and the inputs are
made, which is not part of those
minutes: the project's own environment and lock know nothing of them. Versions are pinned in
`benchmarks/requirements/`.
`.venv/bin/python -m benchmarks.compare --help` has the options: the minutes, the limits of memory and time,
the number of threads, single
comparisons by a part of their name, and `--page`, which writes this page from the results and measures
nothing.
A comparison is a file in `benchmarks/comparisons/`, a way of doing the work a file in `benchmarks/ways/`:
if one is unfair to your tool,
that is where to see and to say so.
"""


def write_page(results: Results, page: Path) -> None:
    """Write the page, and beside it in a folder of its name the pictures and the results."""
    folder = page.with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)
    sections = []
    for place, comparison in enumerate(results.comparisons):
        specification = picture(comparison)
        if specification:
            write_svg(specification, folder / f"{comparison.slug}.svg")
        sections.append(_section(comparison, folder.name if specification else ""))
        after = results.comparisons[place + 1 : place + 2]
        if not after or after[0].fairness != comparison.fairness:  # said once for several of a kind
            told = "".join(f"- {one}\n" for one in comparison.fairness)
            sections.append(f"What favours whom:\n\n{told}")
    write(results, folder / "results.json")
    parts = [_INTRODUCTION, _this_run(results), _in_short(results), *sections, _REPEAT]
    page.write_text("\n".join(parts), encoding="utf-8")


def _this_run(results: Results) -> str:
    """Describe the machine, the load and the settings."""
    facts, machine = results.facts, results.facts["machine"]
    runs = [
        run for one in results.comparisons for way in one.ways for run in way.runs if run.load is not None
    ]
    sets = ", ".join(machine["instruction_sets"]) or "none of AVX2, AVX512 and AMX"
    threads = f"{facts['threads']} each, set from outside" if facts["threads"] else "each tool's own choice"
    lines = [
        "## This run",
        "",
        f"- Machine: {machine['processor']} (family {machine['family']}), {machine['cores']} cores, {sets}; "
        f"{machine['memory_bytes'] / 1e9:.0f} GB; {machine['system']}, Python {machine['python']}.",
        f"- Begun {facts['begun']}, commit {facts['commit']}, size `{facts['size']}`, a budget of "
        f"{facts['minutes']:g} minutes; threads: {threads}.",
    ]
    if runs:
        loads, others = [run.load for run in runs], [run.others_cores for run in runs]
        lines.append(
            f"- Other work beside: {statistics.median(others):.2f} cores while a way ran (median; at most "
            f"{max(others):.2f}); "
            f"load before a run {statistics.median(loads):.1f} (median; at most {max(loads):.1f})."
        )
        if statistics.median(others) > _QUIET_CORES:
            lines.append(
                "- **This machine was busy.** Core-seconds are then up to some tens of percent too high, "
                "wall seconds "
                "are meaningless, and near ties are undecided: measure again on a quiet machine before "
                "quoting a figure."
            )
    if facts["size"] in _SMALL:
        lines.append(
            "- **The inputs are small**, to see that everything works: what a tool does once weighs more "
            "than in real "
            "use, and what grows with the square of the documents weighs less. `make bench` has larger ones."
        )
    versions = {
        f"{name} {version}"
        for one in results.comparisons for way in one.ways for run in way.runs
        for name, version in run.versions.items()
    }  # fmt: skip
    return "\n".join([*lines, f"- Versions: {', '.join(sorted(versions))}.", ""])


def _in_short(results: Results) -> str:
    """Put Guyot beside the fastest other, and say plainly where it is behind and what failed."""
    lines = [
        "## In short",
        "",
        "| work | Guyot, core-seconds | fastest other tool | its core-seconds to Guyot's | recall, Guyot "
        "and other |",
    ]
    lines += ["|---|---:|---|---:|---:|", *in_short(results), ""]
    for title, found in (("Ahead", ahead(results)), ("Behind", behind(results)), ("Failed", failed(results))):
        lines += [f"**{title}.**", "", *(f"- {one}" for one in found or ["Nothing."]), ""]
    return "\n".join(lines)


def _section(comparison: ComparisonResults, folder: str) -> str:
    """Write a comparison: its table, its picture, and what favours whom."""
    found = rows(comparison)
    names = [name for name in FIGURES if any(name in row.score for row in found)]
    titles = ["", "n", "core-seconds", "to Guyot's", "documents per core-second", "wall s"]
    titles += [*(FIGURES[name][0] for name in names), "memory, GB", "whole process"]
    lines = [f"## {comparison.title}", "", comparison.about, "", f"| {' | '.join(titles)} |"]
    lines += [f"|---|{'---:|' * (len(titles) - 1)}"]
    lines += [f"| {' | '.join(_cells(row, comparison, names, len(titles)))} |" for row in found]
    if folder:
        lines += [
            "",
            f"![Core-seconds of {comparison.name} as multiples of Guyot's]({folder}/{comparison.slug}.svg)",
        ]
    return "\n".join([*lines, ""])


def _cells(row: Row, comparison: ComparisonResults, names: list[str], count: int) -> list[str]:
    """Write a row of a comparison's table."""
    if row.core_seconds is None:
        return [row.way.name, str(row.n_runs), "failed", *[""] * (count - 3)]
    spread = _spread(row.core_seconds, row.core_range, row.n_runs)
    ratio = "" if row.ratio is None else _spread(row.ratio, row.ratio_range, row.n_runs)
    rate = "" if row.way.role == "floor" else f"{comparison.documents / row.core_seconds:,.0f}"
    figures = [FIGURES[name][1].format(row.score[name]) if name in row.score else "" for name in names]
    rest = [f"{row.peak_bytes / 1e9:.2f}", f"{row.process_core_seconds:,.1f}"]
    return [row.way.name, str(row.n_runs), spread, ratio, rate, f"{row.wall_seconds:,.1f}", *figures, *rest]


def _spread(middle: float, spread: tuple[float, float] | None, n_runs: int) -> str:
    """Write a median with the least and the most, where there are several runs."""
    if n_runs < 2 or spread is None:
        return f"{middle:.2f}"
    return f"{middle:.2f} ({spread[0]:.2f} to {spread[1]:.2f})"
