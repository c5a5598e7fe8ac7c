"""What makes trainings repeatable: seeded initial weights, deterministic algorithms, digests of weights."""

import contextlib
import hashlib
import importlib
import threading
from collections.abc import Iterator
from typing import Any

from guyot.seeds import generator

# whoever builds or loads a model holds it: torch draws all weights from one state of the process, and
# transformers changes its classes meanwhile, so that two at a time left weights untied for good
DRAWING = threading.RLock()


@contextlib.contextmanager
def drawing(seed: int) -> Iterator[None]:
    """Draw the initial weights of the model that is built inside; the same seed gives the same ones."""
    import torch

    with DRAWING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(generator(seed, "initial-weights").integers(1 << 62)))
        yield


def digest(weights: bytes) -> str:
    """Hash serialized weights to 32 hex digits."""
    return hashlib.blake2b(weights, digest_size=16).hexdigest()


class _ComputeState:
    """How torch computes in this process, which trainings side by side set together, and the last resets."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
        self.before: tuple[bool, bool, bool, int] = (False, False, False, 0)


_STATE = _ComputeState()


@contextlib.contextmanager
def deterministic(threads: int) -> Iterator[None]:
    """Use torch's deterministic algorithms where it has them; restore its settings afterwards.

    Parameters
    ----------
    threads : that share one operation; blocks that run side by side must ask for the same number
    """
    import torch

    memory: Any = importlib.import_module("torch.utils.deterministic")  # its setting is not in the stubs

    with _STATE.lock:
        if not _STATE.users:
            _STATE.before = (
                torch.are_deterministic_algorithms_enabled(),
                torch.is_deterministic_algorithms_warn_only_enabled(),
                memory.fill_uninitialized_memory,
                torch.get_num_threads(),
            )
        _STATE.users += 1
        torch.use_deterministic_algorithms(True, warn_only=True)
        # every kernel here writes all of its output: filling it first only costs time, a fifth of it
        memory.fill_uninitialized_memory = False
        torch.set_num_threads(threads)  # a setting of the thread, and of the process
    try:
        yield
    finally:
        with _STATE.lock:
            _STATE.users -= 1
            if not _STATE.users:
                enabled, warned, memory.fill_uninitialized_memory, n_threads = _STATE.before
                torch.use_deterministic_algorithms(enabled, warn_only=warned)
                torch.set_num_threads(n_threads)
