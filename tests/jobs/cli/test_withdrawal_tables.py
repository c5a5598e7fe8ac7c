"""What is withdrawn is in no mixture, only its shards are made anew, and every run that read it is listed."""

import json
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.lake import build_asset, build_lake, copy_of, graph_lake, lake_at, scan

from assets.graph import discover
from assets.graph.lake import LakeResources
from assets.graph.plan import stale_among
from assets.ingest import raw_shards
from assets.ingest.raw_shards import raw_shards_conserve_records, raw_shards_hold_nothing_withdrawn
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from guyot.errors import MissingError
from guyot.train.schedule import segments
from jobs.cli.withdrawal_tables import listed, restore, withdraw

SAID = {"reason": "asked by its author", "by": "anna"}
PER_SHARD = ("raw_shards", "quality_signals", "embeddings", "cluster_assignments")
RECIPES = ("everything", "d4")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture
def lake(made: LakeResources, tmp_path: Path) -> LakeResources:
    """Copy the lake, and its source, so that files may come and go."""
    copied = copy_of(made, tmp_path / "lake")
    shutil.copytree(made.settings.source, tmp_path / "source")
    lake = LakeResources(copied.settings.model_copy(update={"source": str(tmp_path / "source")}))
    build_lake(lake, until="epoch_schedules", recipes=RECIPES)
    build_asset(lake, "catalogue")
    return lake


def documents(lake: LakeResources) -> list[dict[str, Any]]:
    return [
        {**row, "shard": shard} for shard in lake.shards()
        for row in lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
    ]  # fmt: skip


def quarantine(lake: LakeResources) -> Counter[tuple[str, str]]:
    return Counter(
        (row["source_path"], row["record_key"]) for shard in lake.shards()
        for row in lake.store.table(lake.store.required("raw_shards", shard), "quarantine.parquet").to_pylist()
        if row["reason"] == "withdrawn"
    )  # fmt: skip


def versions(lake: LakeResources) -> dict[tuple[str, str], str]:
    return {(t, s): lake.store.required(t, s).version for t in PER_SHARD for s in lake.shards()}


def kept(lake: LakeResources) -> set[str]:
    """Return every document that a live mixture of RECIPES keeps."""
    tables = [lake.store.table(lake.store.required("pruned_mixtures", recipe)) for recipe in RECIPES]
    return {row["doc_id"] for table in tables for row in table.to_pylist() if row["kept"]}


