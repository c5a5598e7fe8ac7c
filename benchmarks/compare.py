"""Guyot beside its peers: `python -m benchmarks.compare`, run by `make bench` and `make bench-full`.

Measures every comparison of benchmarks/comparisons and writes build/bench/results.json, then
docs/benchmarks.md
with its pictures. Stop it at any time: what was measured stays in results.json, and `--page` writes the
page of it.
"""

import argparse
import os
import sys
from pathlib import Path

from benchmarks.comparisons import encoding, minhash, near_duplicates, whole_tool
from benchmarks.measuring.child import Limits
from benchmarks.measuring.environments import BUILD, GUYOT, ROOT
from benchmarks.measuring.page import write_page
from benchmarks.measuring.plan import Comparison
from benchmarks.measuring.results import read
from benchmarks.measuring.rounds import Options, measure

FAMILIES = (near_duplicates, minhash, encoding, whole_tool)
ROUNDS = 5
_MEMORY_SHARE = 0.7  # of the machine's


def main() -> None:
    """Read the arguments, measure, and write the page."""
    options = _arguments()
    if options.page:
        write_page(read(options.results), options.to)
        return
    wanted = [_without_peers(one) if options.without_peers else one for one in _comparisons(options)]
    if not wanted:
        sys.exit(f"no comparison's name contains {options.only!r}; leave --only out to run all")
    limits = Limits(round(options.memory * 1e9), options.seconds, options.threads)
    work = BUILD / "bench" / "work" / str(os.getpid())
    plan = Options(options.size, options.minutes, options.rounds, limits, work, options.results)
    write_page(measure(wanted, plan, lambda line: print(line, flush=True)), options.to)  # noqa: T201
    sys.stdout.write(f"{options.to}\n")


def _arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9 * _MEMORY_SHARE
    parser.add_argument("--size", choices=["tiny", "small", "quick", "full"], default="quick")
    parser.add_argument("--minutes", type=float, default=10, help="after which no round begins; %(default)s")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="at most; %(default)s")
    parser.add_argument("--only", default="", help="comparisons whose name contains this")
    parser.add_argument("--without-peers", action="store_true", help="Guyot's own ways and the floors")
    parser.add_argument("--threads", type=int, default=0, help="for all libraries; 0: what each takes")
    parser.add_argument("--memory", type=float, default=memory, help="GB at which a way is ended")
    parser.add_argument("--seconds", type=float, default=1800, help="after which a way is ended")
    parser.add_argument("--results", type=Path, default=BUILD / "bench" / "results.json")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "benchmarks.md", help="the page")
    parser.add_argument("--page", action="store_true", help="measure nothing: write the page of --results")
    return parser.parse_args()


def _comparisons(options: argparse.Namespace) -> list[Comparison]:
    """List the comparisons that are asked for."""
    every = [comparison for family in FAMILIES for comparison in family.comparisons(options.size)]
    return [one for one in every if options.only.lower() in one.name.lower()]


def _without_peers(comparison: Comparison) -> Comparison:
    """Return a comparison with the ways that need no environment but Guyot's."""
    ways = tuple(way for way in comparison.ways if way.environment == GUYOT)
    return Comparison(**{**vars(comparison), "ways": ways})


if __name__ == "__main__":
    main()
