"""Held-out documents with a copy in what compared recipes train on, so that these can be compared without."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.prune.kept.contaminated_records import are_of, contaminated_held_out
from resources.lake.manifest import Manifest

READS = (named("contamination_scores"), named("training_runs"), named("pruned_mixtures"))


@dataclasses.dataclass(frozen=True)
class ContaminatedDocuments:
    """Held-out documents that some compared recipe trains on a copy of.

    ids : S32[m], doc_ids, sorted: the union over the recipes for which it is known, so that all of these are
        compared on the same documents
    recipes : for which it is known
    unknown : for which recipes it is not, and why; empty where it is for all
    """

    ids: NDArray[np.bytes_]
    recipes: frozenset[str]
    unknown: str

    def of(self, recipe: str) -> NDArray[np.bytes_] | None:
        """Return the documents that a recipe is to be compared without; None where it is not known."""
        return self.ids if recipe in self.recipes else None


def contaminated_documents(
    reader: TableReader, evaluations: Mapping[str, Sequence[Manifest]]
) -> ContaminatedDocuments:
    """Find the held-out documents with a copy, by words, among what the recipes' runs were trained on.

    Parameters
    ----------
    reader : one that reads `READS`
    evaluations : versions of evaluations, by recipe

    Raises
    ------
    MissingError : the lake does not hold what a run consumed.

    Notes
    -----
    A leaderboard must not wait for scores: where there are none, or a recipe was trained on another snapshot
    than theirs, that recipe is left out and `unknown` says so.
    """
    none = np.zeros(0, "S32")
    scores = reader.current("contamination_scores")
    if scores is None:
        return ContaminatedDocuments(
            none, frozenset(), "the lake has no contamination_scores; materialize them and leaderboard"
        )
    mixtures = {recipe: _mixtures(reader, runs) for recipe, runs in evaluations.items()}
    known = {recipe for recipe, found in mixtures.items() if all(are_of(scores, one) for one in found)}
    compared = [one for recipe in mixtures if recipe in known for one in mixtures[recipe]]
    parts = [contaminated_held_out(reader, mixture) for mixture in compared]
    return ContaminatedDocuments(
        np.unique(np.concatenate([none, *parts])),
        frozenset(known),
        _unknown(scores, [recipe for recipe in mixtures if recipe not in known]),
    )


def _unknown(scores: Manifest, recipes: Sequence[str]) -> str:
    """Say for which recipes it is not known, and what to do; empty for none."""
    if not recipes:
        return ""
    several = "s" if len(recipes) > 1 else ""
    return (
        f"the mixtures that {', '.join(recipes)} trained on are of another snapshot than "
        f"contamination_scores {scores.version}; materialize training_runs and evaluations of "
        f"{len(recipes)} recipe{several} again"
    )


def _mixtures(reader: TableReader, evaluations: Sequence[Manifest]) -> list[Manifest]:
    """Return the mixtures, each once, that the runs of some evaluations were trained on."""
    found: dict[str, Manifest] = {}
    for evaluation in evaluations:
        recipe = evaluation.key.rpartition("/")[0]
        run = reader.pinned("training_runs", evaluation.key, evaluation.inputs["training_runs"])
        version = run.facts["mixture_version"]
        found[version] = found.get(version) or reader.pinned("pruned_mixtures", recipe, version)
    return list(found.values())
