"""`make ui` as people run it: it says where the graph is, and ends when it is told to, whole."""

import contextlib
import os
import signal
import subprocess
import urllib.request
from pathlib import Path

import psutil
import pytest
from support.later import later
from support.s3 import free_port
from support.service import GUYOT, ROOT, wait_for


@pytest.mark.parametrize("how", [signal.SIGINT, *later([signal.SIGTERM])], ids=lambda how: how.name)
def test_make_ui_says_where_it_is_and_ends_with_every_process_of_it(
    tmp_path: Path, how: signal.Signals
) -> None:
    port = free_port()
    environment = {**os.environ, "GUYOT_LAKE": str(tmp_path / "lake"), "GUYOT_SOURCE": str(tmp_path)}
    # as if it were set up: these tests run in an environment already
    command = ["make", "-o", ".venv/.set-up", f"BIN={Path(GUYOT).parent}", "ui", f"PORT={port}"]
    with (tmp_path / "log").open("wb") as log:
        make = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    tree: list[psutil.Process] = []
    try:
        wait_for(lambda: answers(make, port, tmp_path / "log"), "the UI of `make ui`")
        tree = psutil.Process(make.pid).children(recursive=True)
        assert len(tree) >= 5  # the command, Dagster's, the UI, the daemon and a code server
        if how == signal.SIGINT:
            os.killpg(make.pid, how)  # as Ctrl-C in a terminal
        else:
            make.send_signal(how)
        try:
            make.wait(40)  # service.STOP_SECONDS and END_SECONDS are 13
        except subprocess.TimeoutExpired:
            pytest.fail(f"{states(make.pid)}\n{(tmp_path / 'log').read_text()[-2000:]}")
        assert not [process for process in tree if is_at_work(process)]
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended, as it should
            tree += psutil.Process(make.pid).children(recursive=True)
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        make.kill()
    assert f"http://127.0.0.1:{port}" in (tmp_path / "log").read_text()


def answers(make: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    """Say whether the UI answers; fail where it has ended."""
    assert make.poll() is None, log.read_text()
    with (
        contextlib.suppress(OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5),
    ):
        return True
    return False


def states(pid: int) -> str:
    """Describe a process and all that it started, for the message of a failure."""
    whole = psutil.Process(pid)
    lines = []
    for process in (whole, *whole.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess, OSError):
            signals = Path(f"/proc/{process.pid}/status").read_text().partition("SigPnd")[2].split()[:12]
            lines.append(
                f"{process.pid} {process.ppid()} {process.status()} {process.cmdline()[:6]} {signals}"
            )
    return "\n".join(lines)


def is_at_work(process: psutil.Process) -> bool:
    """Say whether a process is there, and not only its entry, which a parent has yet to take note of."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False
