"""The catalogue: views of exactly the live versions, read-only, of this lake and nothing else."""

import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from support.lake import build_asset, catalogue_of, copy_of, graph_lake, lake_at

from assets.graph import discover
from assets.graph.lake import LakeResources
from assets.graph.views import views
from assets.publish import database
from guyot.errors import MissingError, SettingError


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def ask(lake: LakeResources, sql: str) -> list[dict[str, Any]]:
    return catalogue_of(lake).query(sql).to_pylist()


def empty(folder: Path) -> LakeResources:
    made = lake_at(folder / "it's a lake", folder)
    build_asset(made, "catalogue")
    return made


def test_a_view_is_the_live_partitions_with_their_shard_or_recipe_and_version(lake: LakeResources) -> None:
    for shard in lake.shards():
        written = lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
        seen = ask(lake, f"SELECT * EXCLUDE (shard) FROM raw_shards WHERE shard = '{shard}'")
        assert sorted(seen, key=str) == sorted(written, key=str)
    for recipe in lake.store.partitions("pruned_mixtures"):
        manifest = lake.store.required("pruned_mixtures", recipe)
        seen = ask(lake, f"SELECT * FROM pruned_mixtures WHERE recipe = '{recipe}' ORDER BY doc_id")
        more = {"recipe": recipe, "version": manifest.version, "live": True}
        assert seen == [{**row, **more} for row in lake.store.table(manifest).to_pylist()]


def test_lake_files_are_the_files_of_the_manifests(lake: LakeResources) -> None:
    rows = ask(lake, "SELECT * FROM lake_files")
    listed = {(row["table"], row["key"], row["file"]): row for row in rows}
    assert len(listed) == len(rows)
    live = [
        lake.store.required(name, key)
        for name, asset in discover.assets().items()
        if asset.group_name != "publish"
        for key in lake.store.partitions(name)
    ]
    assert {(m.table, m.key, name) for m in live for name in m.files} == set(listed)
    for manifest in live:
        for name, file in manifest.files.items():
            row = listed[manifest.table, manifest.key, name]
            assert (row["rows"], row["bytes"], row["version"], row["live"]) == (
                file.rows,
                file.bytes,
                manifest.version,
                True,
            )
            assert Path(row["path"]).stat().st_size == file.bytes


def test_a_mixture_that_a_run_consumed_stays_after_a_new_one(lake: LakeResources, tmp_path: Path) -> None:
    copy = copy_of(lake, tmp_path / "lake")
    old = copy.store.required("pruned_mixtures", "semdedup")
    with copy.store.write("pruned_mixtures", "semdedup", inputs={"new": ""}, settings={}, code="") as writer:
        writer.table(copy.store.table(old)[:2])
        for file in ("mixture.parquet", "steps.parquet"):
            writer.table(copy.store.table(old, file), file)
    build_asset(copy, "catalogue")
    new = copy.store.required("pruned_mixtures", "semdedup").version
    counted = ask(
        copy,
        "SELECT version, live, count(*) AS n FROM pruned_mixtures WHERE recipe = 'semdedup' GROUP BY ALL",
    )
    assert sorted(counted, key=lambda row: row["n"]) == [
        {"version": new, "live": True, "n": 2}, {"version": old.version, "live": False, "n": old.rows}]  # fmt: skip
    assert {
        row["version"] for row in ask(copy, "SELECT version FROM mixtures WHERE recipe = 'semdedup'")
    } == {new, old.version}
    joined = "SELECT n_kept FROM training_runs r JOIN mixtures m ON m.version = r.mixture_version WHERE r.recipe = 'semdedup'"
    assert ask(copy, joined) == [{"n_kept": old.facts["n_kept"]}]


