"""One listing: versions with their files, pointers, and nothing that only looks like one."""

from resources.lake.listing import listed
from resources.lake.saved_batches import write
from resources.places import absolute
from resources.storage.files import Files


def test_versions_and_pointers_are_told_from_the_rest(place: str) -> None:
    files = Files(absolute(place))
    names = (
        "t/a/v1/rows.parquet", "t/a/v1/manifest.json", "t/a/current", "t/d4/0/v2/rows.parquet", "t/d4/0/current",
        "catalogue.duckdb", ".damaged/t/a/v1@now/rows.parquet", ".partial/t/a/v1/0-0.npy", "t/stray",
    )  # fmt: skip
    for name in names:
        write(files, f"{files.root}/{name}", name.encode())
    found = listed(files)
    assert found.pointers == [("t", "a"), ("t", "d4/0")]
    inside = {name: [file.uri.rpartition("/")[2] for file in of] for name, of in found.versions.items()}
    assert inside == {
        ("t", "a", "v1"): ["manifest.json", "rows.parquet"],
        ("t", "d4/0", "v2"): ["rows.parquet"],
    }
    assert [file.bytes for file in found.versions["t", "a", "v1"]] == [len(names[1]), len(names[0])]
    assert list(listed(files, f"{files.root}/.damaged").versions) == [("t", "a", "v1@now")]
    assert listed(files, f"{files.root}/nothing").versions == {}
