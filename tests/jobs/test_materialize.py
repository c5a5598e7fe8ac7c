"""The whole graph through the command `guyot`, on a tiny corpus with every kind of bad input."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.command import guyot_here
from support.lake import build_lake, catalogue_of, guyot, lake_at

from assets.graph.lake import LakeResources
from recipes import RECIPES, TRAINED

SETTINGS = {"training.tokens": 3000, "training.segment_tokens": 64, "reading.shard_bytes": 1 << 20}


def ask(lake: LakeResources, sql: str) -> list[dict[str, object]]:
    return catalogue_of(lake).query(sql).to_pylist()


def write_bad_corpus(source: Path) -> None:
    for package in range(12):
        folder = source / f"package{package}"
        folder.mkdir(parents=True)
        for number in range(4):
            body = "\n".join(
                f"def f{number}_{i}(x):\n    return x * {package * i}" for i in range(3 + number)
            )
            (folder / f"module{number}.py").write_text(body)
    copied = (source / "package1" / "module3.py").read_text()
    (source / "package2" / "copy.py").write_text(copied)
    (source / "package3" / "near.py").write_text(copied.replace("x *", "x  *"))
    with gzip.open(source / "records.jsonl.gz", "wt") as file:
        for i in range(60):
            file.write(
                json.dumps({"id": i, "text": f"record {i} of a small file, told in {i * 7} words"}) + "\n"
            )
    pq.write_table(pa.table({"content": [f"row {i} of a table" for i in range(30)]}), source / "t.parquet")
    _write_bad(source)


def _write_bad(source: Path) -> None:
    (source / "cut.parquet").write_bytes((source / "t.parquet").read_bytes()[:-20])
    pq.write_table(pa.table({"other": ["x"]}), source / "columns.parquet")
    (source / "latin.py").write_bytes(b"x = '\xe9\xff'\n")
    (source / "empty.py").write_bytes(b"")
    (source / "nul.txt").write_bytes(b"a\x00b")
    (source / "blank.txt").write_bytes(b"  \n")
    lines = [b'{"id": "a", "text": "one"}', b'{"id": "a", "text": "two"}', b'{"text": "cut in ha',
             b'{"text": "' + b"x" * 17_000_000 + b'"}', b'{"other": 1}', b'{"text": "fine"}']  # fmt: skip
    (source / "bad.jsonl").write_bytes(b"\n".join(lines))
    (source / "loop").symlink_to(source)
    (source / "unreadable.txt").symlink_to("t.parquet/inside")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    """Return a lake that the command made."""
    base = tmp_path_factory.mktemp("graph")
    write_bad_corpus(base / "source")
    lake = lake_at(base / "lake", base / "source", **SETTINGS)
    guyot(lake, "run")
    return lake


def test_every_bad_record_is_in_quarantine_with_its_reason(lake: LakeResources) -> None:
    found = {row["reason"] for row in ask(lake, "SELECT reason FROM quarantine")}
    assert found >= {
        "invalid_parquet", "missing_text_column", "invalid_utf8", "empty_file", "nul_byte", "duplicate_id",
        "empty_document", "invalid_json", "over_size_limit", "missing_text", "symlink_loop", "unreadable",
    }  # fmt: skip
    counts = ask(
        lake, "SELECT (SELECT count(*) FROM raw_shards) AS d, (SELECT count(*) FROM quarantine) AS q"
    )
    records = 0
    for manifest in Path(lake.store.root).glob("raw_shards/*/*/manifest.json"):
        records += json.loads(manifest.read_text())["facts"]["records"]
    assert counts[0]["d"] + counts[0]["q"] == records
    assert counts[0]["d"] == 12 * 4 + 2 + 60 + 30 + 2


def test_every_recipe_meets_its_target_and_accounts_for_all(lake: LakeResources) -> None:
    documents = ask(lake, "SELECT count(*) AS n FROM raw_shards")[0]["n"]
    rows = ask(lake, "SELECT * FROM mixtures")
    assert {row["recipe"] for row in rows} == {recipe.name for recipe in RECIPES}
    for row in rows:
        recipe = next(r for r in RECIPES if r.name == row["recipe"])
        assert row["target"] == recipe.target(row["total"])
        assert row["kept_units"] <= (row["total"] if row["target"] is None else row["target"])
        told = ask(
            lake,
            f"SELECT count(*) AS n, count(DISTINCT doc_id) AS ids, sum(kept::INT) AS kept, "
            f"count(*) FILTER (NOT kept AND (step IS NULL OR reason IS NULL)) AS mute "
            f"FROM pruned_mixtures WHERE recipe = '{row['recipe']}'",
        )[0]  # fmt: skip
        assert told["n"] == told["ids"] == documents
        assert (told["kept"], told["mute"]) == (row["n_kept"], 0)


def test_held_out_documents_are_in_no_mixture(lake: LakeResources) -> None:
    rows = ask(
        lake,
        "SELECT m.kept, m.reason, count(*) AS n FROM pruned_mixtures m JOIN raw_shards USING (doc_id) "
        "WHERE split = 'held_out' GROUP BY ALL",
    )  # fmt: skip
    assert [(row["kept"], row["reason"]) for row in rows] == [(False, "held_out")]


def test_two_fresh_lakes_hold_the_same_mixture_bytes(lake: LakeResources, tmp_path: Path) -> None:
    """One is the command's, whose Dagster runs ranges of partitions; the other is built one by one without it."""
    other = build_lake(lake_at(tmp_path / "lake", lake.settings.source, **SETTINGS), until="pruned_mixtures")
    first, second = Path(lake.store.root), Path(other.store.root)
    files = sorted(first.glob("pruned_mixtures/*/*/rows.parquet"))
    assert len(files) == len(RECIPES)
    for file in files:
        assert file.read_bytes() == (second / file.relative_to(first)).read_bytes()


