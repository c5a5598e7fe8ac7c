"""A version is live if it was made from what the spec states, or has its hash."""

import dataclasses
from pathlib import Path

import pyarrow as pa
import pytest

from assets.graph.build_spec import BuildSpec
from assets.graph.lake import LakeResources
from resources.settings import Settings

SPEC = BuildSpec("t", "s", {"a": "1"}, {"b": 2}, "3")


@pytest.fixture
def lake(tmp_path: Path) -> LakeResources:
    lake = LakeResources(Settings.of(lake=str(tmp_path)))
    with lake.store.write("t", "s", inputs={"a": "1"}, settings={"b": 2}, code="3") as writer:
        writer.table(pa.table({"doc_id": ["a"]}))
    return lake


@pytest.mark.parametrize(
    "change", [{"inputs": {"a": "2"}}, {"settings": {}}, {"code": "4"}, {"key": "other"}]
)
def test_another_input_setting_code_or_key_is_not_live(
    lake: LakeResources, change: dict[str, object]
) -> None:
    assert SPEC.is_live(lake.store)
    assert lake.store.required("t", "s").version == SPEC.version
    assert not dataclasses.replace(SPEC, **change).is_live(lake.store)


def test_settings_that_json_writes_alike_are_the_same_version(lake: LakeResources) -> None:
    with lake.store.write("t", "s", inputs={"a": "1"}, settings={"b": (1, 2)}, code="3") as writer:
        writer.table(pa.table({"doc_id": ["a"]}))
    assert lake.store.required("t", "s").settings == {"b": [1, 2]}
    assert dataclasses.replace(SPEC, settings={"b": (1, 2)}).is_live(lake.store)


def test_fitted_is_what_has_the_settings_whatever_it_was_made_from(lake: LakeResources) -> None:
    assert dataclasses.replace(SPEC, inputs={}).is_fitted(lake.store)
    assert not dataclasses.replace(SPEC, settings={}).is_fitted(lake.store)
    assert not dataclasses.replace(SPEC, code="4").is_fitted(lake.store)
    assert not dataclasses.replace(SPEC, key="other").is_fitted(lake.store)
