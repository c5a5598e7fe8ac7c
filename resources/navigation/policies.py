"""Trained policies: their folders, and what their memory holds along walks.

A folder has config.json, whose model_type says what it is, and model.safetensors. Torch is loaded when a
policy is.
"""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import CorruptError, SettingError
from guyot.navigation.observations import N_OBSERVED, walk_observations
from guyot.navigation.walks import Walk, poses
from resources.models.reproducibility import deterministic
from resources.navigation.policy_settings import N_UNITS
from resources.navigation.policy_training import TrainedPolicy

if TYPE_CHECKING:
    from resources.navigation.network import PolicyNetwork

POLICY_TYPE = "guyot-navigation-policy"  # the model_type in config.json
CONFIG, WEIGHTS = "config.json", "model.safetensors"
_THREADS = 1
_WALKS_AT_ONCE = 2048  # of which all states are held at a time
_ROWS = 256  # of each product: a state does not depend on how many walks there are


@dataclasses.dataclass(frozen=True)
class Policy:
    """A policy that can be asked.

    network : torch's, on the device that it computes on
    config : of its training, as JSON values
    """

    network: "PolicyNetwork"
    config: dict[str, Any]


def policy_files(trained: TrainedPolicy) -> dict[str, bytes]:
    """Return the files of a policy's folder, by name."""
    config = {"model_type": POLICY_TYPE, "memory": trained.config["training"]["memory"], **trained.config}
    return {CONFIG: json.dumps(config, indent=2).encode(), WEIGHTS: trained.weights}


def load_policy(folder: Path, device: str = "cpu") -> Policy:
    """Load a policy.

    Parameters
    ----------
    folder : with the files of `policy_files`

    Raises
    ------
    SettingError : the folder has no such files, or they are of another kind of model.
    CorruptError : the weights are not safetensors, or not of such a policy.
    """
    missing = [name for name in (CONFIG, WEIGHTS) if not (folder / name).is_file()]
    if missing:
        raise SettingError(f"{folder} has no {' and '.join(missing)}; give the folder of a navigation policy")
    try:
        config = json.loads((folder / CONFIG).read_bytes())
    except ValueError as error:
        raise CorruptError(f"{folder / CONFIG} is no JSON: {error}; train the policy again") from error
    found = config.get("model_type") if isinstance(config, dict) else None
    if found != POLICY_TYPE:
        raise SettingError(f"{folder} is of model_type {found!r}; give the folder of a {POLICY_TYPE}")
    return policy_of(config, (folder / WEIGHTS).read_bytes(), device)


def policy_of(config: dict[str, Any], weights: bytes, device: str = "cpu") -> Policy:
    """Build a policy of the content of its files.

    Parameters
    ----------
    config : with "memory"
    weights : safetensors

    Raises
    ------
    SettingError : a memory that there is not.
    CorruptError : the weights are not safetensors, or not of such a policy.
    """
    import safetensors.torch

    from resources.navigation.network import network_of

    try:
        network = network_of(config["memory"], safetensors.torch.load(weights))
    except (safetensors.SafetensorError, RuntimeError, KeyError) as error:
        raise CorruptError(
            f"{len(weights)} bytes are not the weights of a policy with memory {config.get('memory')!r}: "
            f"{error}; train it again"
        ) from error
    return Policy(network.to(device), config)


def states(policy: Policy, walks: Sequence[Walk]) -> list[NDArray[np.float32]]:
    """Return what a policy's memory holds along walks, whoever made them.

    Parameters
    ----------
    walks : led along the walk, the policy gets the observation that each pose gives; no wall is read

    Returns
    -------
    float32[n + 1, 128] of each walk of n actions, after each observation. A policy without a memory has the
    last layer before the policy in its place.

    Notes
    -----
    O(actions) products with the network's matrices, some 70,000 a second on one core. 256 walks at a time,
    of like lengths; a walk's states are the same to about 1e-6 in whatever company.
    """
    found: list[NDArray[np.float32]] = [np.empty((0, 0), np.float32)] * len(walks)
    lengths = np.array([len(walk.actions) + 1 for walk in walks], np.int64)
    order = np.argsort(lengths, kind="stable")
    for begin in range(0, len(walks), _ROWS):
        rows = order[begin : begin + _ROWS]
        observed = np.zeros((int(lengths[rows].max()), _ROWS, N_OBSERVED), np.float32)
        for place, row in enumerate(rows):
            walk = walks[row]
            observed[: lengths[row], place] = walk_observations(poses(walk), walk.actions, walk.goal)
        with deterministic(_THREADS):
            after = observed_states(policy, observed)
        for place, row in enumerate(rows):
            found[row] = after[: lengths[row], place].copy()
    return found


def last_states(policy: Policy, walks: Sequence[Walk]) -> NDArray[np.float32]:
    """Return what a policy's memory holds when walks end, float32[n, 128]; see `states`."""
    found = np.empty((len(walks), N_UNITS), np.float32)
    for begin in range(0, len(walks), _WALKS_AT_ONCE):
        block = walks[begin : begin + _WALKS_AT_ONCE]
        for row, after in enumerate(states(policy, block)):
            found[begin + row] = after[-1]
    return found


def observed_states(policy: Policy, observed: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a policy's memory holds after each of several observations, from an empty one on.

    Parameters
    ----------
    observed : float32[t, n, 12]

    Returns
    -------
    float32[t, n, 128]
    """
    import torch

    n_steps, n_rows, _ = observed.shape
    device = policy.network.policy.weight.device
    seen = torch.from_numpy(observed).to(device)
    state = torch.zeros(n_rows, N_UNITS, device=device)
    after = np.empty((n_steps, n_rows, N_UNITS), np.float32)
    with torch.inference_mode():
        for t in range(n_steps):
            _, _, state = policy.network.step(seen[t], state)
            after[t] = state.cpu().numpy()
    return after
