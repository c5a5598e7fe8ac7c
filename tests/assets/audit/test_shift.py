"""Shift of a lake's mixtures: every group of every grouping, and a check that sees what vanished."""

import pyarrow as pa
import pytest
from support.lake import copy_of

from assets.audit.inputs import mixtures_under_audit
from assets.audit.shift import DIVERGENCES, GROUPS, no_group_vanishes, shift
from assets.graph.lake import LakeResources


def test_groups_add_up_to_the_mixture(lake: LakeResources) -> None:
    found = mixtures_under_audit.load(shift.reader(lake))
    manifest = lake.store.required("shift")
    rows = lake.store.table(manifest).to_pylist()
    for number, name in enumerate(found.recipes):
        for grouping in found.groupings:
            mine = [row for row in rows if (row["recipe"], row["grouping"]) == (name, grouping.name)]
            assert [row["group_name"] for row in mine] == list(grouping.names)
            assert sum(row["documents"] for row in mine) == len(found.ids)
            assert sum(row["tokens_kept"] for row in mine) == found.tokens[found.kept[number]].sum()
            assert sum(row["share_kept"] for row in mine) == pytest.approx(1)
    told = {(r["recipe"], r["grouping"]): r for r in lake.store.table(manifest, DIVERGENCES.file).to_pylist()}
    assert told["everything", "kind"]["divergence"] == 0
    assert told["length", "length decile"]["divergence"] > told["random", "length decile"]["divergence"]


def test_the_check_names_what_vanished(lake: LakeResources, tmp_path) -> None:
    copy = copy_of(lake, tmp_path / "copy")
    live = copy.store.required("shift")
    rows = copy.store.table(live).to_pylist()
    gone = next(i for i, row in enumerate(rows) if row["grouping"] == "kind" and row["recipe"] == "random")
    rows[gone]["vanished"] = True
    with copy.store.write("shift", "all", inputs={"a": "b"}, settings={}, code="") as writer:
        writer.table(pa.Table.from_pylist(rows, GROUPS.schema))
    told = no_group_vanishes.result(copy)
    assert not told.passed
    assert f"random: kind {rows[gone]['group_name']}" in told.description
