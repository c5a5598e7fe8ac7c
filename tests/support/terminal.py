"""A command on a real terminal: what it writes there, and how wide it believes it to be."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence


def on_a_terminal(
    command: Sequence[str], columns: int, environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a command whose input and outputs are a terminal of so many columns.

    Returns
    -------
    Its exit code and what it wrote, line ends as the terminal was given them.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    variables = {**(os.environ if environment is None else environment), "TERM": "xterm-256color"}
    for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
        variables.pop(name, None)
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=variables, start_new_session=True
    ) as process:
        os.close(theirs)
        written = b""
        try:
            while block := os.read(ours, 65536):
                written += block
        except OSError:  # Linux says so when the last writer has closed the terminal
            pass
        finally:
            os.close(ours)
    return process.returncode, written.decode()
