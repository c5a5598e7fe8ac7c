"""A snapshot of before a withdrawal is refused, one of after it is not."""

from pathlib import Path

import pytest
from support.lake import build_lake, copy_of, graph_lake, reader_of

from assets.graph.snapshot import snapshot_of
from assets.ingest.listing import withdrawals
from assets.ingest.listing.withdrawals import TEXT, Withdrawal
from assets.ingest.shard_registry import record_withdrawals
from assets.prune.cutting.obeyed_withdrawals import require_obeyed
from guyot.errors import MissingError


def test_shards_that_a_withdrawal_names_must_be_younger(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    lake = copy_of(graph_lake(tmp_path_factory), tmp_path / "lake")
    snapshot = snapshot_of(lake.store.required("cluster_scores"))
    require_obeyed(reader_of(lake), snapshot)
    first, second, *others = lake.shards()
    (row, *_) = lake.store.table(lake.store.required("raw_shards", second)).to_pylist()
    names = ("source_path", "record_key", "doc_id", "content_digest")
    rows = ({"kind": TEXT, **{name: row[name] for name in names}},)
    withdrawals.write(lake.store, Withdrawal(rows, "why", "who", "now", shards=(second, "shard-00099")))
    record_withdrawals(lake)
    with pytest.raises(
        MissingError, match=rf"1 of its {len(others) + 2} shards are older than a withdrawal \({second}\)"
    ):
        require_obeyed(reader_of(lake), snapshot)
    build_lake(lake, until="cluster_scores")
    assert first in lake.shards()
    require_obeyed(reader_of(lake), snapshot_of(lake.store.required("cluster_scores")))