def test_shards_that_are_gone_leave_the_views(lake: LakeResources, tmp_path: Path) -> None:
    copy = copy_of(lake, tmp_path / "lake")
    registry = copy.store.required("shard_registry")
    table = copy.store.table(registry)
    gone = copy.shards()[0]
    states = [
        "removed" if s == gone else state
        for s, state in zip(table["shard"].to_pylist(), table["state"].to_pylist(), strict=True)
    ]
    with copy.store.write("shard_registry", "all", inputs={"gone": ""}, settings={}, code="") as writer:
        writer.table(
            table.set_column(table.column_names.index("state"), table.schema.field("state"), pa.array(states))
        )
    build_asset(copy, "catalogue")
    for view in (view.name for view in views() if view.of_shards):
        assert gone not in {row["shard"] for row in ask(copy, f"SELECT shard FROM {view}")}
    assert (
        len(ask(copy, "SELECT DISTINCT shard FROM raw_shards"))
        == len(copy.shards())
        == len(lake.shards()) - 1
    )


def test_a_lake_with_nothing_in_it_has_every_table_empty(tmp_path: Path) -> None:
    made = empty(tmp_path)
    for name in ("lake_files", *(view.name for view in views())):
        assert ask(made, f'SELECT * FROM "{name}"') == []
    assert ask(made, "EXPLAIN SELECT 1")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1; SELECT 2", "got SELECT, SELECT"), ("", "got nothing"), ("DELETE FROM lake_files", "got DELETE"),
        ("CREATE TABLE x (a INT)", "got CREATE"), ("SET memory_limit='9GB'", "got SET"), ("ATTACH 'x.db'", "got ATTACH"),
        ("COPY (SELECT 1) TO 'x.csv'", "got COPY"), ("SELECT nothing", "failed: "), ("SELEC 1", "failed: "),
        ("EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'", "got EXPLAIN"), ("explain (analyze) SELECT 1", "got EXPLAIN"),
        ("EXPLAIN ANALYSE SELECT 1", "got EXPLAIN"), ("SELECT * FROM query('DROP VIEW raw_shards')", "failed: "),
        ("SELECT * FROM '/etc/passwd'", "failed: "), ("SELECT * FROM read_text('/etc/passwd')", "failed: "),
        ("SELECT * FROM glob('/etc/*')", "failed: "),
    ],
)  # fmt: skip
def test_it_answers_one_question_and_reads_nothing_else(lake: LakeResources, sql: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        catalogue_of(lake).query(sql)


def test_a_connection_cannot_write_reach_out_or_unlock_itself(lake: LakeResources, tmp_path: Path) -> None:
    with catalogue_of(lake).connect() as connection:
        for sql in (
            "INSERT INTO mixtures (recipe) VALUES ('x')", "DROP VIEW raw_shards", "SET enable_external_access=true",
            "RESET lock_configuration", "CREATE TABLE x (a INT)", f"COPY (SELECT 1) TO '{tmp_path}/x.csv'", f"ATTACH '{tmp_path}/x.db'", "INSTALL httpfs",
        ):  # fmt: skip
            with pytest.raises(duckdb.Error):
                connection.execute(sql)
        assert connection.sql("SELECT count(*) FROM raw_shards").fetchall() != [(0,)]
    assert list(tmp_path.iterdir()) == []


def test_a_query_reads_nothing_of_where_it_runs_and_leaves_nothing(
    lake: LakeResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / "a.csv").write_text("secret\n1\n")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    for sql in (f"SELECT * FROM '{tmp_path}/.tmp/a.csv'", "SELECT * FROM '.tmp/a.csv'"):
        with pytest.raises(SettingError, match="failed: "):
            catalogue_of(lake).query(sql)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".tmp", "temporary"]
    assert [list(path.iterdir()) for path in (tmp_path / "temporary").iterdir()] == [[]]


def test_a_query_beyond_its_time_or_memory_is_a_sentence(
    lake: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingError, match=r"no answer after 0.1 s; give it more with --timeout"):
        catalogue_of(lake).query("SELECT count(*) FROM range(10000000000) a, range(1000000) b", seconds=0.1)
    monkeypatch.setattr(database, "MEMORY_LIMIT", "60MB")
    monkeypatch.setattr(database, "TEMPORARY_LIMIT", "1MB")
    sort = "SELECT a.range AS x, random() AS r FROM range(100000000) a ORDER BY r"
    with pytest.raises(
        SettingError, match=r"more than 60MB of memory and 1MB of temporary files \(.*\); ask"
    ):
        catalogue_of(lake).query(sort)


