"""What an experiment found: told as a table, and on demand written as a record for docs/results.md."""

# ruff: noqa: T201  it prints

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from expectations import FAILED, HELD, NOT_SHOWN, REPORTED, Expectation

Plan = TypeVar("Plan")


@dataclass(frozen=True)
class Findings:
    """What was expected and what came of it.

    expectations : differences with their intervals
    identities : by claim, whether what must be exact was
    directions : by claim, whether what has no interval was as expected
    gate : the claim that everything hangs on, told first; none: no claim
    n_seeds : how often it was repeated
    picture : an Altair chart; none: nothing is drawn
    """

    expectations: list[Expectation] = field(default_factory=list)
    identities: dict[str, bool] = field(default_factory=dict)
    directions: dict[str, bool] = field(default_factory=dict)
    gate: str = ""
    n_seeds: int = 1
    picture: Any = None

    def rows(self) -> list[dict[str, str]]:
        """List every claim: what was expected, what was measured, and whether it held."""
        yes_or_no = [(self.identities, "exact"), (self.directions, "holds")]
        return [
            {
                "claim": claim,
                "expected": expected,
                "measured": "yes" if true else "no",
                "verdict": HELD if true else FAILED,
            }
            for claims, expected in yes_or_no
            for claim, true in claims.items()
        ] + [
            {
                "claim": each.claim,
                "expected": "" if each.direction == "any" else each.direction,
                "measured": each.text,
                "verdict": each.verdict,
            }
            for each in self.expectations
        ]

    def show(self) -> None:
        """Print the tables, and last a line that says what held."""
        width = max(len(row["claim"]) for row in self.rows())
        if self.identities:
            print(f"\n{'identity':<{width}}  exact?")
        for claim, true in self.identities.items():
            print(f"{claim:<{width}}  {'yes' if true else 'NO'}")
        if self.expectations:
            print(f"\n{'difference':<{width}}  expected  measured (95% interval)     held?")
        for each in self.expectations:
            print(f"{each.claim:<{width}}  {each.direction:8}  {each.text:26}  {each.verdict}")
        print(f"\n{'; '.join(self._summary())}.")

    def _summary(self) -> list[str]:
        """Say what the gate did, how many held, and which did not."""
        verdicts = {each.claim: each.verdict for each in self.expectations if each.verdict != REPORTED}
        verdicts |= {claim: HELD if held else FAILED for claim, held in self.directions.items()}
        told = [f"the gate, {self.gate}: {verdicts[self.gate]}"] if self.gate else []
        if self.identities:
            told.append(f"{sum(self.identities.values())} of {len(self.identities)} identities are exact")
        told.append(f"{list(verdicts.values()).count(HELD)} of {len(verdicts)} directions held")
        for verdict in (FAILED, NOT_SHOWN):
            claims = [claim for claim, found in verdicts.items() if found == verdict]
            told += [f"{len(claims)} {verdict}: {', '.join(claims)}"] if claims else []
        return told


def command(experiment: Callable[[Plan], Findings], full: Plan, quick: Plan) -> None:
    """Run an experiment from the command line.

    Parameters
    ----------
    experiment : measures, prints what it measured, and returns what it found
    full, quick : how much to measure; quick shows the way
    """
    asked = argparse.ArgumentParser()
    asked.add_argument("--quick", action="store_true", help="little: shows the way, proves nothing")
    asked.add_argument("--record", type=Path, help="a JSON file to write what was found to, with a picture")
    given = asked.parse_args()
    begun = time.perf_counter()
    found = experiment(quick if given.quick else full)
    found.show()
    if given.record:
        record = {"seconds": time.perf_counter() - begun, "n_seeds": found.n_seeds, "rows": found.rows()}
        given.record.write_text(json.dumps(record, indent=1))
        if found.picture is not None:
            found.picture.save(given.record.with_suffix(".svg"))
