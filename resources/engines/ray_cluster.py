"""Parallel execution on a Ray cluster: plain tasks, each an item, in a bounded window and in order.

Nothing of the project knows of it: a mapped function and its items are plain values, what is written lies in
the lake, and what a dead worker left is not seen. The code travels with tasks; packages are the cluster's.
"""

import contextlib
import logging
import os
import platform
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeVar

from guyot.errors import GuyotError, SettingError, UnreachableError, first_line
from resources import progress
from resources.engines import ray_internals
from resources.engines.threads import Engine
from resources.places import absolute
from resources.setting_names import PREFIX
from resources.settings import ROOT

Item = TypeVar("Item")
Result = TypeVar("Result")
SCHEME = "ray://"
_AHEAD = 2  # items submitted for each processor of the cluster beyond the one whose result is awaited
_RETRIES = 3  # of a task whose worker or node died
_CONNECT_SECONDS = 10.0
_TURN_SECONDS = 0.5  # after which a Ctrl-C is noticed
# neither data, nor what a node has of its own, nor what nobody imports there
_LEFT_BEHIND = (
    "/.git", "/.venv", "/build", "/lake", "/docs", "/tests", "/benchmarks", "/examples", "/typings",
    "*.parquet",
)  # fmt: skip
_PACKAGES = ("ray", "dagster", "numpy", "pyarrow", "faiss-cpu", "torch", "transformers", "tokenizers")


@dataclass(frozen=True)
class Node:
    """A node of the cluster.

    processors, memory_bytes : what it offers to tasks
    differs : in which releases it differs from this machine; empty: in none
    reads : what a function that is given the lake finds there, or why it cannot
    """

    address: str
    processors: int
    memory_bytes: int
    differs: str
    reads: str


