"""Reports of runs in the lake: each by itself, replaced only where that is asked for."""

import pytest
from support.lake import lake_at

from assets.train.inputs import registered_runs
from assets.train.inputs.registered_runs import EXTERNAL, METRICS
from guyot.errors import SettingError


def record(name: str, **more: object) -> dict[str, object]:
    empty = {column.name: 0 if str(column.type) == "int64" else "" for column in EXTERNAL.columns}
    return {**empty, "run_id": name, "by": "anna", "at": "monday", **more}


def test_what_is_written_is_read(place: str) -> None:
    store = lake_at(place, "/nowhere").store
    metrics = [{"step": 0, "name": "loss", "value": 3.5}, {"step": 1, "name": "loss", "value": 3.25}]
    assert registered_runs.write(store, record("a", tokens=64), metrics)
    assert registered_runs.write(store, record("b"), [])
    assert sorted(registered_runs.versions(store)) == ["a", "b"]
    found = [store.required(registered_runs.TABLE, name) for name in ("a", "b")]
    records, measured = registered_runs.tables(store, found)
    assert records.schema == EXTERNAL.schema
    assert records.to_pylist() == [record("a", tokens=64), record("b")]
    assert measured.schema == METRICS.schema
    assert measured.to_pylist() == [{"run_id": "a", **row} for row in metrics]
    assert registered_runs.tables(store, [])[0].num_rows == 0


def test_a_name_is_reported_once_unless_it_is_replaced(place: str) -> None:
    store = lake_at(place, "/nowhere").store
    assert registered_runs.write(store, record("a", tokens=64), [])
    assert not registered_runs.write(store, record("a", tokens=64, at="tuesday", by="bert"), [])
    with pytest.raises(SettingError, match="run a was reported at monday by anna with other tokens; choose"):
        registered_runs.write(store, record("a", tokens=65), [])
    more = [{"step": 0, "name": "loss", "value": 1.0}]
    with pytest.raises(SettingError, match="with other metrics; choose"):
        registered_runs.write(store, record("a", tokens=64), more)
    assert registered_runs.write(store, record("a", tokens=65), more, replace=True)
    (found,) = registered_runs.tables(store, [store.required(registered_runs.TABLE, "a")])[0].to_pylist()
    assert found["tokens"] == 65
