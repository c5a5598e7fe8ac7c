"""A mixture's rows: a cut and the held-out documents, by doc_id, in batches of any size."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from support.lake import lake_at

from assets.graph.doc_ids import packed
from assets.graph.reader import TableReader
from assets.prune.cutting import mixture_rows
from guyot.cut import Cut
from resources.lake.manifest import WHOLE


def some_cut(n: int) -> Cut:
    rows = np.arange(n)
    kept = rows % 3 == 0
    return Cut(
        kept=kept,
        step=np.where(kept, -1, rows % 2).astype(np.int16),
        score=np.where(rows % 5 == 0, np.nan, rows / 2),
        threshold=np.where(rows % 4 == 0, np.nan, 7.0),
        witness=np.where(kept, -1, rows // 3 * 3),
        reason=np.where(kept, -1, rows % 2 + 1).astype(np.int16),
        steps=("one", "two"),
        reasons=("random", "first", "second"),
    )


@pytest.mark.parametrize("rows_at_once", [1, 2, 5, 100])
@pytest.mark.parametrize("held_out", [(), (0,), (11,), (0, 1, 2), (4, 5, 9), tuple(range(12))])
def test_they_are_laid_out_by_doc_id(
    held_out: tuple[int, ...], rows_at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixture_rows, "_ROWS_AT_ONCE", rows_at_once)
    lake = lake_at(tmp_path, tmp_path)
    names = np.array([f"{number:032x}" for number in range(12)], "S32")
    is_held_out = np.isin(np.arange(12), held_out)
    ids = names[~is_held_out]
    cut = some_cut(len(ids))
    with lake.store.write("pruned_mixtures", WHOLE, inputs={}, settings={}, code="") as writer:
        mixture_rows.write(writer, cut, packed(ids), packed(names[is_held_out]))
    manifest = lake.store.required("pruned_mixtures")
    rows = lake.store.table(manifest).to_pylist()
    assert [row["doc_id"].encode() for row in rows] == names.tolist()
    own = [row for row in rows if row["step"] != "held_out"]
    for number, row in enumerate(own):
        kept = bool(cut.kept[number])
        assert row["kept"] == kept
        assert row["step"] == (None if kept else cut.steps[cut.step[number]])
        assert row["reason"] == (None if kept else cut.reasons[cut.reason[number]])
        for name, value in (("score", cut.score[number]), ("threshold", cut.threshold[number])):
            assert row[name] == (None if np.isnan(value) else value)
        assert row["witness"] == (None if kept else ids[cut.witness[number]].decode())
    others = [row for row in rows if row["step"] == "held_out"]
    assert len(others) == len(held_out)
    for row in others:
        found = (row["kept"], row["reason"], row["score"], row["threshold"], row["witness"])
        assert found == (False, "held_out", None, None, None)
    counts = mixture_rows.count(TableReader(lake.store, "test", frozenset({"pruned_mixtures"})), manifest)
    assert counts == mixture_rows.MixtureCounts(12, int(cut.kept.sum()), 12, 0)


def test_what_is_there_twice_or_lacks_a_reason_is_counted(tmp_path: Path) -> None:
    lake = lake_at(tmp_path, tmp_path)
    row = {"doc_id": "a" * 32, "kept": False, "step": "one", "reason": None}
    table = pa.Table.from_pylist(
        [row, row, {**row, "kept": True, "step": None}], mixture_rows.MIXTURES.schema
    )
    with lake.store.write("pruned_mixtures", WHOLE, inputs={}, settings={}, code="") as writer:
        writer.table(table)
    reader = TableReader(lake.store, "test", frozenset({"pruned_mixtures"}))
    counts = mixture_rows.count(reader, lake.store.required("pruned_mixtures"))
    assert counts == mixture_rows.MixtureCounts(rows=3, kept=1, ascending=1, unexplained=2)