class RayEngine(Engine):
    """Runs functions on the cluster that `engine` names."""

    @property
    def has_own_cores(self) -> bool:
        """Whether each item has a processor of its own: then items that use all cores need not take turns."""
        return True

    @property
    def workers(self) -> int:
        """Count the processors of the cluster.

        Raises
        ------
        UnreachableError : it has none.
        """
        n_workers = int(self._ray().cluster_resources().get("CPU", 0))
        if not n_workers:
            raise UnreachableError(
                f"processors of the cluster {self.settings.engine} were asked for, and it has none; start a "
                "node with --num-cpus, and run again: what was finished stays"
            )
        return n_workers

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item], workers: int | None = None
    ) -> Iterator[Result]:
        """Yield function(item) in the order of the items, as the engine of threads does.

        A task whose worker or node dies runs again, up to three times; one that raises does not: its error is
        raised here as it was. With `workers` 1 the items run here, in the thread of the caller.

        Raises
        ------
        UnreachableError : the cluster does not answer, has no processors, or a task's workers died again and
            again.
        """
        if workers == 1:
            yield from map(function, items)
            return
        ray = self._ray()
        task = ray.remote(num_cpus=1, max_retries=_RETRIES)(_run)
        waiting: deque[Any] = deque()
        try:
            for item in items:
                # counted anew: nodes come where tasks wait
                while len(waiting) >= (workers or self.workers * (1 + _AHEAD)):
                    yield self._result(waiting.popleft())
                waiting.append(task.remote(function, item))
            while waiting:
                yield self._result(waiting.popleft())
        finally:
            for reference in waiting:
                with contextlib.suppress(ray.exceptions.RayError, RuntimeError):  # the cluster may be away
                    ray.cancel(reference, force=True)

    def nodes(self, look: Callable[[], str]) -> list[Node]:
        """Ask every node that is alive for its releases, and for what it finds.

        Parameters
        ----------
        look : runs on each node; what it raises is told in its place
        """
        ray = self._ray()
        affinity, here, found = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy, _releases(), []
        alive = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]
        asked = [
            ray.remote(num_cpus=0)(_look).options(
                scheduling_strategy=affinity(node["NodeID"], soft=False)
            ).remote(look)
            for node in alive
        ]  # fmt: skip
        for node, reference in zip(alive, asked, strict=True):
            there, reads = self._get(reference)
            differs = [f"{name} {there[name]} for {here[name]}" for name in here if there[name] != here[name]]
            resources = node["Resources"]
            found.append(
                Node(
                    f"{node['NodeManagerAddress']}:{node['NodeManagerPort']}", int(resources["CPU"]),
                    int(resources.get("memory", 0)), ", ".join(differs), reads,
                )
            )  # fmt: skip
        return found

    def _result(self, reference: Any) -> Any:
        """Wait for a task; count here what it counted there."""
        found, counted = self._get(reference)
        for work, amount in counted.items():
            progress.advance(work, amount)
        return found

    def _get(self, reference: Any) -> Any:
        """Wait for a task, for as long as there are processors for it."""
        ray = self._ray()
        while not ray.wait([reference], timeout=_TURN_SECONDS)[0]:
            _ = self.workers
        try:
            return ray.get(reference)
        except ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, GuyotError):
                raise error.cause from None
            raise error.cause if isinstance(error.cause, Exception) else error from error
        except _deaths(ray) as error:
            raise UnreachableError(
                f"a task was asked of the cluster {self.settings.engine}, and its workers died, at most "
                f"{_RETRIES + 1} times: {first_line(error)}; give the nodes more memory, or fewer tasks at "
                "a time (num_cpus of a node), and run again: what was finished stays"
            ) from error
        except ray.exceptions.RayError as error:
            raise UnreachableError(
                f"a task was asked of the cluster {self.settings.engine}, and Ray says: "
                f"{first_line(error)}; run again: what was finished stays"
            ) from error

    def _ray(self) -> Any:
        """Return Ray, connected to the cluster; in a task it is."""
        try:
            import ray
        except ImportError:
            raise SettingError(
                f"engine={self.settings.engine!r} was asked for, and Ray is not installed; install "
                '"guyot[ray]", the release that the cluster has'
            ) from None
        if not ray.is_initialized():
            self._connect(ray)
        return ray

    def _connect(self, ray: Any) -> None:
        """Connect to the head; Ray itself would try for ever."""
        address = self.settings.engine.removeprefix(SCHEME)
        host, _, port = address.rpartition(":")
        logging.getLogger("ray").setLevel(logging.CRITICAL)  # the dead are told of by what comes of it
        ray_internals.say_errors_in_a_line(ray)
        try:
            socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()
            ray.init(
                address=address, log_to_driver=False, configure_logging=False, logging_level="ERROR",
                runtime_env={"working_dir": str(ROOT), "excludes": self._left_behind()},
            )  # fmt: skip
        except (OSError, RuntimeError, ValueError) as error:
            raise UnreachableError(
                f"the cluster {self.settings.engine} was asked for, and it cannot be joined: "
                f"{first_line(error)}; is its head up, of this release of Ray and Python, and is this "
                f"machine one of its nodes (ray start --address {address} --num-cpus 0)?"
            ) from error

    def _left_behind(self) -> list[str]:
        """Return what of the checkout no node gets, as Git writes it; no lake or source inside it either."""
        places = [absolute(place) for place in (self.settings.lake, self.settings.source)]
        inside = [place.removeprefix(str(ROOT)) for place in places if place.startswith(f"{ROOT}/")]
        return [*_LEFT_BEHIND, *inside]


def _run(function: Callable[[Item], Result], item: Item) -> tuple[Result, dict[str, float]]:
    """Run a function on a worker; return what it counted too."""
    _forget_variables()
    with progress.collected() as counted:
        found = function(item)
    return found, counted


def _forget_variables() -> None:
    """Remove settings that this node has for itself: items bring all of theirs, and variables would win."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]


def _deaths(ray: Any) -> tuple[type[Exception], ...]:
    """List what Ray raises where workers died."""
    errors = ray.exceptions
    return (errors.WorkerCrashedError, errors.NodeDiedError, errors.OutOfMemoryError, errors.ObjectLostError)


def _look(look: Callable[[], str]) -> tuple[dict[str, str], str]:
    """Return a node's releases, and what it finds."""
    _forget_variables()
    try:
        reads = look()
    except Exception as error:  # noqa: BLE001  (told to the person who asks)
        reads = f"{type(error).__name__}: {error}"
    return _releases(), reads


def _releases() -> dict[str, str]:
    """Return the releases of Python and of the packages here."""
    return {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}
