"""A place has one name, and holds no credentials."""

import pytest

from guyot.errors import SettingError
from resources.places import absolute, inner_path
from resources.settings import Settings


@pytest.mark.parametrize(
    "uri",
    ["s3://", "s3:///a", "s3://b//a", "s3://b/a/../c", "s3://b/./a", "gs://b/a", "S3://b/a", "https://b/a"],
)
def test_a_place_on_s3_that_names_none_is_refused(uri):
    with pytest.raises(SettingError, match="s3://bucket/prefix"):
        absolute(uri)


@pytest.mark.parametrize(
    "uri",
    ["s3://KEY:planted@b/a", "https://user:planted@host/b", "s3://planted@b", "s3://KEY:planted/more@b/a"],
)
def test_credentials_in_a_place_are_refused_and_not_said(uri):
    with pytest.raises(SettingError, match="from the environment") as refused:
        absolute(uri)
    assert "planted" not in str(refused.value)


def test_the_home_of_nobody_is_refused():
    with pytest.raises(SettingError, match="write the directory whole"):
        absolute("~nobody-of-that-name/lake")


def test_a_place_has_one_name(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    assert absolute("link/../real") == absolute(str(tmp_path / "link")) == str(tmp_path / "real")
    assert absolute("s3://b/a/") == "s3://b/a"
    assert inner_path("s3://b/a") == "b/a"


@pytest.mark.parametrize("name", ["lake", "source"])
def test_settings_refuse_them_before_anything_writes_them_down(name):
    with pytest.raises(ValueError, match="from the environment") as refused:
        Settings.of(**{name: "s3://KEY:planted@b/a"})
    assert "planted" not in str(refused.value)
