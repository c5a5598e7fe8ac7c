"""What single methods need of the graph: tables beside cluster_scores, warnings, and what stays uncovered."""

import numpy as np

from assets.graph.reader import TableReader
from guyot.cut import NO_WITNESS, Cut
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune.account import opposed
from guyot.prune.minhash import MinHash
from guyot.prune.modes import count_uncovered
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import NEVER, SemDeDup
from guyot.recipe import Recipe


def inputs_of(reader: TableReader, recipe: Recipe) -> dict[str, str]:
    """Return the contents that a recipe's mixture is made from, beside cluster_scores."""
    inputs: dict[str, str] = {}
    if any(isinstance(step, MinHash) for step in recipe.steps):
        inputs["minhash_scores"] = reader.required("minhash_scores").content
    if any(isinstance(step, SCIP) for step in recipe.steps):
        audit = reader.current("corruption_sensitivity")
        inputs["corruption_sensitivity"] = "" if audit is None else audit.content
    return inputs


def warnings(reader: TableReader, recipe: Recipe) -> list[str]:
    """Return what speaks against a recipe in this lake, a sentence each.

    Raises
    ------
    SettingError : a step refuses an encoder that is not sensitive to corruption, and this one is not.
    """
    found = [opposed(recipe)] if opposed(recipe) else []
    gates = [step.gate for step in recipe.steps if isinstance(step, SCIP)]
    if not gates:
        return found
    live = reader.current("corruption_sensitivity")
    audit = {"passes": None, "said": "that was not audited yet"} if live is None else live.facts
    if audit["passes"] is True:
        return found
    if "refuse" in gates:
        raise SettingError(
            f"scip refuses this encoder: {audit['said']}; choose another encoder, or gate='warn'"
        )
    return [*found, f"scip rests on an encoder that feels corruptions: {audit['said']}."]


def uncovered(documents: Documents, recipe: Recipe, cut: Cut) -> int | None:
    """Count what SemDeDup dropped with no document of the mixture near it; None where it is no step."""
    found = None
    for number, step in enumerate(recipe.steps):
        if isinstance(step, SemDeDup):
            dropped = (cut.step == number) & (cut.witness != NO_WITNESS)
            by_target = number == len(recipe.steps) - 1 and recipe.target_fraction is not None
            limit = None if by_target else step.duplicate_distance
            if limit is None:
                thresholds = cut.threshold[dropped]
                limit = float(np.where(np.isnan(thresholds), NEVER, thresholds).min(initial=np.inf))
            near = step.mode != "components"
            found = (found or 0) + count_uncovered(
                documents, dropped, cut.kept, cut.witness, 1 - limit, witness_is_near=near
            )
    return found
