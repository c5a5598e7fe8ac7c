"""The rounds of a benchmark: every way of every comparison in turn, each in a fresh process, until time is
up.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import machine
from benchmarks.measuring.child import Limits, environment, run
from benchmarks.measuring.environments import ROOT, NotSetUpError, python_of
from benchmarks.measuring.inputs import NoInputError, input_of
from benchmarks.measuring.plan import Comparison, Way
from benchmarks.measuring.results import Results, Run, new_results, write

_LARGE_PART = 0.05  # of the time: a way that takes more of it is run once
OnMessage = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What is asked for: time that measuring may take (the first round is made in any case), rounds,
    limits.
    """

    size: str
    minutes: float
    rounds: int
    limits: Limits
    work_folder: Path
    results_file: Path


def measure(comparisons: Sequence[Comparison], options: Options, on_message: OnMessage) -> Results:
    """Make environments and inputs, then measure; the results are written after each round of a comparison.

    A way that fails is recorded with the reason and never scored, and is not tried again.
    """
    facts = {
        "size": options.size,
        "minutes": options.minutes,
        "threads": options.limits.threads,
        "begun": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine.describe(),
    }
    results = new_results(facts, comparisons)
    pythons = _environments(comparisons, on_message)
    inputs = _inputs(comparisons, on_message)
    spent = 0.0
    for number in range(options.rounds):
        for comparison in comparisons:
            ways = [way for way in comparison.ways if _is_due(results, comparison, way, options, spent)]
            done = _Round(comparison, inputs[comparison.slug], pythons, options, number)
            for way in ways:
                found = done.run(way)
                spent += found.process_wall_seconds or 0.0
                results.runs_of(comparison.slug, way.slug).append(found)
                on_message(
                    f"{spent:6.0f} s  round {number + 1}  {comparison.name}: {way.name}: {_message(found)}"
                )
            done.score(ways, results)
            write(results, options.results_file)
    shutil.rmtree(options.work_folder, ignore_errors=True)
    return results


@dataclass(frozen=True)
class _Round:
    """One round of a comparison."""

    comparison: Comparison
    input: Path | str  # or why there is none
    pythons: dict[str, Path | str]
    options: Options
    number: int

    def run(self, way: Way) -> Run:
        """Run a way in a fresh process, and read what its work took."""
        python = self.pythons[way.environment]
        for missing in (python, self.input):
            if isinstance(missing, str):
                return Run(self.number, failure=missing)
        output = self._folder / way.slug
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir(parents=True)
        command = [str(python), "-m", way.module, str(self.input), str(output), *way.arguments]
        took = run(command, self.options.results_file.with_name(f"{way.slug}.log"), self.options.limits)
        process = {f"process_{name}": getattr(took, name) for name in ("core_seconds", "wall_seconds")}
        rest = {name: getattr(took, name) for name in ("peak_bytes", "load", "others_cores", "failure")}
        work = output / "work.json"
        if took.failure or not work.is_file():
            return Run(
                self.number, **process, **{**rest, "failure": took.failure or "it did not say what it took"}
            )
        return Run(self.number, **process, **rest, **json.loads(work.read_text()))

    def score(self, ways: list[Way], results: Results) -> None:
        """Judge what the ways of this round found; one that cannot be judged has failed."""
        for way in ways:
            runs = results.runs_of(self.comparison.slug, way.slug)
            if way.role == "floor" or runs[-1].failure:
                continue
            module, *arguments = self.comparison.score
            command = [sys.executable, "-m", module, str(self.input), str(self._folder), way.slug, *arguments]
            judged = subprocess.run(
                command, cwd=ROOT, env=environment(0), capture_output=True, text=True, check=False
            )
            if judged.returncode:
                why = (judged.stderr.strip() or "it printed nothing").splitlines()[-1]
                runs[-1] = Run(**{**asdict(runs[-1]), "failure": f"its result cannot be judged: {why}"})
            else:
                runs[-1] = Run(**{**asdict(runs[-1]), "score": json.loads(judged.stdout)})

    @property
    def _folder(self) -> Path:
        """Return where the results of this comparison lie until the benchmark ends."""
        return self.options.work_folder / self.comparison.slug


def _is_due(results: Results, comparison: Comparison, way: Way, options: Options, spent: float) -> bool:
    """Return whether a way is to be run in this round."""
    before = results.runs_of(comparison.slug, way.slug)
    if not before:
        return True
    last = before[-1].process_wall_seconds or 0.0
    seconds = options.minutes * 60
    return not before[-1].failure and last <= _LARGE_PART * seconds and spent + last <= seconds


def _environments(comparisons: Sequence[Comparison], on_message: OnMessage) -> dict[str, Path | str]:
    """Make the environments that are asked for; one that cannot be made is the reason for its ways'
    failure.
    """
    found: dict[str, Path | str] = {}
    for name in sorted({way.environment for comparison in comparisons for way in comparison.ways}):
        on_message(f"environment {name}")
        try:
            found[name] = python_of(name)
        except NotSetUpError as error:
            found[name] = f"not installed: {error}"
            on_message(str(found[name]))
    return found


def _inputs(comparisons: Sequence[Comparison], on_message: OnMessage) -> dict[str, Path | str]:
    """Make the inputs; where one cannot be made, its comparison fails."""
    found: dict[str, Path | str] = {}
    for comparison in comparisons:
        on_message(f"input {' '.join(comparison.prepare)}")
        try:
            found[comparison.slug] = input_of(comparison.prepare)
        except NoInputError as error:
            found[comparison.slug] = f"no input: {error}"
            on_message(str(found[comparison.slug]))
    return found


def _message(found: Run) -> str:
    """Say what a run took, or why it failed."""
    return f"FAILED, {found.failure}" if found.failure else f"{found.core_seconds:.2f} core-seconds"


def commit() -> str:
    """Name the commit of this checkout, and whether files differ from it."""
    options = {"cwd": ROOT, "capture_output": True, "text": True, "check": False}
    name = subprocess.run(["git", "rev-parse", "--short", "HEAD"], **options).stdout.strip() or "unknown"
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"], **options
    ).stdout.strip()
    return f"{name} with changes" if changed else name
