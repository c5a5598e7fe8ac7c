"""Costs of runs: documents that all runs were scored on alike, in order, with their groups."""

import numpy as np
import pyarrow as pa

from assets.graph.lake import LakeResources
from assets.train.comparing.run_costs import run_costs
from assets.train.leaderboard import leaderboard


def write(lake: LakeResources, key: str, documents: list[tuple[str, str, str, int, int, float]]) -> None:
    names = ("doc_id", "kind", "held_out_group", "bytes", "scored_bytes", "nats")
    with lake.store.write("evaluations", key, inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"run_id": [key]}))
        rows = [dict(zip(names, row, strict=True)) for row in documents]
        writer.table(pa.Table.from_pylist(rows), "documents.parquet")


def test_only_documents_that_all_runs_scored_alike_are_compared(changed) -> None:
    lake = changed()
    write(
        lake, "d4/10", [("c", "py", "g", 9, 8, 3.0), ("a", "md", "h", 5, 4, 1.0), ("b", "py", "h", 5, 4, 1.0)]
    )
    write(
        lake, "d4/2", [("b", "py", "h", 5, 3, 7.0), ("c", "py", "g", 9, 8, 4.0), ("a", "md", "h", 5, 4, 2.0)]
    )
    reader = leaderboard.reader(lake)
    manifests = [lake.store.required("evaluations", key) for key in ("d4/10", "d4/2")]
    found = run_costs(reader, manifests)
    assert found is not None
    assert found.seeds.tolist() == [2, 10]
    assert (found.ids.tolist(), found.kinds.tolist(), found.groups.tolist()) == (
        ["a", "c"],
        ["md", "py"],
        ["h", "g"],
    )
    assert (found.sizes.tolist(), found.scored_bytes.tolist()) == ([5, 9], [4, 8])
    assert found.nats.tolist() == [[2.0, 4.0], [1.0, 3.0]]
    whole = found.of(np.array([0, 1]))
    assert (whole.nats.tolist(), whole.scored_bytes.tolist()) == ([[4.0, 2.0], [3.0, 1.0]], [8, 4])
    assert {name: rows.tolist() for name, rows in found.slices().items()} == {
        "all": [0, 1], "short": [0], "long": [1], "kind md": [0], "kind py": [1]}  # fmt: skip


def test_the_clean_slice_is_without_the_documents_of_these_ids(changed) -> None:
    lake = changed()
    write(lake, "d4/0", [(n, "py", "g", 5, 4, 1.0) for n in "abcd"])
    found = run_costs(leaderboard.reader(lake), [lake.store.required("evaluations", "d4/0")])
    assert found is not None
    copies = np.array([b"b", b"d", b"z"], "S32")
    assert found.is_among(copies).tolist() == [False, True, False, True]
    assert found.slices(copies)["clean"].tolist() == [0, 2]
    assert found.slices(np.zeros(0, "S32"))["clean"].tolist() == [0, 1, 2, 3]
    for nothing in (None, found.ids.astype("S32")):
        assert "clean" not in found.slices(nothing)


def test_documents_are_shared_where_they_were_scored_alike(changed) -> None:
    lake = changed()
    write(
        lake, "d4/0", [("a", "py", "g", 5, 4, 1.0), ("b", "py", "g", 5, 4, 2.0), ("c", "py", "h", 5, 4, 4.0)]
    )
    write(
        lake,
        "random/0",
        [("b", "py", "g", 5, 4, 8.0), ("c", "py", "h", 5, 3, 16.0), ("d", "py", "h", 5, 4, 32.0)],
    )
    write(lake, "length/0", [("z", "py", "g", 5, 4, 8.0)])
    reader = leaderboard.reader(lake)
    one, other, apart = (
        run_costs(reader, [lake.store.required("evaluations", f"{name}/0")])
        for name in ("d4", "random", "length")
    )
    assert one
    assert other
    assert apart
    pair = one.shared_with(other, np.arange(3))
    assert pair is not None
    assert [side.nats.tolist() for side in pair] == [[[2.0]], [[8.0]]]
    assert one.shared_with(apart, np.arange(3)) is None
    assert (
        run_costs(reader, [lake.store.required("evaluations", f"{name}/0") for name in ("d4", "length")])
        is None
    )
