"""The policies that the graph trains, by name: with a memory, without one, and from reward alone."""

from resources.navigation.policy_settings import PolicySettings
from resources.navigation_settings import NavigationSettings

N_RECURRENT = 3
RECURRENT, MEMORYLESS, REWARD = "recurrent", "memoryless", "reward"
NAMES = (*(f"{RECURRENT}-{seed}" for seed in range(N_RECURRENT)), f"{MEMORYLESS}-0", f"{REWARD}-0")


def named_policy(name: str, navigation: NavigationSettings) -> PolicySettings:
    """Return how a policy is trained.

    Parameters
    ----------
    name : of `NAMES`: what is particular to it, and its seed

    Examples
    --------
    >>> named_policy("memoryless-0", NavigationSettings()).memory
    'none'
    """
    family, _, seed = name.rpartition("-")
    imitation, reward = navigation.imitation_steps, navigation.reward_steps
    if family == REWARD:  # as many steps as the others, none of them of imitation
        imitation, reward = 0, imitation + reward
    return PolicySettings(
        seed=int(seed),
        memory="none" if family == MEMORYLESS else "gru",
        imitation_steps=imitation,
        reward_steps=reward,
        curriculum=family == REWARD,
        device=navigation.device,
    )
