"""Arguments of the command line become settings, or an error that says what to write instead."""

import os

import click
import pytest
from click.testing import CliRunner

from guyot.errors import SettingError
from jobs.cli.options import lake_option, pairs_of, put, settings_given
from resources.setting_names import variable
from resources.settings import Settings


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give each test an environment of its own."""
    own = {"PATH": "/bin", "GUYOT_LAKE": "/before"}
    monkeypatch.setattr(os, "environ", own)
    return own


def test_arguments_are_put_into_the_environment_and_the_absent_ones_leave_it(
    environment: dict[str, str],
) -> None:
    put(lake=None, source="/papers", clustering__n_clusters="7")
    assert {name: value for name, value in environment.items() if "GUYOT" in name.upper()} == {
        "GUYOT_LAKE": "/before", "GUYOT_SOURCE": "/papers", "GUYOT_CLUSTERING__N_CLUSTERS": "7",
    }  # fmt: skip
    put(lake="/after")
    assert environment["GUYOT_LAKE"] == "/after"


def test_what_was_put_beats_what_the_launchpad_says() -> None:
    assert settings_given().lake == "/before"
    put(lake="/argument", clustering__n_clusters="7")
    assert (settings_given().lake, settings_given().clustering.n_clusters) == ("/argument", 7)
    assert Settings.of(lake="/launchpad", clustering__n_clusters=3).clustering.n_clusters == 7
    assert Settings(lake="/launchpad", seed=3).lake == "/argument"


def test_pairs_are_split_at_the_first_equals_sign_and_the_last_of_a_name_counts() -> None:
    assert pairs_of(()) == {}
    assert pairs_of(("seed=1", "source=s3://a/b=c", "seed=2")) == {"seed": "2", "source": "s3://a/b=c"}


@pytest.mark.parametrize("pair", ["seed", "seed=", "=", ""])
def test_a_pair_without_a_value_is_an_error_that_shows_how_to_write_it(pair: str) -> None:
    with pytest.raises(SettingError) as refused:
        pairs_of(("clustering.n_clusters=2", pair))
    assert str(refused.value) == f"--set {pair!r} was given; write it as NAME=VALUE"


@pytest.mark.parametrize("name", ["nothing", "SEED", "", "some"])
def test_an_unknown_name_is_an_error_with_all_the_names_there_are(name: str) -> None:
    with pytest.raises(SettingError) as refused:
        pairs_of(("clustering.n_clusters=2", f"{name}=1"))
    said, _, choices = str(refused.value).partition("; choose from ")
    assert said == f"setting {name!r} was given; there is no such setting"
    assert tuple(choices.split(", ")) == Settings.names()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("tokenization.vocabulary_size", "299", "greater than or equal to 300"),
        ("reading.held_out_fraction", "1", "less than 1"),
        ("seed", "one", "valid integer"),
        ("automation.curate_hours", "-0.5", "greater than or equal to 0"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_the_variable_to_change(
    name: str, value: str, why: str
) -> None:
    put(**{name: value})
    with pytest.raises(SettingError) as refused:
        settings_given()
    assert str(refused.value).startswith(f"{name}={value!r}: ")
    assert why in str(refused.value)
    assert str(refused.value).endswith(f"; set {variable(name)} otherwise")


def test_an_empty_variable_is_as_good_as_none() -> None:
    put(seed="", lake="")
    defaults = {name: Settings.default(name) for name in Settings.names()}
    assert settings_given().select(*Settings.names()) == defaults


def test_every_verb_takes_the_lake_in_the_same_way() -> None:
    @click.command()
    @lake_option
    def verb(lake: str | None) -> None:
        put(lake=lake)
        click.echo(settings_given().lake)

    assert CliRunner().invoke(verb, ["--lake", "/other"]).output == "/other\n"
    assert CliRunner().invoke(verb, []).output == "/other\n", "the environment still says it"
    assert "--lake DIR  The lake. [GUYOT_LAKE;" in CliRunner().invoke(verb, ["--help"]).output
