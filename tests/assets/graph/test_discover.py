"""Discovery: every declared asset in an order in which it can be built, and declarations that name nothing."""

import dataclasses

import pytest

from assets.graph import discover
from assets.graph.discover import GROUPS, _check_sources, _ordered
from assets.graph.reads import one
from guyot.errors import SettingError


def test_each_asset_follows_what_it_reads_and_lies_in_the_folder_of_its_group() -> None:
    found = discover.assets()
    order = list(found)
    assert len(order) == 41
    for name, asset in found.items():
        assert all(order.index(dep) < order.index(name) for dep in asset.deps)
        assert asset.group_name in GROUPS
        function = asset.build or asset.look
        assert function is not None
        assert function.__module__ == f"assets.{asset.group_name}.{name}"
        assert asset.description


def test_checks_are_of_declared_assets_and_lie_beside_them() -> None:
    checks = {check.name: check for check in discover.checks()}
    assert {"raw_shards_conserve_records", "cluster_assignments_have_not_drifted",
            "cluster_scores_cover_documents", "pruned_mixtures_account_for_all"} <= set(checks)  # fmt: skip
    for check in checks.values():
        assert check.run.__module__.rpartition(".")[2] == check.asset
        assert {check.asset, *check.reads} <= set(discover.assets())


def test_an_unknown_asset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match="asset 'nothing' is not in the graph; choose from shard_registry"):
        discover.asset("nothing")


def test_reads_and_sources_that_no_asset_has_are_refused() -> None:
    declared = discover.assets()
    asset = declared["quality_signals"]
    with pytest.raises(SettingError, match="quality_signals declares nothing, which no asset that it reads"):
        _check_sources(dataclasses.replace(asset, reads=(*asset.reads, one("nothing"))), declared)
    for source in ("raw_shards.colour", "embeddings.doc_id"):  # no such column, and not declared as read
        column = dataclasses.replace(asset.tables[0].columns[0], source=source)
        table = dataclasses.replace(asset.tables[0], columns=(column,))
        with pytest.raises(SettingError, match=f"quality_signals declares {source}, which no asset"):
            _check_sources(dataclasses.replace(asset, tables=(table,)), declared)


def test_assets_that_read_one_another_are_refused() -> None:
    declared = discover.assets()
    raw = dataclasses.replace(declared["raw_shards"], reads=(one("embeddings"),))
    with pytest.raises(SettingError, match="read one another: .*raw_shards"):
        _ordered({**declared, "raw_shards": raw})
