"""A new asset is one file: a toy that is written into a copy of the source tree is found by all that knows assets."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.command import BETWEEN, VERBS
from support.lake import environment, lake_at, write_corpus

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (
    "guyot",
    "assets",
    "resources",
    "jobs",
    "docs",
    "definitions.py",
    "recipes.py",
    "dagster.yaml",
    "Makefile",
)
TOY = '''
"""Toy: how long the documents of the live shards are together."""

import dagster as dg
import pyarrow as pa

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import shards
from assets.graph.tables import ColumnSpec, TableSpec
from resources.lake.writer import Writer

LENGTHS = TableSpec("toy_lengths", "a shard's length", (ColumnSpec("characters", pa.int64(), "of its toy documents"),))


@lake_asset(
    group_name="audit", tables=[LENGTHS], reads=[shards("raw_shards")], settings=["clustering.drift_threshold"], code_version="1"
)
def toy_lengths(build: Build, writer: Writer) -> None:
    """One row is a shard."""
    taken = build.snapshot("raw_shards")
    texts = [build.reader.table(m, columns=["content"])["content"].to_pylist()
             for m in taken.manifests(build.reader, "raw_shards")]
    writer.table(pa.table([[sum(map(len, shard)) for shard in texts]], schema=LENGTHS.schema))


@lake_check(asset="toy_lengths")
def toys_have_a_length(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """No shard is empty."""
    lengths = reader.table(reader.required("toy_lengths"))["characters"].to_pylist()
    return dg.AssetCheckResult(passed=all(lengths))
'''
LOOKS = """
import json, sys
sys.path.insert(0, "docs")
import passages
from assets.graph import discover, plan, views
from definitions import defs
key = next(k for k in defs.resolve_asset_graph().materializable_asset_keys if k.to_user_string() == "toy_lengths")
job = {k.to_user_string() for k in defs.resolve_job_def("snapshot").asset_layer.executable_asset_keys}
print(json.dumps({
    "plan": plan.names(), "curated": plan.curated(), "catalogue": discover.asset("catalogue").deps, "job": sorted(job),
    "views": [view.name for view in views.views()],
    "reads": [k.to_user_string() for k in defs.resolve_asset_graph().get(key).parent_keys],
    "checks": [k.name for k in defs.resolve_asset_graph().asset_check_keys if k.asset_key == key],
    "docs": [passages.graph(), passages.assets(), passages.views(), passages.settings()],
}))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the source tree with one more file."""
    copy = tmp_path_factory.mktemp("toy") / "tree"
    copy.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    (copy / "assets" / "audit" / "toy_lengths.py").write_text(TOY)
    return copy


def run(tree: Path, env: dict[str, str] | None, *arguments: str) -> str:
    """Run Python in the tree."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tree, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def found(tree: Path) -> dict[str, Any]:
    return json.loads(run(tree, {"PYTHONPATH": str(tree)}, "-c", LOOKS))


def test_the_plan_the_jobs_and_the_definitions_have_it(found: dict[str, Any]) -> None:
    assert (
        found["plan"].index("raw_shards")
        < found["plan"].index("toy_lengths")
        < found["plan"].index("catalogue")
    )
    assert "toy_lengths" in found["curated"]
    assert "toy_lengths" in found["job"]
    assert found["reads"] == ["raw_shards"]
    assert found["checks"] == ["toys_have_a_length"]


def test_the_catalogue_reads_it_and_the_docs_describe_it(found: dict[str, Any]) -> None:
    assert "toy_lengths" in found["catalogue"]
    assert "toy_lengths" in found["views"]
    graph, assets, views, settings = found["docs"]
    assert "toy_lengths --> catalogue" in graph
    assert "### toy_lengths" in assets
    assert "toys_have_a_length" in assets
    assert "### toy_lengths\n\nOne row is a shard's length.\n" in views
    assert "| `characters` | BIGINT | of its toy documents |" in views
    (threshold,) = (
        line for line in settings.splitlines() if line.startswith("| `clustering.drift_threshold`")
    )
    assert "`toy_lengths`" in threshold


def test_a_run_builds_it_and_the_catalogue_shows_it(tree: Path, tmp_path: Path) -> None:
    write_corpus(tmp_path / "source")
    lake = lake_at(tmp_path / "lake", tmp_path / "source")
    asked = ["run", "--recipe", "everything", "--until", "toy_lengths"]
    sql = ["sql", "SELECT * FROM toy_lengths", "--format", "json"]
    verbs = json.dumps([asked, sql, asked])
    said = run(tree, {**environment(lake), "PYTHONPATH": str(tree)}, "-c", VERBS, verbs)
    built, answer, again = said.split(BETWEEN)
    assert "up to date" not in built
    shards = [lake.store.table(lake.store.required("raw_shards", s)) for s in lake.shards()]
    wanted = [sum(map(len, shard["content"].to_pylist())) for shard in shards]
    assert sorted(row["characters"] for row in json.loads(answer)) == sorted(wanted)
    assert "Everything was up to date" in again


def test_it_is_not_in_this_checkout() -> None:
    from assets.graph import plan

    assert "toy_lengths" not in plan.names()
