"""The process that renders scenes, one after another; where a scene hangs, it alone ends.

`resources.scenes.render_pool` starts this module. A request is a frame of `resources.picture_worker` that
holds JSON: a list of the canonical JSON of one scene in some encodings. Its answer is the files, as `pack`
writes them. The process ends when its input does, and by SIGALRM when one scene takes too long, whatever the
library is doing.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Sequence

from guyot.scenes.spec import scene_from_json
from resources.picture_worker import receive, send
from resources.scenes import encodings, renderer
from resources.scenes.renderer import RenderSettings


def pack(files: Sequence[bytes]) -> bytes:
    r"""Write some files as one: a line of JSON with their sizes, then their bytes.

    Examples
    --------
    >>> pack([b"one", b"three"])
    b'[3, 5]\nonethree'
    """
    return json.dumps([len(file) for file in files]).encode() + b"\n" + b"".join(files)


def unpack(content: bytes) -> list[bytes]:
    """Read what `pack` wrote.

    Examples
    --------
    >>> unpack(pack([b"one", b"three"]))
    [b'one', b'three']
    """
    sizes, _, joined = content.partition(b"\n")
    files: list[bytes] = []
    for size in json.loads(sizes):
        files.append(joined[:size])
        joined = joined[size:]
    return files


def render_files(request: bytes, settings: RenderSettings) -> bytes:
    """Render the scene of a request once, and encode it in each way that is asked for."""
    specs = [scene_from_json(text) for text in json.loads(request)]
    pixels = renderer.render(specs[0][0], settings)
    return pack([encodings.encode(pixels, encoding) for _, encoding in specs])


def serve(requests: int, answers: int, settings: RenderSettings, scene_seconds: int) -> None:
    """Answer requests until the input ends.

    Parameters
    ----------
    requests, answers : descriptors
    scene_seconds : a scene that takes longer ends the process
    """
    while True:
        try:
            request = receive(requests)
            signal.alarm(scene_seconds)
            answer = render_files(request, settings)
            signal.alarm(0)
            send(answers, answer)
        except (EOFError, BrokenPipeError):
            return


def main() -> None:
    """Serve with the settings given as arguments; only answers reach standard output."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # an abort leaves no core file
    answers = os.dup(1)
    os.dup2(2, 1)
    scene_seconds, side, samples, depth = map(int, sys.argv[1:])
    serve(0, answers, RenderSettings(side, samples, depth), scene_seconds)


if __name__ == "__main__":
    main()
