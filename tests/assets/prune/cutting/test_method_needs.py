"""What methods need of the graph: the audit that SCIP asks for, and what SemDeDup leaves uncovered."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from support.corpus import some_documents
from support.lake import copy_of

from assets.graph.lake import Lake
from assets.graph.partitions import BY_NAME
from assets.prune.cutting import method_needs
from assets.prune.pruned_mixtures import pruned_mixtures
from guyot.cluster.kmeans import KMeansSettings
from guyot.errors import SettingError
from guyot.prune import prune
from guyot.prune.random import Random
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe


def test_uncovered_are_those_with_no_document_of_the_final_mixture_near() -> None:
    documents = some_documents(80)
    recipe = Recipe("two", (SemDeDup(duplicate_distance=0.3), Random()), 0.2)
    cut = prune(
        documents, recipe.steps, target_fraction=0.2, unit="documents", clustering=KMeansSettings(3, 4, 64, 0)
    )
    wide = documents.compared.vectors.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    near, dropped = wide @ wide.T > 1 - 0.3, cut.step == 0
    of_mixture, of_step = ((dropped & ~near[:, left].any(axis=1)).sum() for left in (cut.kept, cut.step != 0))
    assert of_step < of_mixture
    assert method_needs.uncovered(documents, recipe, cut) == of_mixture


def test_scip_says_what_the_audit_of_corruptions_says(lake: Lake, tmp_path: Path) -> None:
    recipe, audit = BY_NAME["scip"], lake.store.required("corruption_sensitivity")
    refusing = Recipe("strict", (SCIP(gate="refuse"),), 0.8)
    copy = copy_of(lake, tmp_path / "copy")
    reader = pruned_mixtures.reader(copy)
    for passes, said in ((True, ""), (False, "it feels nothing"), (None, "no Python")):
        with copy.store.write(
            "corruption_sensitivity", "all", inputs={"a": said}, settings={}, code=""
        ) as writer:
            writer.table(copy.store.table(audit))
            writer.facts |= {"passes": passes, "said": said}
        told = method_needs.warnings(reader, recipe)
        assert told == ([] if passes else [f"scip rests on an encoder that feels corruptions: {said}."])
        if passes:
            assert method_needs.warnings(reader, refusing) == []
        else:
            with pytest.raises(SettingError, match=f"scip refuses this encoder: {said}"):
                method_needs.warnings(reader, refusing)
    shutil.rmtree(Path(copy.store.path("corruption_sensitivity")))
    assert "not audited yet" in method_needs.warnings(reader, recipe)[0]
    assert pruned_mixtures.spec(copy, "scip").inputs["corruption_sensitivity"] == ""


def test_only_minhash_and_scip_are_made_from_more_than_cluster_scores(lake: Lake) -> None:
    reader = pruned_mixtures.reader(lake)
    found = {name: set(method_needs.inputs_of(reader, recipe)) for name, recipe in BY_NAME.items()}
    wanted = {"minhash": {"minhash_scores"}, "scip": {"corruption_sensitivity"}}
    assert found == {name: wanted.get(name, set()) for name in BY_NAME}
