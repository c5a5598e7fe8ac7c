"""The verb that withdraws, as a person calls it, through Dagster and back."""

import json
from pathlib import Path

import pytest
from support.lake import build_asset, catalogue_of, copy_of, graph_lake, guyot, materialize

from assets.graph.lake import LakeResources


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> LakeResources:
    copied = copy_of(graph_lake(tmp_path_factory), tmp_path / "lake")
    build_asset(copied, "catalogue")  # which names the files of one place
    return copied


@pytest.mark.long
@pytest.mark.in_ci
def test_it_withdraws_lists_and_restores(lake: LakeResources) -> None:
    said = ("--reason", "a wish", "--by", "anna", "--format", "json")
    text = guyot(lake, "withdraw", "package04/module1.py", *said)
    rows = json.loads(text[: text.index("\n]") + 2])  # what is for a person is on the other channel
    assert {row["source_path"] for row in rows} == {"package04/module1.py"}
    assert "next: `guyot run` makes shard-" in text
    listing = guyot(lake, "withdraw", "--list")
    assert "1 withdrawals are in force" in listing
    assert "\ta wish\tanna\t" in listing
    materialize(lake, recipes=["everything"], until="pruned_mixtures")
    catalogue = catalogue_of(lake)
    (row,) = catalogue.query("SELECT * FROM withdrawals WHERE kind = 'file'").to_pylist()
    assert (row["source_path"], row["state"], row["by"]) == ("package04/module1.py", "withdrawn", "anna")
    (row,) = catalogue.query("SELECT * FROM quarantine WHERE reason = 'withdrawn'").to_pylist()
    assert (row["source_path"], row["byte_begin"]) == ("package04/module1.py", -1)
    assert row["detail"].endswith(": a wish")
    assert "restored: package04/module1.py" in guyot(lake, "withdraw", "--restore", "package04/module1.py")
    assert "0 withdrawals are in force, 1 were undone" in guyot(lake, "withdraw", "--list")


def test_what_is_asked_for_wrongly_is_one_line_and_a_code(lake: LakeResources) -> None:
    assert "without a reason; say with --reason" in guyot(lake, "withdraw", "r3", code=1)
    assert "0 documents and no --list were given" in guyot(lake, "withdraw", code=1)
    assert "1 documents and --list were given" in guyot(lake, "withdraw", "r3", "--list", code=1)
    assert "Error: 'no.py' was asked for" in guyot(lake, "withdraw", "no.py", "--reason", "why", code=1)
