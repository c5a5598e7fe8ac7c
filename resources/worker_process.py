"""A process that answers requests one after another, apart from this one: what it runs may abort or hang.

Requests and answers are the frames of `resources.picture_worker`. The worker ends when its parent does.
"""

import contextlib
import signal
import subprocess
from collections.abc import Sequence

from resources import picture_worker


class WorkerProcess:
    """A process that is started for the first request and restarted after it has ended.

    It has a session of its own, so that Ctrl-C in the terminal does not reach it. One thread uses it at a
    time, but for `kill`.

    Parameters
    ----------
    command : what to run; it serves standard input and output
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process, or None while there is none."""
        return self._process.pid if self._process else None

    def ask(self, content: bytes) -> bytes | int:
        """Return the answer, or the exit status of a process that ended instead."""
        process = self._process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        answered = False
        try:
            picture_worker.send(process.stdin.fileno(), content)
            answer = picture_worker.receive(process.stdout.fileno())
            answered = True
            return answer
        except (EOFError, BrokenPipeError):
            return process.wait()
        finally:
            if not answered:  # an interrupt too: what it would answer later belongs to no question
                self.close()

    def kill(self) -> None:
        """End the process while another thread waits for its answer: that gets the exit status."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._let_go()

    def forget(self) -> None:
        """Leave the process to the one that started it; a fork calls this first."""
        if self._process is not None:
            self._process.returncode = 0  # nothing of ours to wait for
            self._let_go()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the process."""
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )

    def _let_go(self) -> None:
        """Close the pipes."""
        process, self._process = self._process, None
        for pipe in (process.stdin, process.stdout) if process else ():
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def how_it_ended(status: int, seconds: int) -> str:
    """Describe the exit status of a worker that was allowed some seconds for one request.

    Examples
    --------
    >>> how_it_ended(-14, 60), how_it_ended(-6, 60)
    ('it took longer than 60 s', 'its process ended with signal SIGABRT')
    """
    if status == -signal.SIGALRM:
        return f"it took longer than {seconds} s"
    how = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
    return f"its process ended with {how}"