def test_a_second_run_does_nothing(lake: LakeResources) -> None:
    root = Path(lake.store.root)
    before = {path: path.stat().st_mtime_ns for path in root.glob("[a-z]*/*/*/*")}
    assert "Everything was up to date" in guyot(lake, "run")
    assert {path: path.stat().st_mtime_ns for path in root.glob("[a-z]*/*/*/*")} == before


def test_explain_names_the_witness_of_a_copy(lake: LakeResources) -> None:
    dropped = ask(
        lake,
        "SELECT doc_id, witness FROM pruned_mixtures WHERE recipe = 'exact' AND witness IS NOT NULL",
    )
    assert len(dropped) == 1
    told = guyot_here(lake, "explain", str(dropped[0]["doc_id"]), "--recipe", "exact")
    assert told.exit_code == 0, told.stderr
    assert "dropped by exact, reason copy" in told.stdout
    assert str(dropped[0]["witness"]) in told.stdout
    by_path = guyot_here(lake, "explain", f"{lake.settings.source}/package0/module0.py")
    assert by_path.exit_code == 0, by_path.stderr
    assert "package0/module0.py" in by_path.stdout
    rejected = guyot_here(lake, "explain", "nul.txt")
    assert "quarantined: nul_byte" in rejected.stdout
    nothing = guyot_here(lake, "explain", "nowhere.py")
    assert nothing.exit_code == 1
    assert "nearest sources" in nothing.stderr


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; SELECT 2", "COPY (SELECT 1) TO 'x.csv'", "ATTACH 'x.db'", "CREATE TABLE x (a INT)",
        "SELECT * FROM read_csv('/etc/passwd')", "SET enable_external_access=true", "INSTALL httpfs", "",
        "SELECT nothing FROM nowhere",
    ],
)  # fmt: skip
def test_the_catalogue_only_answers_questions(lake: LakeResources, sql: str) -> None:
    refused = guyot_here(lake, "sql", sql)
    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit), refused.exception  # no traceback, then
    assert (refused.stdout, refused.stderr[:7]) == ("", "Error: ")


def test_the_real_command_answers_and_refuses(lake: LakeResources) -> None:
    sql = "SELECT count(*) AS n, count(DISTINCT recipe) AS recipes FROM pruned_mixtures"
    assert json.loads(guyot(lake, "sql", sql, "--format", "json")) == ask(lake, sql)
    assert "Traceback" not in guyot(lake, "sql", "SELECT * FROM read_csv('/etc/passwd')", code=1)


def test_runs_are_tied_to_the_mixture_they_saw(lake: LakeResources) -> None:
    rows = ask(
        lake,
        "SELECT r.recipe, r.tokens, m.version FROM training_runs r LEFT JOIN mixtures m "
        "ON m.recipe = r.recipe AND m.version = r.mixture_version",
    )  # fmt: skip
    assert {row["recipe"] for row in rows} == set(TRAINED)
    assert all(row["version"] and row["tokens"] == 3000 for row in rows)
    seen = ask(lake, "SELECT sum(n_tokens) AS n FROM epoch_schedules GROUP BY recipe")
    assert [row["n"] for row in seen] == [3000] * len(RECIPES), "all are scheduled, trained or not"


def test_the_report_escapes_and_fetches_nothing(lake: LakeResources) -> None:
    page = Path(guyot_here(lake, "report").stdout.strip()).read_text()
    assert "<h1>Guyot report</h1>" in page
    assert 'src="http' not in page
    assert "everything" in page


def test_wrong_names_are_refused_before_any_work(tmp_path: Path) -> None:
    for arguments, said in (
        (("--recipe", "nope"), "choose from"),
        (("--until", "nope"), "choose from"),
        ((), "GUYOT_SOURCE"),
    ):
        refused = guyot_here(lake_at(tmp_path / "lake", tmp_path / "nowhere"), "run", *arguments)
        assert refused.exit_code == 1
        assert said in refused.stderr
        assert isinstance(refused.exception, SystemExit), refused.exception  # no traceback, then


@pytest.mark.long
@pytest.mark.in_ci
def test_a_recipe_that_keeps_nothing_stops_itself_alone(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for number in range(12):
        (source / f"folder{number}").mkdir(parents=True)
        (source / f"folder{number}" / "note.txt").write_text(f"the few words of note {number}")
    lake = lake_at(tmp_path / "lake", source, **SETTINGS)
    ran = guyot_here(lake, "run", "--recipe", "clean", "--recipe", "everything")
    assert ran.exit_code == 1
    assert "recipe clean: train_tokens=3000 over a mixture of 0 documents" in ran.stderr
    assert "everything" in ran.stdout.partition("Bits per byte")[2]
    trained = ask(lake, "SELECT recipe FROM training_runs")
    assert {row["recipe"] for row in trained} == {"everything"}
    assert ask(lake, "SELECT recipe, n_kept FROM mixtures WHERE n_kept = 0") == [
        {"recipe": "clean", "n_kept": 0}
    ]
    again = guyot_here(lake, "run", "--recipe", "everything")
    assert again.exit_code == 0
    assert "Everything was up to date." in again.stdout
