"""What a read names: a table, which of its partitions, and whether they enter the version."""

from assets.graph.reads import Over, named, one, same, shards


def test_each_kind_of_read_names_its_partitions() -> None:
    kinds = {same: Over.SAME, one: Over.ONE, shards: Over.SHARDS}
    for read, over in kinds.items():
        found = read("raw_shards")
        assert (found.table, found.over, found.is_input) == ("raw_shards", over, True)
        assert not read("raw_shards", is_input=False).is_input


def test_what_others_name_enters_the_version_through_them() -> None:
    assert (named("embeddings").over, named("embeddings").is_input) == (Over.OTHER, False)
