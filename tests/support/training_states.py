"""States of a training that are kept in memory, and the end of the process that writes them."""


class States:
    """Keeps states in memory."""

    def __init__(self) -> None:
        self.kept: dict[int, bytes] = {}

    def latest(self) -> bytes | None:
        return self.kept[max(self.kept)] if self.kept else None

    def save(self, step: int, content: bytes) -> None:
        self.kept[step] = content


class Killed(Exception):
    """Stands for the end of the process."""
