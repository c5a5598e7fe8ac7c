"""The papers' experiments, and docs/results.md: `python -m benchmarks.reproduce`, or `make reproduce`.

Each script of examples/papers that has findings runs in a process of its own, as many at a time as there are
cores, one thread each. What was found stays in build/papers: an experiment that fails is listed as failed and
loses nothing else, `--only` measures single ones again, and `--page` writes the page alone.
"""

# ruff: noqa: T201  it prints

import argparse
import ast
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.measuring.environments import BUILD, ROOT
from benchmarks.measuring.machine import describe
from benchmarks.measuring.rounds import commit

PAPERS = ROOT / "examples" / "papers"
RECORDS = BUILD / "papers"
# in the order of the page; the longest are begun first
EXPERIMENTS = (
    "semdedup", "prototypes", "scaling", "d4", "d4_network", "density", "density_images", "scip", "brevity",
    "soups", "pug", "grounding", "blind_agents", "agent_curation", "memory_transplant",
)  # fmt: skip
LONGEST = (
    "blind_agents", "agent_curation", "memory_transplant", "d4_network", "density_images", "grounding", "pug",
    "scaling", "brevity",
)  # fmt: skip
_HELD, _FAILED = "held", "DID NOT HOLD"
_INTRODUCTION = """# Results

What the papers lead one to expect, what was measured here, and whether it held. `make reproduce` runs the
experiments of [examples/papers](../examples/papers) and writes this page; they read the Python files of this
machine, planted or synthetic data, handwritten digits, rendered scenes and mazes, so they say whether a
*direction* holds at a small scale, never that a paper's figure does.

- **held**: the whole 95% interval lies on the expected side. **not shown**: 0 lies in it. **DID NOT HOLD**:
  it lies on the other side. A line without an expectation is reported and not judged.
- Intervals are over seeds, and where files are scored over seeds and held-out packages; the table says how
  many seeds. An identity has to be exact, with every seed.
"""


def main() -> int:
    """Run what is asked for, and write the page; 1 if an experiment failed."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--quick", action="store_true", help="little data: shows the way, proves nothing")
    asked.add_argument("--only", nargs="+", choices=EXPERIMENTS, default=EXPERIMENTS, help="which")
    asked.add_argument("--page", action="store_true", help="run nothing: write the page of what was found")
    asked.add_argument("--records", type=Path, default=RECORDS, help="a folder for what was found")
    asked.add_argument("--to", type=Path, default=ROOT / "docs" / "results.md", help="the page")
    given = asked.parse_args()
    given.records.mkdir(parents=True, exist_ok=True)
    if not given.page:
        run_all(sorted(given.only, key=_begun_at), given.records, quick=given.quick)
    records = {name: read(name, given.records) for name in EXPERIMENTS}
    write_page({name: one for name, one in records.items() if one}, given.records, given.to)
    print(given.to)
    return int(any(one and one["failed"] for one in records.values()))


def _begun_at(name: str) -> int:
    """Return an experiment's place in the line."""
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def run_all(names: list[str], folder: Path, *, quick: bool) -> None:
    """Run experiments, as many at a time as there are cores, and say when each has ended."""
    begun, cores = time.perf_counter(), os.cpu_count() or 1
    with concurrent.futures.ThreadPoolExecutor(cores) as pool:
        running = {pool.submit(run, name, folder, quick=quick): name for name in names}
        for n_done, done in enumerate(concurrent.futures.as_completed(running), 1):
            found = done.result()
            told = "FAILED" if found["failed"] else f"{n_held(found)} of {n_judged(found)} held"
            print(f"{n_done} of {len(names)}: {running[done]}, {told}, {found['seconds']:.0f} s; "
                  f"{time.perf_counter() - begun:.0f} s in all", flush=True)  # fmt: skip


