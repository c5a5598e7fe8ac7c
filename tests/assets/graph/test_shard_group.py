"""What the UI shows of a group of shards: sums of counts, and a row for each shard."""

import dagster as dg

from assets.graph.shard_group import shown


def test_counts_are_summed_and_each_shard_has_a_row() -> None:
    lineage, picture = object(), dg.MetadataValue.md("![first](data:,)")
    shards = {
        "shard-00002": {"dagster/row_count": 1200, "bytes": 10, "version": "a", "content": "x",
                        "dagster/column_lineage": lineage, "quarantined": 1, "its first images": picture},
        "shard-00003": {"dagster/row_count": 3, "bytes": 7, "version": "b", "content": "y",
                        "dagster/column_lineage": lineage, "quarantined": 2, "made_by": "nothing"},
    }  # fmt: skip
    found = shown(shards)
    assert (found["dagster/row_count"], found["bytes"], found["quarantined"]) == (1203, 17, 3)
    assert found["dagster/column_lineage"] is lineage
    assert found["its first images"] is picture
    assert not {"version", "made_by"} & set(found)
    assert found["shards"].value.splitlines()[2:] == [
        "| shard-00002 | 1,200 | 10 | a | this run |",
        "| shard-00003 | 3 | 7 | b | nothing |",
    ]
    many = {f"shard-{number:05d}": shards["shard-00003"] for number in range(150)}
    assert shown(many)["shards"].value.splitlines()[-1] == "| and 50 more |  |  |  |  |"
    other = shown({**shards, "shard-00003": {**shards["shard-00003"], "content": "z"}})
    assert other["content"] != found["content"]
