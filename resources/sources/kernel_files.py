"""Which file systems hold no files but what the kernel makes up, such as /proc: reading one may never end."""

import os
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_KINDS = frozenset(
    "binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue nsfs "
    "proc pstore rpc_pipefs securityfs selinuxfs sysfs tracefs".split()
)


def kernel_devices() -> dict[int, str]:
    """Return the file systems of the kernel's own, by the device number that `os.stat` gives.

    None where the system has no list of its mounts, as on macOS, which has no such file systems either.
    """
    try:
        lines = _MOUNTS.read_text("utf-8", "backslashreplace").splitlines()
    except OSError:
        return {}
    return kinds_of(lines)


def kinds_of(lines: list[str]) -> dict[int, str]:
    """Read the lines of a list of mounts; what is no line of one is passed over.

    Examples
    --------
    >>> kinds_of(["22 27 0:21 / /proc rw shared:1 - proc proc rw", "24 27 0:6 / /d rw - tmpfs t rw", "x"])
    {21: 'proc'}
    """
    found: dict[int, str] = {}
    for line in lines:
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.partition(" ")[0]
        if len(fields) > 2 and kind in _KINDS:
            major, _, minor = fields[2].partition(":")
            if major.isdecimal() and minor.isdecimal():
                found[os.makedev(int(major), int(minor))] = kind
    return found
