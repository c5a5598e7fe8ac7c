"""The sentence that a curator needs: the rule, the number, the limit and the witness, for every method."""

import dataclasses
from typing import Any

from guyot.prune import Step, names_of
from guyot.prune.bounds import Bounds
from guyot.prune.density import Density
from guyot.prune.everything import Everything
from guyot.prune.exact import Exact
from guyot.prune.length import Length
from guyot.prune.minhash import MinHash
from guyot.prune.only_kinds import OnlyKinds
from guyot.prune.parses import Parses
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import NEVER, SemDeDup
from guyot.recipe import Recipe


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is known of a document's place in a mixture.

    row : of pruned_mixtures; signals, scores : its rows of quality_signals and cluster_scores
    kind : the document's; witness : that document's name, and whether the mixture keeps it
    """

    row: dict[str, Any]
    signals: dict[str, Any]
    scores: dict[str, Any]
    kind: str
    witness: str = ""
    witness_kept: bool = False


def sentence(recipe: Recipe, facts: Facts) -> str:
    """Say why a document was kept or dropped.

    Examples
    --------
    >>> row = {"kept": False, "step": "length", "reason": "long", "score": -900.0, "threshold": -800.0}
    >>> sentence(Recipe("short", (Length(),), 0.5), Facts(row, {}, {}, "python"))
    'it has 900 tokens; the longest that stayed has 800'
    """
    row = facts.row
    if row["step"] == "held_out":
        return "it is held out for evaluation, with its group; no recipe may train on it"
    names = names_of(recipe.steps)
    step = recipe.steps[names.index(row["step"]) if row["step"] in names else -1]
    return _kept(step, facts) if row["kept"] else _dropped(step, facts)


def _dropped(step: Step, facts: Facts) -> str:
    """Say why a step dropped it."""
    row = facts.row
    if row["reason"] == "lot" and not isinstance(step, Random):
        return (
            "it resembles nothing; the target asked for more than there are such documents, so it went by lot"
        )
    match step:
        case Exact():
            return f"it is a byte for byte copy of {facts.witness}"
        case MinHash():
            fate = "stays" if facts.witness_kept else "went itself"
            joined = _number(1 - row["score"])
            return (
                f"shared shingles link it to {facts.witness}, which {fate}; the pair that joined them has a "
                f"Jaccard similarity of {joined}, and {_number(step.jaccard)} was asked for"
            )
        case SemDeDup():
            return _near_duplicate(step, facts)
        case OnlyKinds():
            return f"its kind is {facts.kind}; the recipe takes {', '.join(step.kinds)}"
        case Parses():
            return "Python's own parser refuses it"
        case Bounds():
            measured = _number(facts.signals.get(step.signal))
            return f"its signal {step.signal} is {measured}; {_range(step)} is asked for"
        case _:
            return _compared(step, facts)


def _kept(step: Step, facts: Facts) -> str:
    """Say why the last step kept it."""
    score = facts.row["score"]
    match step:
        case Everything():
            return "everything is kept"
        case Exact():
            return "no document before it has the same bytes"
        case OnlyKinds() | Parses() | Bounds():
            return "it passed every filter"
        case MinHash():
            return "no document before it shares enough of its shingles"
        case SemDeDup():
            if score == NEVER:
                return "there is no document that it would have to differ from"
            return (
                f"its highest cosine to a document that ranks before it is {_number(1 - score)}; "
                f"those above {_limit(facts)} went"
            )
        case _:
            return _compared(step, facts)


def _near_duplicate(step: SemDeDup, facts: Facts) -> str:
    """Say of which document it is a near-duplicate, and how near."""
    cosine = _number(1 - facts.row["score"])
    fate = "stays" if facts.witness_kept else "went itself"
    if step.mode == "components":
        return (
            f"near-duplicates link it to {facts.witness}, which {fate}; the pair that joined them has cosine "
            f"{cosine}, and those above {_limit(facts)} count"
        )
    return (
        f"its cosine to {facts.witness}, which ranks before it and {fate}, is {cosine}; "
        f"documents above {_limit(facts)} went"
    )


def _limit(facts: Facts) -> str:
    """Return the cosine of the step's limit."""
    limit = facts.row["threshold"]
    return "every cosine" if limit is None else _number(1 - limit)


def _compared(step: Step, facts: Facts) -> str:
    """Put its number beside the limit."""
    score, limit = facts.row["score"], facts.row["threshold"]
    cluster = facts.scores.get("cluster")
    match step:
        case Random():
            return f"its lot is {_number(score)}; the lowest that stayed is {_number(limit)}"
        case Length():
            most = "longest" if step.drop == "longest" else "shortest"
            among = f" of kind {facts.kind}" if step.per_kind else ""
            size = _number(abs(score))
            return f"it has {size} {step.measure}; the {most} that stayed{among} has {_number(_size(limit))}"
        case Prototypes():
            nearest = "nearest" if step.keep == "hard" else "farthest"
            new = "its new centroid" if step.recluster else f"the centroid of its cluster {cluster}"
            among = "" if step.balance == "none" else f" of its {step.balance}"
            return (
                f"its cosine distance to {new} is {_number(abs(score))}; the {nearest} that stayed{among} "
                f"has {_number(_size(limit))}"
            )
        case Density():
            return (
                f"its cosine distance to the centroid of its cluster {cluster} is {_number(score)}; "
                f"the nearest that this cluster's quota kept has {_number(limit)}"
            )
        case SCIP():
            if facts.row["reason"] == "small_cluster":
                return (
                    f"its cluster {cluster} has {_number(facts.scores.get('cluster_size'))} documents; "
                    f"{_number(step.alpha)} of what goes goes from the smallest clusters up"
                )
            return (
                f"its cosine distance to the centroid of its cluster {cluster} is {_number(_size(score))}; "
                f"the farthest that stayed has {_number(_size(limit))}"
            )
        case _:
            return f"its score is {_number(score)}, the limit {_number(limit)}"


def _size(limit: float | None) -> float | None:
    """Return a limit without the sign that puts what stays first."""
    return None if limit is None else abs(limit)


def _range(step: Bounds) -> str:
    """Write the bounds."""
    least = [] if step.at_least is None else [f"at least {_number(step.at_least)}"]
    most = [] if step.at_most is None else [f"at most {_number(step.at_most)}"]
    return " and ".join(least + most)


def _number(value: float | None) -> str:
    """Write a number; whole ones with thousands apart."""
    if value is None:
        return "none"
    return f"{int(value):,}" if float(value).is_integer() else f"{value:.6g}"
