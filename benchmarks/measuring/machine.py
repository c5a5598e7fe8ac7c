"""Which machine this is: what figures depend on."""

import os
import platform
from pathlib import Path

_SETS = {"avx2": "AVX2", "avx512f": "AVX512", "avx512_bf16": "AVX512_BF16", "amx_bf16": "AMX"}


def describe() -> dict[str, object]:
    """Return the processor's name, its instruction sets of interest, cores, memory, system and Python."""
    fields = _fields(Path("/proc/cpuinfo"))
    flags = set(fields.get("flags", "").split())
    memory = _fields(Path("/proc/meminfo")).get("MemTotal", "0 kB")
    return {
        "processor": fields.get("model name", platform.processor() or platform.machine()),
        "family": f"{fields.get('cpu family', '?')}, model {fields.get('model', '?')}",
        "instruction_sets": [name for flag, name in _SETS.items() if flag in flags],
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": int(memory.split()[0]) * 1024,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _fields(path: Path) -> dict[str, str]:
    """Read the first of each `name : value` of a file; nothing where there is no such file."""
    found: dict[str, str] = {}
    if path.is_file():
        for line in path.read_text().splitlines():
            name, colon, value = line.partition(":")
            if colon:
                found.setdefault(name.strip(), value.strip())
    return found
