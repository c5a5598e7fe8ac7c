"""How far packed bytes may unpack: some kilobytes can hold gigabytes, which nobody meant to read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from resources.settings import Settings

UNPACKING_SETTINGS = ("reading.max_expansion", "reading.free_unpacked_bytes", "reading.max_page_bytes")
REASON = "over_expansion_limit"


def limits_set(settings: Settings) -> dict[str, Any]:
    """Return the limits that are not the defaults, which alone a version hashes: few files meet any.

    Examples
    --------
    >>> limits_set(Settings.of(reading__max_expansion=1000))
    {'reading.max_expansion': 1000}
    """
    given = settings.select(*UNPACKING_SETTINGS)
    return {name: value for name, value in given.items() if value != settings.default(name)}


class OverExpansionError(ValueError):
    """A stream that unpacks to more than is allowed; its message says how far it was read."""


@dataclass(frozen=True)
class UnpackingLimits:
    """The limits of one reading.

    max_expansion : unpacked bytes for each packed byte
    free_bytes : what may be unpacked in any case
    max_page_bytes : unpacked bytes of a page of a Parquet file
    """

    max_expansion: int
    free_bytes: int
    max_page_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> "UnpackingLimits":
        """Return the limits that the settings give."""
        reading = settings.reading
        return cls(reading.max_expansion, reading.free_unpacked_bytes, reading.max_page_bytes)

    def allowed(self, packed_bytes: int, repeats: int = 1) -> int:
        """Return the bytes to which so many packed ones may unpack.

        Parameters
        ----------
        repeats : how many times as far, where a value that is stored once stands for many

        Examples
        --------
        >>> limits = UnpackingLimits(max_expansion=200, free_bytes=1000, max_page_bytes=9)
        >>> limits.allowed(1), limits.allowed(6), limits.allowed(6, repeats=50)
        (1000, 1200, 60000)
        """
        return max(self.free_bytes, self.max_expansion * repeats * packed_bytes)

    def explained(self, packed_bytes: int, what: str, repeats: int = 1) -> str:
        """Describe what unpacks too far.

        Examples
        --------
        >>> UnpackingLimits(200, 1000, 9).explained(7, "a file")
        'a file of 7 bytes unpacks to more than 1400; raise reading.max_expansion=200 to read it'
        """
        allowed = self.allowed(packed_bytes, repeats)
        return (
            f"{what} of {packed_bytes} bytes unpacks to more than {allowed}; raise "
            f"reading.max_expansion={self.max_expansion} to read it"
        )

    def bounded(self, read: Callable[[], bytes], packed_bytes: int) -> Callable[[], bytes]:
        """Return `read` of an unpacked stream, cut at what its packed bytes allow.

        Raises
        ------
        OverExpansionError : by the function returned, once all that is allowed was returned and more follows.
        """
        left = self.allowed(packed_bytes)

        def read_bounded() -> bytes:
            nonlocal left
            chunk = read() if left >= 0 else b""
            if left < 0 or (chunk and not left):
                raise OverExpansionError(self.explained(packed_bytes, "a file"))
            kept, left = chunk[:left], left - len(chunk)  # below zero: there was more
            return kept

        return read_bounded