def replayed(lake: LakeResources, doc_ids: set[str]) -> set[tuple[str, str, int, int]]:
    """Return (run, document, epoch, step) of every token of some documents that a run read, one by one."""
    found: set[tuple[str, str, int, int]] = set()
    for key in lake.store.partitions("training_runs"):
        (run,) = lake.store.table(lake.store.required("training_runs", key)).to_pylist()
        config = json.loads(run["config"])
        per_step = config["window_tokens"] * config["batch_windows"]
        reader = epoch_schedules.reader(lake)
        schedule = reader.pinned("epoch_schedules", run["recipe"], run["schedule_version"])
        ids, planned = schedule_of(reader, schedule)
        place = 0
        for segment in segments(planned):
            doc_id = ids[segment.row].decode()
            for token in range(place, place + segment.n_tokens) if doc_id in doc_ids else ():
                found.add((run["run_id"], doc_id, segment.epoch, token // per_step))
            place += segment.n_tokens
    return found


def told(rows: list[dict[str, Any]]) -> set[tuple[str, str, int, int]]:
    return {
        (row["run_id"], row["doc_id"], row["epoch"], step)
        for row in rows for step in range(row["first_step"], row["last_step"] + 1)
    }  # fmt: skip


def test_a_document_and_a_file_go_and_only_their_shards_are_made_again(lake: LakeResources) -> None:
    before, were = documents(lake), versions(lake)
    document = next(row for row in before if row["record_key"] == "r3")
    gone = {row["doc_id"] for row in before if row["source_path"] == "package04/module1.py"}
    gone.add(document["doc_id"])
    shards = {row["shard"] for row in before if row["doc_id"] in gone}
    assert gone <= kept(lake)
    assert 0 < len(shards) < len(lake.shards())
    expected = replayed(lake, gone)
    assert {run for run, *_ in expected} == {
        row["run_id"] for key in lake.store.partitions("training_runs")
        for row in lake.store.table(lake.store.required("training_runs", key)).to_pylist()
    }  # fmt: skip

    answer = withdraw(lake, [document["doc_id"][:12], "package04/module1.py"], **SAID)
    assert told(answer.rows.to_pylist()) == expected
    assert "withdrawn: records.jsonl#r3 (withdrawal " in answer.summary
    assert "package04/module1.py with 1 texts" in answer.summary
    assert "read by 3 of 3 runs" in answer.summary
    assert f"`guyot run` makes {', '.join(sorted(shards))} anew" in answer.summary
    assert f"{len(shards)} versions of raw_shards still hold the text" in answer.summary
    assert f"{len(shards)} of them stay because runs consumed them: " in answer.summary
    assert list(raw_shards_hold_nothing_withdrawn.result(lake).metadata["wrong"].value) == sorted(shards)
    shutil.rmtree(lake.store.path("pruned_mixtures", "length"))
    with pytest.raises(MissingError, match=rf"; {len(shards)} of its \d+ shards are older than a withdrawal"):
        build_asset(lake, "pruned_mixtures", "length")

    build_lake(lake, until="epoch_schedules", recipes=RECIPES)
    after, now = documents(lake), versions(lake)
    assert {s for table, s in now if now[table, s] != were[table, s]} == shards
    assert {row["doc_id"] for row in after} == {row["doc_id"] for row in before} - gone
    assert not kept(lake) & gone
    assert quarantine(lake) == {("records.jsonl", "r3"): 1, ("package04/module1.py", ""): 1}
    assert raw_shards_conserve_records.result(lake).passed
    assert raw_shards_hold_nothing_withdrawn.result(lake).passed
    assert told(withdraw(lake, ["package04/module1.py"], **SAID).rows.to_pylist()) == {
        one for one in expected if one[1] != document["doc_id"]
    }
    assert versions(lake) == now


def test_under_other_settings_only_the_shards_that_hold_it_are_named(lake: LakeResources) -> None:
    reading = lake.settings.reading.model_copy(update={"max_document_bytes": 1_000_000})
    other = LakeResources(lake.settings.model_copy(update={"reading": reading}))
    assert stale_among(discover.asset("raw_shards"), other, other.shards()) == other.shards()
    held = {row["shard"] for row in documents(lake) if row["source_path"] == "package04/module1.py"}
    withdraw(other, ["package04/module1.py"], **SAID)
    assert stale_among(discover.asset("raw_shards"), lake, lake.shards()) == sorted(held) != lake.shards()


def test_a_copy_goes_too_and_a_text_that_comes_back_stays_away(lake: LakeResources, tmp_path: Path) -> None:
    copies = {row["source_path"] for row in documents(lake) if row["source_path"].endswith("/copy.py")}
    assert len(copies) == 12
    (doc_id,) = (row["doc_id"] for row in documents(lake) if row["source_path"] == "package00/copy.py")
    withdraw(lake, [doc_id], **SAID)
    text = (tmp_path / "source" / "package00" / "copy.py").read_text()
    (tmp_path / "source" / "later").mkdir()
    (tmp_path / "source" / "later" / "again.py").write_text(text)
    (tmp_path / "source" / "later" / "other.py").write_text(text + "# changed\n")
    build_lake(lake, until="quality_signals")
    assert quarantine(lake) == {(path, ""): 1 for path in {*copies, "later/again.py"}}
    assert "later/other.py" in {row["source_path"] for row in documents(lake)}
    assert raw_shards_conserve_records.result(lake).passed
    # the shard of the later file was never read with this text
    restore(lake, [doc_id], reason="", by="anna")
    build_lake(lake, until="raw_shards")
    assert not quarantine(lake)
    assert {*copies, "later/again.py"} <= {row["source_path"] for row in documents(lake)}


def test_a_file_that_is_withdrawn_stays_so_whatever_it_holds_later(
    lake: LakeResources, tmp_path: Path
) -> None:
    withdraw(lake, ["package05/module0.py"], **SAID)
    (tmp_path / "source" / "package05" / "module0.py").write_text("print('quite another text')\n")
    build_lake(lake, until="raw_shards")
    assert quarantine(lake) == {("package05/module0.py", ""): 1}


def test_a_shard_that_was_gone_when_its_text_was_withdrawn_comes_back_without_it(
    lake: LakeResources, tmp_path: Path
) -> None:
    file = tmp_path / "source" / "alone.md"
    file.write_text("a long text " * 200)
    build_lake(lake, until="raw_shards")
    (shard,) = {row["shard"] for row in documents(lake) if row["source_path"] == "alone.md"}
    assert {row["source_path"] for row in documents(lake) if row["shard"] == shard} == {"alone.md"}
    build_asset(lake, "catalogue")
    file.rename(tmp_path / "away")
    build_lake(lake, until="raw_shards")
    assert shard not in lake.shards()
    withdraw(lake, ["alone.md"], **SAID)
    (tmp_path / "away").rename(file)
    build_lake(lake, until="raw_shards")
    assert shard in lake.shards()
    assert quarantine(lake) == {("alone.md", ""): 1}


def test_a_copy_that_is_being_read_meanwhile_does_not_stay(
    lake: LakeResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (tmp_path / "source" / "package00" / "copy.py").read_text()
    (tmp_path / "source" / "new.py").write_text(text)
    read = raw_shards.batches

    def withdrawing(*arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr(raw_shards, "batches", read)
        withdraw(lake, ["package00/copy.py"], **SAID)
        return read(*arguments, **named)

    scan(lake)
    (shard,) = stale_among(discover.asset("raw_shards"), lake, lake.shards())
    monkeypatch.setattr(raw_shards, "batches", withdrawing)
    build_asset(lake, "raw_shards", shard)
    assert "new.py" in {row["source_path"] for row in documents(lake)}  # by the list of before
    build_lake(lake, until="raw_shards")
    assert "new.py" not in {row["source_path"] for row in documents(lake)}
    assert raw_shards_hold_nothing_withdrawn.result(lake).passed


def test_what_is_restored_is_there_as_before(lake: LakeResources) -> None:
    contents = {name: lake.store.required(*name).content for name in versions(lake)}
    withdraw(lake, ["package04/module1.py"], **SAID)
    build_lake(lake, until="cluster_assignments")
    assert {name: lake.store.required(*name).content for name in contents} != contents
    with pytest.raises(
        MissingError, match=r"'package04' was to be restored; 1 withdrawals are in force: pack"
    ):
        restore(lake, ["package04"], reason="", by="bert")
    answer = restore(lake, ["package04/module1.py"], reason="", by="bert")
    assert "`guyot run` makes" in answer.summary
    (row,) = answer.rows.to_pylist()
    assert (row["state"], row["by"], row["reason"]) == ("restored", "bert", SAID["reason"])
    build_lake(lake, until="cluster_assignments")
    assert {name: lake.store.required(*name).content for name in contents} == contents
    assert not quarantine(lake)
    withdraw(lake, ["package04/module1.py"], **SAID)
    build_lake(lake, until="raw_shards")
    assert quarantine(lake) == {("package04/module1.py", ""): 1}


def test_a_text_of_two_withdrawals_is_back_when_both_are_undone(lake: LakeResources) -> None:
    rows = {row["source_path"]: row["doc_id"] for row in documents(lake)}
    withdraw(lake, [rows["package04/module1.py"]], **SAID)
    withdraw(lake, ["package04/module1.py"], **SAID)
    (one,) = (row for row in listed(lake).rows.to_pylist() if row["kind"] == "text")
    build_lake(lake, until="raw_shards")
    restore(lake, [one["withdrawal"]], reason="", by="bert")
    build_lake(lake, until="raw_shards")
    assert quarantine(lake) == {("package04/module1.py", ""): 1}
    restore(lake, ["package04/module1.py"], reason="", by="bert")
    build_lake(lake, until="raw_shards")
    assert not quarantine(lake)


def test_two_at_the_same_moment_lose_nothing(lake: LakeResources) -> None:
    names = [f"package{number:02d}/module0.py" for number in range(6)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda name: withdraw(lake, [name], **SAID), names))
    assert {row["source"] for row in listed(lake).rows.to_pylist()} == set(names)
    build_lake(lake, until="raw_shards")
    assert quarantine(lake) == {(name, ""): 1 for name in names}


def test_on_s3_it_is_the_same(bucket: str, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.md").write_text(f"the text of {name}\n")
    lake = lake_at(f"{bucket}/a lake", tmp_path, reading__shard_bytes=10)
    build_lake(lake, until="raw_shards")
    build_asset(lake, "catalogue")
    were = {shard: lake.store.required("raw_shards", shard).version for shard in lake.shards()}
    assert len(were) == 3
    answer = withdraw(lake, ["b.md"], **SAID)
    assert "read by 0 of 0 runs" in answer.summary
    build_lake(lake, until="raw_shards")
    assert quarantine(lake) == {("b.md", ""): 1}
    assert sum(lake.store.required("raw_shards", shard).version != were[shard] for shard in were) == 1
    restore(lake, ["b.md"], reason="a mistake", by="anna")
    build_lake(lake, until="raw_shards")
    assert not quarantine(lake)


def test_a_name_that_means_nothing_withdraws_nothing(lake: LakeResources) -> None:
    with pytest.raises(
        MissingError, match=r"'package04/modul.py' was asked for; .* nearest sources are pack"
    ):
        withdraw(lake, ["package04/module1.py", "package04/modul.py"], **SAID)
    assert listed(lake).summary == "0 withdrawals are in force, 0 were undone"
