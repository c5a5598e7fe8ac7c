"""`nav_policies`: a training in the lake, resumed where it was killed, with the same bytes; shown as a curve."""

from pathlib import Path

import pytest
from support.agents import agent_lake
from support.lake import build_asset, spec_of

from assets.graph.lake import LakeResources
from assets.navigation import nav_policies as module
from assets.navigation.nav_policies import CURVES, nav_policies, open_policy, show
from resources.navigation import policy_training
from resources.navigation.policies import WEIGHTS

STEPS = {"navigation__imitation_steps": 40_000, "navigation__reward_steps": 20_000}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    lake = agent_lake(tmp_path_factory.mktemp("policies"), **STEPS)
    build_asset(lake, "mazes")
    build_asset(lake, "nav_policies", "recurrent-1")
    return lake


def test_a_row_is_an_update_of_imitation_then_of_reward(lake: LakeResources) -> None:
    manifest = lake.store.required("nav_policies", "recurrent-1")
    table = lake.store.table(manifest)
    assert table.schema.equals(CURVES.schema)
    rows = table.to_pylist()
    assert [row["phase"] for row in rows] == ["imitation"] * 3 + ["reward"] * 2
    assert [row["steps"] for row in rows] == [16_384 * n for n in range(1, 6)]
    shown = show(nav_policies.reader(lake), manifest)
    assert set(shown) == {"success", "spl", "seconds", "learning curve"}
    assert shown["learning curve"].value.startswith("![chart](data:image/png;base64,")
    assert open_policy(nav_policies.reader(lake), manifest).config["memory"] == "gru"


def test_a_killed_training_goes_on_to_the_same_bytes(
    lake: LakeResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = agent_lake(tmp_path, **STEPS)
    build_asset(other, "mazes")
    trained = policy_training.train_policy

    def killed(*given: object, **named: object) -> object:
        def stop(steps: int) -> None:
            if steps > 40_000:
                raise KeyboardInterrupt

        return trained(*given, **(named | {"progress": stop, "save_every": 1}))

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, "train_policy", killed)
        build_asset(other, "nav_policies", "recurrent-1")
    assert (
        spec_of(other, "nav_policies", "recurrent-1").version
        == spec_of(lake, "nav_policies", "recurrent-1").version
    )
    seen: list[float] = []
    monkeypatch.setattr(
        module, "train_policy", lambda *given, **named: trained(*given, **(named | {"progress": seen.append}))
    )
    build_asset(other, "nav_policies", "recurrent-1")
    assert len(seen) < 5, "it went on where it was"
    one, two = (at.store.required("nav_policies", "recurrent-1") for at in (lake, other))
    assert one.files[WEIGHTS].digest == two.files[WEIGHTS].digest
    assert lake.store.table(one).drop_columns([]).equals(other.store.table(two))
    assert not list((tmp_path / "lake" / ".partial").rglob("*.safetensors"))


def test_each_policy_has_a_version_of_its_own(lake: LakeResources) -> None:
    names = ("recurrent-0", "recurrent-1", "memoryless-0", "reward-0")
    assert len({spec_of(lake, "nav_policies", name).version for name in names}) == 4
