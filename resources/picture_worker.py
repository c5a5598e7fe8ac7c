"""The process that draws charts as PNGs, one after another; where the library aborts, it alone ends.

`resources.pictures` starts this file as a script, so nothing of the graph is imported here. A request on
standard input is a frame that holds a Vega-Lite specification as JSON; its answer on standard output is a
frame of one byte, PNG or FAILED, and the picture or what was wrong. A frame is 8 bytes of length and as
many bytes. The process ends when its input does, when nothing was asked for some time, and when one
picture takes too long.
"""

import os
import resource
import select
import signal
import struct
import sys

PNG, FAILED = b"\0", b"\1"
_LENGTH = struct.Struct(">Q")
_SCALE = 1.5


def send(descriptor: int, content: bytes) -> None:
    """Write a frame.

    Raises
    ------
    BrokenPipeError : the reading end is closed.
    """
    left = memoryview(_LENGTH.pack(len(content)) + content)
    while left:
        left = left[os.write(descriptor, left) :]


def receive(descriptor: int) -> bytes:
    """Read a frame.

    Raises
    ------
    EOFError : the other side is gone.
    """
    return _read(descriptor, _LENGTH.unpack(_read(descriptor, _LENGTH.size))[0])


def _read(descriptor: int, n_bytes: int) -> bytes:
    """Read exactly `n_bytes` bytes."""
    pieces: list[bytes] = []
    while n_bytes:
        piece = os.read(descriptor, min(n_bytes, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        n_bytes -= len(piece)
    return b"".join(pieces)


def serve(requests: int, answers: int, *, picture_seconds: int, idle_seconds: float) -> None:
    """Draw what is asked for until the input ends or nothing was asked for `idle_seconds`.

    Parameters
    ----------
    requests, answers : descriptors
    picture_seconds : a picture that takes longer ends the process, whatever the library is doing
    """
    while select.select([requests], [], [], idle_seconds)[0]:
        try:
            specification = receive(requests)
            signal.alarm(picture_seconds)
            answer = _draw(specification.decode())
            signal.alarm(0)
            send(answers, answer)
        except (EOFError, BrokenPipeError):
            return


def _draw(specification: str) -> bytes:
    """Draw one chart."""
    import vl_convert

    try:
        return PNG + vl_convert.vegalite_to_png(specification, scale=_SCALE)
    except ValueError as error:
        return FAILED + str(error).encode("utf-8", "backslashreplace")


def main() -> None:
    """Serve with the limits given as arguments; only answers reach standard output."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # an abort leaves no core file
    answers = os.dup(1)
    os.dup2(2, 1)
    serve(0, answers, picture_seconds=int(sys.argv[1]), idle_seconds=float(sys.argv[2]))


if __name__ == "__main__":
    main()
