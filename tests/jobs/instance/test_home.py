"""Dagster's event log lies in the lake, beside one on S3, or where DAGSTER_HOME says, with its settings."""

import os
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy.exc
from dagster_postgres.utils import DagsterPostgresException
from support.lake import lake_at

from guyot.errors import UnreachableError, UnwritableError
from jobs.instance.home import dagster_home, instance_of
from resources.settings import ROOT, Settings


def settings_of(lake: Path | str) -> Settings:
    return lake_at(lake, "nowhere").settings


def test_a_local_lake_holds_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dagster_home(settings_of(tmp_path / "lake")) == tmp_path / "lake" / ".dagster"
    monkeypatch.chdir(tmp_path)
    assert dagster_home(settings_of("here")) == tmp_path / "here" / ".dagster"
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    assert dagster_home(settings_of("~/lake")) == tmp_path / "person" / "lake" / ".dagster"
    monkeypatch.setenv("DAGSTER_HOME", "")
    assert dagster_home(settings_of(tmp_path / "lake")) == tmp_path / "lake" / ".dagster"


def test_a_linked_lake_has_one_log_under_either_name(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "lake").symlink_to(tmp_path / "disk")
    assert dagster_home(settings_of(tmp_path / "lake")) == dagster_home(settings_of(tmp_path / "disk"))


def test_a_lake_on_s3_has_its_log_in_the_state_folder_of_this_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    usual = dagster_home(settings_of("s3://bucket/a lake, 'quoted'"))
    assert usual.parent == tmp_path / "person" / ".local" / "state" / "guyot"
    assert usual.name.startswith("bucket-a-lake-quoted-")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    chosen = dagster_home(settings_of("s3://bucket/a lake, 'quoted'"))
    assert chosen == tmp_path / "state" / "guyot" / usual.name
    assert chosen == dagster_home(settings_of("s3://bucket/a lake, 'quoted'/")), "always the same"
    assert (chosen / "dagster.yaml").exists()


def test_no_two_lakes_on_s3_share_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    lakes = ["bucket/a/lake", "bucket/a-lake", "bucket-a/lake", "bucket/a lake", "bucket/A/lake", "bucket"]
    assert len({dagster_home(settings_of(f"s3://{lake}")) for lake in lakes}) == len(lakes)


def test_a_place_that_is_none_is_refused_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with pytest.raises(ValueError, match="s3://bucket/prefix"):
        dagster_home(settings_of("s3://bucket/../other"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lake", ["lake", "s3://bucket/lake"])
def test_dagster_home_wins_wherever_the_lake_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lake: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for chosen, meant in (("chosen/home", "chosen/home"), ("~/log", "person/log")):
        monkeypatch.setenv("HOME", str(tmp_path / "person"))
        monkeypatch.setenv("DAGSTER_HOME", chosen)
        assert dagster_home(settings_of(lake)) == tmp_path / meant
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chosen", "person"]


def test_the_instance_s_settings_are_copied_once_and_never_overwritten(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "lake")
    written = dagster_home(settings) / "dagster.yaml"
    assert written.read_text() == (ROOT / "dagster.yaml").read_text()
    written.write_text("telemetry: {enabled: false}\n")
    assert dagster_home(settings) == written.parent
    with instance_of(settings):
        pass
    assert written.read_text() == "telemetry: {enabled: false}\n"


def test_the_log_keeps_what_it_was_told_and_has_the_settings_of_its_home(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "lake")
    with instance_of(settings) as instance:
        assert isinstance(instance, dg.DagsterInstance)
        assert instance.is_persistent
        assert instance.root_directory == str(tmp_path / "lake" / ".dagster")
        assert instance.telemetry_enabled is False
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
        instance.add_dynamic_partitions("shards", ["a", "b"])
    with instance_of(settings) as again:
        assert again.get_dynamic_partitions("shards") == ["a", "b"]
    with instance_of(settings_of(tmp_path / "other")) as other:
        assert other.get_dynamic_partitions("shards") == []


@pytest.mark.parametrize("before", [None, "elsewhere"])
def test_the_environment_names_the_home_meanwhile_and_is_as_before_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    settings = settings_of(tmp_path / "lake")
    home = tmp_path / "lake" / ".dagster"
    if before is not None:
        home = tmp_path / before
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("DAGSTER_HOME", before)
    as_it_was = dict(os.environ)
    with instance_of(settings):
        assert os.environ["DAGSTER_HOME"] == str(home)
    assert dict(os.environ) == as_it_was
    with pytest.raises(ZeroDivisionError), instance_of(settings):
        1 / 0
    assert dict(os.environ) == as_it_was
    (home / "dagster.yaml").write_text("nothing_of_the_kind: 1\n")
    with pytest.raises(dg.DagsterInvalidConfigError), instance_of(settings):
        pass
    assert dict(os.environ) == as_it_was


def test_an_event_log_that_takes_nothing_is_said_in_a_sentence(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "lake")
    home = dagster_home(settings)
    for why, error, parts in (
        ("database or disk is full", UnwritableError, ("bytes are free in", "make room")),
        ("attempt to write a readonly database", UnwritableError, ("set DAGSTER_HOME",)),
        ("connection refused\nat planted:secret", UnreachableError, ("its dagster.yaml",)),
    ):
        with pytest.raises(error) as told, instance_of(settings):
            raise sqlalchemy.exc.OperationalError("INSERT", {}, Exception(why))
        said = str(told.value)
        assert all(part in said for part in (str(home), why.partition("\n")[0], *parts)), said
        assert "secret" not in said


def test_a_postgres_that_is_away_is_said_in_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(UnreachableError, match="its database says: connection refused; see its dagster.yaml"),
        instance_of(settings_of(tmp_path / "lake")),
    ):
        raise DagsterPostgresException("too many retries") from OSError("connection refused\nmore")
    with pytest.raises(KeyError), instance_of(settings_of(tmp_path / "lake")):
        raise KeyError("another")
