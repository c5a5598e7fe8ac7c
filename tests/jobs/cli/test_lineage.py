"""The verbs of lineage, as a person calls them."""

import csv
import io
import json
import subprocess

import pytest
from support.lake import GUYOT, environment, graph_lake, guyot

from assets.graph.lake import LakeResources


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def output(lake: LakeResources, *arguments: str) -> tuple[str, str]:
    done = subprocess.run(
        [GUYOT, *arguments], env=environment(lake), capture_output=True, text=True, check=True
    )
    return done.stdout, done.stderr


def test_inputs_and_diff_print_rows_for_programs_and_a_line_for_a_person(lake: LakeResources) -> None:
    rows, told = output(lake, "inputs", "d4/0", "--format", "json")
    assert {row["input"] for row in json.loads(rows)} >= {"pruned_mixtures", "raw_shards", "config"}
    assert "its weights are training_runs/d4/0/" in told
    rows, told = output(lake, "diff", "everything", "d4", "--limit", "3", "--format", "csv")
    assert len(list(csv.DictReader(io.StringIO(rows)))) == 3
    assert "by everything alone" in told


def test_what_is_not_there_is_one_line_and_a_code(lake: LakeResources) -> None:
    assert "Error: run 'x' was asked for" in guyot(lake, "inputs", "x", code=1)
    assert "Error: mixture 'x' was asked for" in guyot(lake, "diff", "x", "d4", code=1)
    assert "Error: 'no.py' was asked for" in guyot(lake, "saw", "no.py", code=1)
