"""What the audits read: every column of the same document, and mixtures of one snapshot alone."""

import numpy as np
from support.lake import copy_of

from assets.audit.agreement import agreement
from assets.audit.inputs import mixtures_under_audit
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from guyot.prune import names_of


def test_columns_are_of_the_same_document(lake: LakeResources) -> None:
    found = mixtures_under_audit.load(agreement.reader(lake))
    assert found.recipes == tuple(BY_NAME)
    rows = {}
    for shard in lake.shards():
        for table in ("raw_shards", "quality_signals"):
            for row in lake.store.table(lake.store.required(table, shard)).to_pylist():
                rows.setdefault(row["doc_id"], {}).update(row)
    for table in ("cluster_scores", "minhash_scores"):
        for row in lake.store.table(lake.store.required(table)).to_pylist():
            rows[row["doc_id"]].update(row)
    cuts = {
        n: {r["doc_id"]: r for r in lake.store.table(m).to_pylist()}
        for n, m in mixtures_under_audit.mixtures(agreement.reader(lake)).items()
    }
    decided = [found.decisions(number) for number in range(len(found.recipes))]
    for at, doc_id in enumerate(i.decode() for i in found.ids):
        row = rows[doc_id]
        assert row["split"] == "train"
        assert (found.tokens[at], found.bytes[at]) == (row["tokens"], row["bytes"])
        groups = [g.names[g.group[at]] for g in found.groupings]
        assert groups[:2] == [row["kind"], row["source_path"].split("/")[0]]
        assert groups[3] == str(row["cluster"])
        assert np.isnan(found.scores["minhash_jaccard"][at]) == (row["jaccard"] is None)
        for number, name in enumerate(found.recipes):
            cut = cuts[name][doc_id]
            assert found.kept[number, at] == cut["kept"]
            steps = names_of(BY_NAME[name].steps)
            assert steps[decided[number].step[at]] == (steps[-1] if cut["kept"] else cut["step"])
            assert decided[number].score[at] == cut["score"]
    assert [found.recipes[n] for n in found.pruning] == [
        n for n in BY_NAME if not found.kept[found.recipes.index(n)].all()
    ]


def test_a_mixture_of_another_snapshot_is_left_out(lake: LakeResources, tmp_path) -> None:
    copy = copy_of(lake, tmp_path / "copy")
    live = copy.store.required("pruned_mixtures", "random")
    with copy.store.write("pruned_mixtures", "random", inputs={"a": "b"}, settings={}, code="") as writer:
        writer.table(copy.store.table(live))
        writer.facts |= {**live.facts, "snapshot": {}}
    assert "random" not in mixtures_under_audit.mixtures(agreement.reader(copy))
    assert "pruned_mixtures/random" not in agreement.spec(copy).inputs
