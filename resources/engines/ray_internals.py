"""The private names of Ray that the engine uses, each with its reason; tested with the pinned version."""

from collections.abc import Mapping
from typing import Any

from resources import progress


def say_errors_in_a_line(ray: Any) -> None:
    """Log the first line of what Ray has to say of the cluster.

    Ray prints it whole to stdout, state of the node and all, thirty lines for each task that is tried again;
    no setting ends that: `log_to_driver` is for what tasks print.
    """
    ray._private.worker.print_to_stdstream = _say


def _say(data: Mapping[str, Any], ignore_prefix: bool) -> None:
    """Log the first line of each message."""
    for message in data["lines"]:
        progress.note(f"Ray: {message.strip().partition(chr(10))[0]}")
