"""Settings: the environment beats what is given, and wrong values say which."""

import dagster as dg
import pytest

from guyot.errors import SettingError
from resources.setting_names import field_of, variable
from resources.settings import Settings


def test_the_environment_beats_the_launchpad_beats_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().clustering.n_clusters == 0
    given = {"n_clusters": 5, "iterations": 3}
    assert Settings(clustering=given).clustering.n_clusters == 5
    monkeypatch.setenv("GUYOT_CLUSTERING__N_CLUSTERS", "9")
    found = Settings(clustering=given).clustering
    assert (found.n_clusters, found.iterations, found.points_per_cluster) == (9, 3, 64)


@pytest.mark.parametrize("name", ["lake", "source", "encoder"])
def test_the_plain_variables_stay(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"GUYOT_{name.upper()}", "/elsewhere")
    assert Settings().get(name) == "/elsewhere"


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUYOT_SEED", "")
    monkeypatch.setenv("GUYOT_CLUSTERING__N_CLUSTERS", "")
    assert (Settings().seed, Settings().clustering.n_clusters) == (0, 0)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("CLUSTERING__N_CLUSTERS", "many", "valid integer"),
        ("READING__HELD_OUT_FRACTION", "1.5", "less than 1"),
        ("MINHASH__SHINGLE_UNIT", "bytes", "'words' or 'characters'"),
        ("SEED", "-1", "greater than or equal to 0"),
    ],
)
def test_a_wrong_value_names_its_variable_what_was_found_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(f"GUYOT_{name}", value)
    with pytest.raises(SettingError) as refused:
        Settings.from_environment()
    setting = name.lower().replace("__", ".")
    assert str(refused.value).startswith(f"{setting}={value!r}: ")
    assert allowed in str(refused.value)
    assert str(refused.value).endswith(f"; set GUYOT_{name} otherwise")


def test_a_wrong_value_from_the_launchpad_names_its_setting() -> None:
    with pytest.raises(ValueError, match=r"clustering\.border_margin=3"):
        Settings(clustering={"border_margin": 3})


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ("GUYOT_N_CLUSTERS", "GUYOT_N_CLUSTERS was given; it is GUYOT_CLUSTERING__N_CLUSTERS now"),
        ("GUYOT_HELD_OUT_BY", "GUYOT_HELD_OUT_BY was given; it is GUYOT_READING__HELD_OUT_UNIT now"),
        ("GUYOT_CLUSTERING", "no such setting; choose from GUYOT_LAKE, GUYOT_SOURCE"),
        ("GUYOT_CLUSTERING__SEED", "no such setting; choose from GUYOT_LAKE, GUYOT_SOURCE"),
        ("GUYOT_LAKES", "GUYOT_LAKES was given; there is no such setting"),
    ],
)
def test_an_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch, variables: str, said: str) -> None:
    monkeypatch.setenv(variables, "1")
    with pytest.raises(SettingError, match=said):
        Settings.from_environment()


def test_dagster_takes_groups_and_refuses_what_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUYOT_CLUSTERING__N_CLUSTERS", "9")
    seen: list[Settings] = []

    @dg.asset
    def reader(settings: Settings) -> None:
        seen.append(settings)

    resources = {"settings": Settings.configure_at_launch()}
    job = dg.Definitions(assets=[reader], resources=resources).resolve_implicit_global_asset_job_def()

    def run(config: dict[str, object]) -> None:
        job.execute_in_process(run_config={"resources": {"settings": {"config": config}}})

    run({"clustering": {"n_clusters": 4, "iterations": 2}, "seed": 3})
    assert seen[0].select("clustering.n_clusters", "clustering.iterations", "seed") == {
        "clustering.n_clusters": 9, "clustering.iterations": 2, "seed": 3,
    }  # fmt: skip
    run(seen[0].model_dump())
    assert seen[1].model_dump() == seen[0].model_dump()
    with pytest.raises(dg.DagsterInvalidConfigError, match="n_cluster"):
        run({"clustering": {"n_cluster": 4}})


def test_a_changed_copy_leaves_the_rest_and_is_not_changed_by_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = Settings.of(seed=1, clustering__iterations=3)
    monkeypatch.setenv("GUYOT_CLUSTERING__N_CLUSTERS", "9")
    after = before.changed(clustering__n_clusters=2)
    assert (after.seed, after.clustering.n_clusters, after.clustering.iterations) == (1, 2, 3)
    assert before.clustering.n_clusters == 0
    with pytest.raises(SettingError, match="'clustering.clusters' was given; there is no such setting"):
        before.changed(clustering__clusters=2)


def test_select_takes_dotted_names_and_refuses_others() -> None:
    chosen = Settings.of(clustering__n_clusters=3).select("clustering.n_clusters", "seed")
    assert chosen == {"clustering.n_clusters": 3, "seed": 0}
    for name in ("clustering", "n_clusters", "clustering.seed"):
        with pytest.raises(SettingError, match=name):
            Settings().select(name)


def test_every_setting_says_what_it_is_and_has_a_variable() -> None:
    assert all(field_of(Settings, name).description for name in Settings.names())
    assert len({variable(name) for name in Settings.names()}) == len(Settings.names())
