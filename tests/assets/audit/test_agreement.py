"""Agreement of a lake's recipes: counts as sets have them, and examples of what one alone drops."""

from assets.audit.agreement import ALONE, EXAMPLES, N_EXAMPLES, agreement
from assets.audit.inputs import mixtures_under_audit
from assets.graph.lake import LakeResources


def test_pairs_and_what_each_alone_drops(lake: LakeResources) -> None:
    found = mixtures_under_audit.load(agreement.reader(lake))
    manifest = lake.store.required("agreement")
    names = [found.recipes[number] for number in found.pruning]
    dropped = {n: set(found.ids[~found.kept[found.recipes.index(n)]].tolist()) for n in names}
    rows = lake.store.table(manifest).to_pylist()
    assert len(rows) == len(names) ** 2
    for row in rows:
        one, other = dropped[row["recipe"]], dropped[row["other"]]
        assert (row["dropped_both"], row["dropped_either"]) == (len(one & other), len(one | other))
    alone = {n: s - set().union(*(o for m, o in dropped.items() if m != n)) for n, s in dropped.items()}
    told = lake.store.table(manifest, ALONE.file).to_pylist()
    for name in names:
        for grouping in ("kind", "source", "length decile", "cluster"):
            mine = [row for row in told if (row["recipe"], row["grouping"]) == (name, grouping)]
            assert sum(row["documents"] for row in mine) == len(alone[name])
    examples = lake.store.table(manifest, EXAMPLES.file).to_pylist()
    for name in names:
        mine = [row for row in examples if row["recipe"] == name]
        assert {row["doc_id"].encode() for row in mine} <= alone[name]
        assert len(mine) == min(N_EXAMPLES, len(alone[name]))
        number = found.recipes.index(name)
        at = [found.ids.tolist().index(row["doc_id"].encode()) for row in mine]
        decisions = found.decisions(number)
        told = [(decisions.step[i], row["score"]) for i, row in zip(at, mine, strict=True)]
        assert told == sorted(told)
        assert [row["score"] for row in mine] == decisions.score[at].tolist()
    assert any(alone.values())