def run(name: str, folder: Path, *, quick: bool) -> dict[str, Any]:
    """Run one experiment in a process of one thread, and keep what it found and printed."""
    target = folder / f"{name}.json"
    target.unlink(missing_ok=True)
    command = [sys.executable, str(PAPERS / f"{name}.py"), "--record", str(target)]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    begun = time.perf_counter()
    done = subprocess.run(
        [*command, *(["--quick"] if quick else [])],
        capture_output=True, text=True, check=False, env=os.environ | threads,
    )  # fmt: skip
    found = {
        "failed": done.stderr.strip().splitlines()[-1:] if done.returncode else [],
        "seconds": time.perf_counter() - begun, "output": done.stdout, "quick": quick, "commit": commit(),
        "machine": describe(), "rows": [], "n_seeds": 0,
    }  # fmt: skip
    if not done.returncode:
        recorded = json.loads(target.read_text())
        found |= {"rows": recorded["rows"], "n_seeds": recorded["n_seeds"]}
    target.write_text(json.dumps(found, indent=1))
    return found


def read(name: str, folder: Path) -> dict[str, Any] | None:
    """Read what an experiment found; None: it was never run."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else None


def n_judged(found: dict[str, Any]) -> int:
    """Count the claims with an expectation."""
    return sum(bool(row["expected"]) for row in found["rows"])


def n_held(found: dict[str, Any]) -> int:
    """Count the claims that held."""
    return sum(row["verdict"] == _HELD for row in found["rows"])


def write_page(records: dict[str, dict[str, Any]], folder: Path, page: Path) -> None:
    """Write the page, and its pictures into a folder of its name."""
    pictures = page.with_suffix("")
    shutil.rmtree(pictures, ignore_errors=True)
    parts = [_INTRODUCTION, *_in_short(records)]
    for name, found in records.items():
        drawn = folder / f"{name}.svg"
        if drawn.is_file() and not found["failed"]:
            pictures.mkdir(exist_ok=True)
            shutil.copyfile(drawn, pictures / drawn.name)
        parts += _section(name, found, f"{pictures.name}/{drawn.name}" if drawn.is_file() else "")
    page.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _in_short(records: dict[str, dict[str, Any]]) -> list[str]:
    """Say which machine it was, count verdicts by experiment, and list what did not hold."""
    found = next(iter(records.values()))
    machine = found["machine"]
    sets = ", ".join(machine["instruction_sets"]) or "none of AVX2, AVX512 and AMX"
    lines = [
        "## In short", "",
        f"{machine['processor']}, {machine['cores']} cores, {sets}; Python {machine['python']}, commit "
        f"{found['commit']}. Seconds are of each experiment, in a process of one thread with others beside.",
        "",
        "| experiment | seeds | held | not shown | did not hold | seconds |",
        "|---|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    for name, one in records.items():
        held, failed = n_held(one), sum(row["verdict"] == _FAILED for row in one["rows"])
        counts = f"{held} of {n_judged(one)} | {n_judged(one) - held - failed} | {failed}"
        shown = "failed | | " if one["failed"] else counts
        note = " (quick)" if one["quick"] else ""
        lines.append(f"| [{name}](#{name}){note} | {one['n_seeds']} | {shown} | {one['seconds']:.0f} |")
    return [*lines, ""]


def _section(name: str, found: dict[str, Any], drawn: str) -> list[str]:
    """Write one experiment: what it does, its table, its picture, and what it printed."""
    title, *about = (ast.get_docstring(ast.parse((PAPERS / f"{name}.py").read_text())) or name).split("\n\n")
    lines = [f"## {name}", "", f"**{title}**", ""]
    lines += [part + "\n" for part in about if not part.lstrip().startswith("python ")]
    if found["failed"]:
        return [*lines, f"It failed: `{' '.join(found['failed'])}`", ""]
    lines += ["| claim | expected | measured | |", "|---|---|---:|---|"]
    for row in found["rows"]:
        verdict = f"**{_FAILED}**" if row["verdict"] == _FAILED else row["verdict"]
        cells = (row["claim"].replace("|", "\\|"), row["expected"], row["measured"], verdict)
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", f"![{title}]({drawn})"] if drawn else []
    told = found["output"].strip().replace("```", "'''")
    return [
        *lines,
        "",
        "<details><summary>What it printed</summary>",
        "",
        "```",
        told,
        "```",
        "",
        "</details>",
        "",
    ]


if __name__ == "__main__":
    sys.exit(main())
