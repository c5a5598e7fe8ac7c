"""Each named policy differs from the others in what its name says, and in nothing else."""

import dataclasses

from resources.navigation.named_policies import NAMES, named_policy
from resources.navigation_settings import NavigationSettings


def test_names_say_memory_seed_and_kind_of_learning() -> None:
    asked = NavigationSettings(imitation_steps=10, reward_steps=5)
    found = {name: named_policy(name, asked) for name in NAMES}
    assert [found[f"recurrent-{seed}"].seed for seed in range(3)] == [0, 1, 2]
    plain = found["recurrent-0"]
    assert (plain.memory, plain.imitation_steps, plain.reward_steps) == ("gru", 10, 5)
    assert found["recurrent-2"] == dataclasses.replace(plain, seed=2)
    assert found["memoryless-0"] == dataclasses.replace(plain, memory="none")
    alone = dataclasses.replace(plain, imitation_steps=0, reward_steps=15, curriculum=True)
    assert found["reward-0"] == alone
    on_gpu = named_policy("recurrent-0", asked.model_copy(update={"device": "cuda"}))
    assert on_gpu == dataclasses.replace(plain, device="cuda")