def test_two_readers_in_one_process_do_not_lock_each_other_out(lake: LakeResources) -> None:
    with catalogue_of(lake).connect() as one, catalogue_of(lake).connect() as other:
        assert (
            one.sql("SELECT count(*) FROM tokenizer").fetchall()
            == other.sql("SELECT count(*) FROM tokenizer").fetchall()
        )
        assert catalogue_of(lake).is_valid()


def test_explaining_shows_the_plan_and_writes_nothing(lake: LakeResources) -> None:
    target = Path(lake.store.path("explained.csv"))
    assert "READ_PARQUET" in str(ask(lake, "EXPLAIN SELECT doc_id FROM raw_shards")).upper()
    assert ask(lake, f"EXPLAIN COPY (SELECT 1) TO '{target}'")
    assert ask(lake, "SELECT 'analyzed' AS word") == [{"word": "analyzed"}]
    assert not target.exists()


def test_no_file_and_a_file_of_another_place_are_told_apart(lake: LakeResources, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="is not there; run `guyot run`"):
        catalogue_of(lake_at(tmp_path / "none", tmp_path)).query("SELECT 1")
    moved = copy_of(lake, tmp_path / "moved")
    with pytest.raises(MissingError, match="names files of another place"):
        catalogue_of(moved).query("SELECT 1")
    build_asset(moved, "catalogue")
    paths = {row["path"] for row in ask(moved, "SELECT path FROM lake_files")}
    assert all(path.startswith(f"{tmp_path}/moved/") for path in paths)


@pytest.mark.long
@pytest.mark.in_ci
def test_a_lake_on_s3_answers_as_the_same_lake_in_a_folder(lake: LakeResources, bucket: str) -> None:
    remote = lake_at(f"{bucket}/a lake", Path(lake.settings.source))
    for path in (
        path for path in Path(lake.store.root).rglob("*") if path.is_file() and ".dagster" not in path.parts
    ):
        there = path.relative_to(lake.store.root).as_posix()
        remote.store.files.replace(remote.store.path(there), path.read_bytes(), path)
    assert not catalogue_of(remote).is_valid()
    build_asset(remote, "catalogue")
    counted = [one.store.table(one.store.required("catalogue")) for one in (lake, remote)]
    assert counted[0] == counted[1]
    assert catalogue_of(remote).is_valid()
    with catalogue_of(lake).connect() as here, catalogue_of(remote).connect() as there:
        for view in [view.name for view in views()]:
            sql = f"SELECT * FROM {view} ORDER BY ALL"
            answers = [one.sql(sql).to_arrow_table().to_pylist() for one in (here, there)]
            assert str(answers[0]) == str(answers[1])
    count = "SELECT count(*) AS n FROM raw_shards"
    assert ask(remote, count) == ask(lake, count)
    with pytest.raises(SettingError):
        catalogue_of(remote).query("SELECT * FROM read_text('/etc/hostname')")
    with pytest.raises(SettingError):
        catalogue_of(remote).query(f"SELECT * FROM read_text('{bucket}/other')")
    with pytest.raises(SettingError, match="exactly 1 SELECT"):
        catalogue_of(remote).query(f"COPY (SELECT 1) TO '{remote.store.root}/x.csv'")


def test_a_build_that_fails_leaves_the_old_file_and_nothing_beside(tmp_path: Path) -> None:
    made = empty(tmp_path)
    catalogue_of(made).build([])
    before = {path: path.read_bytes() for path in Path(made.store.root).rglob("*") if path.is_file()}
    with pytest.raises(AttributeError):
        catalogue_of(made).build([None])  # pyright: ignore[reportArgumentType]
    assert {path: path.read_bytes() for path in Path(made.store.root).rglob("*") if path.is_file()} == before
