"""Length confound of a lake: the recipe by length follows it wholly, and hexagons count every document."""

import numpy as np
import pytest

from assets.audit.inputs import mixtures_under_audit
from assets.audit.length_confound import HEXAGONS, confounded, length_confound, scores_are_not_lengths
from assets.graph.lake import LakeResources
from guyot.audit.length_confound import stratified


def test_every_score_and_mixture_has_its_row(lake: LakeResources) -> None:
    found = mixtures_under_audit.load(length_confound.reader(lake))
    rows = lake.store.table(lake.store.required("length_confound")).to_pylist()
    assert [row["name"] for row in rows] == [*found.scores, *found.recipes]
    by_name = {row["name"]: row for row in rows if row["subject"] == "mixture"}
    assert by_name["length"]["spearman_tokens"] == pytest.approx(-1)
    assert by_name["everything"]["spearman_tokens"] is None
    assert by_name["everything"]["median_tokens_dropped"] is None
    for name in ("random", "prototypes", "length"):
        row, kept = by_name[name], found.kept[found.recipes.index(name)]
        assert row["median_tokens_kept"] == np.median(found.tokens[kept])
        assert row["mean_tokens_dropped"] == found.tokens[~kept].mean()
        again = stratified(found.decisions(found.recipes.index(name)).place, kept, found.tokens)
        assert row["jaccard_dropped_within_deciles"] == again.dropped
        assert row["tokens_kept_within_deciles"] == again.tokens
    assert all(by_name[found.recipes[n]]["jaccard_kept_within_deciles"] is not None for n in found.pruning)


def test_hexagons_hold_all_that_have_the_score(lake: LakeResources) -> None:
    manifest = lake.store.required("length_confound")
    counted: dict[str, int] = {}
    for cell in lake.store.table(manifest, HEXAGONS.file).to_pylist():
        counted[cell["name"]] = counted.get(cell["name"], 0) + cell["documents"]
    wanted = {
        n: int((~np.isnan(v)).sum())
        for n, v in mixtures_under_audit.load(length_confound.reader(lake)).scores.items()
    }
    assert counted == {name: count for name, count in wanted.items() if count}


def test_the_check_tells_what_is_past_the_threshold(lake: LakeResources) -> None:
    rows = [
        {"subject": "mixture", "name": "length", "spearman_tokens": -1.0},
        {"subject": "score", "name": "distance", "spearman_tokens": -0.6},
        {"subject": "mixture", "name": "random", "spearman_tokens": 0.1},
        {"subject": "mixture", "name": "lengthy", "spearman_tokens": 0.9},
        {"subject": "mixture", "name": "everything", "spearman_tokens": None},
    ]
    assert [row["name"] for row in confounded(rows, 0.5)] == ["distance", "lengthy"]
    for threshold, passes in ((0.0, False), (1.0, True)):
        settings = lake.settings.changed(**{"audit.length_confound_threshold": threshold})
        assert scores_are_not_lengths.result(LakeResources(settings)).passed == passes
    assert length_confound.spec(lake).is_live(lake.store)
