"""What is free is given back to the system."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resources import memory

ROOT = Path(__file__).resolve().parents[2]


def resident_bytes() -> int:
    """Return what of this process is resident and no file's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon:"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is resident so")
def test_what_small_arrays_had_is_given_back() -> None:
    if memory._of_c_library("malloc_trim") is None:
        pytest.skip("this C library keeps what it has")
    memory.give_back()
    before = resident_bytes()
    held = [np.ones(8000) for _ in range(3000)]  # 64 kB each, which no allocator maps by itself
    last = np.ones(8000)  # above them, so that the heap's end cannot fall
    assert resident_bytes() - before > 150_000_000
    del held
    memory.give_back()
    assert resident_bytes() - before < 50_000_000
    assert last.sum() == 8000


def test_a_c_library_without_it_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    try:
        assert memory._of_c_library("malloc_trim") is None
        memory.give_back()
        memory.keep_few_pools()
    finally:
        forget()


def test_threads_share_pools_as_glibc_says(tmp_path: Path) -> None:
    if memory._of_c_library("mallopt") is None:
        pytest.skip("this C library has pools of its own")
    program = (
        "import ctypes, sys, threading\n"
        "from resources import memory\n"
        "if sys.argv[1] == 'few': memory.keep_few_pools()\n"
        "import numpy as np\n"
        "meeting = threading.Barrier(12)\n"
        "def work():\n"
        "    held = [np.ones(1000) for _ in range(50)]\n"
        "    meeting.wait()\n"
        "threads = [threading.Thread(target=work) for _ in range(12)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "libc = ctypes.CDLL(None)\n"
        "file = libc.fopen; file.restype = ctypes.c_void_p\n"
        "out = ctypes.c_void_p(file(sys.argv[2].encode(), b'w'))\n"
        "libc.malloc_info(0, out); libc.fclose(out)\n"
    )
    counts = {}
    for how in ("many", "few"):
        path = tmp_path / how
        own = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
        subprocess.run([sys.executable, "-c", program, how, str(path)], check=True, cwd=ROOT, env=own)
        counts[how] = path.read_text().count("<heap nr=")
    assert counts["few"] <= memory._POOLS < counts["many"]


def forget() -> None:
    """Look for the functions anew."""
    memory._of_c_library.cache_clear()
    memory.keep_few_pools.cache_clear()
