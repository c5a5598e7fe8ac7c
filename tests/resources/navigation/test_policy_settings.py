"""The settings of a policy's training: what budgets and rates come to, and what is refused."""

import json

import pytest

from guyot.errors import SettingError
from resources.navigation.policy_settings import PolicySettings


def test_budgets_are_rounded_up_to_whole_rollouts() -> None:
    settings = PolicySettings(imitation_steps=16_385, reward_steps=16_384)
    assert settings.steps_per_update == 256 * 64
    assert (settings.n_imitation_updates, settings.n_updates) == (2, 3)
    assert [settings.imitates(update) for update in range(3)] == [True, True, False]
    assert [settings.begins_reward(update) for update in range(3)] == [False, False, True]
    alone = PolicySettings(imitation_steps=0, reward_steps=0)
    assert alone.n_updates == 0
    assert not alone.begins_reward(0)


def test_rates_fall_in_a_line_over_both_kinds() -> None:
    settings = PolicySettings(imitation_steps=16_384 * 2, reward_steps=16_384 * 3)
    rates = [settings.learning_rate(update) for update in range(5)]
    assert rates[0] == 2e-3
    assert rates[1] == pytest.approx(2e-3 * (1 - 0.95 / 4))
    assert rates[2] == pytest.approx(1e-3 * (1 - 0.95 / 2))
    assert rates[4] == pytest.approx(1e-3 * 0.05)
    assert [settings.entropy_weight(u) for u in (2, 3, 4)] == pytest.approx([0.01, 0.006, 0.002])


def test_one_update_has_the_first_rate() -> None:
    settings = PolicySettings(imitation_steps=0, reward_steps=1)
    assert (settings.learning_rate(0), settings.entropy_weight(0)) == (1e-3, 0.01)


def test_they_are_json() -> None:
    settings = PolicySettings(seed=3, curriculum=True)
    assert PolicySettings(**json.loads(json.dumps(settings.as_json()))) == settings


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"imitation_steps": -1}, "imitation_steps=-1 .* 0 or more"),
        ({"n_agents": 0}, "n_agents=0 .* at least 1"),
        ({"minibatch_agents": 60}, "minibatch_agents=60 .* divisor of n_agents=256"),
        ({"sharpening": 0.0}, "sharpening=0.0 .* more than 0"),
        ({"discount": 1.5}, "discount=1.5 .* 0 to 1"),
        ({"memory": "lstm"}, "memory='lstm' .* gru or none"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        PolicySettings(**wrong)
