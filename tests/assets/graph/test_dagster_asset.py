"""Dagster's definitions say what the declarations say: reads, partitions, versions and checks."""

import dagster as dg
import pytest

from assets.graph import discover
from assets.graph.dagster_asset import to_dagster


@pytest.mark.parametrize("name", sorted(discover.assets()))
def test_dagster_knows_every_read_and_column(name: str) -> None:
    asset = discover.asset(name)
    defined = to_dagster(asset)
    (spec,) = defined.specs
    assert {dep.asset_key.to_user_string() for dep in spec.deps} == set(asset.deps)
    assert spec.code_version == asset.code_version
    assert defined.partitions_def is asset.partitions_def
    schema = spec.metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    assert [column.name for column in schema.columns] == asset.tables[0].names


def test_a_table_of_other_partitions_is_read_whole() -> None:
    mixtures = to_dagster(discover.asset("pruned_mixtures"))
    mappings = {
        dep.asset_key.to_user_string(): dep.partition_mapping for dep in next(iter(mixtures.specs)).deps
    }
    assert isinstance(mappings["raw_shards"], dg.AllPartitionMapping)
    assert mappings["cluster_scores"] is None
