"""Workers that answer at once, hang or abort by a script, in place of those that render."""

import collections
import json
import sys
from collections.abc import Callable
from pathlib import Path

from resources.scenes import render_pool

_WORKER = """
import json, os, signal, sys, time
from resources.picture_worker import receive, send
from resources.scenes.encodings import encode
from resources.scenes.render_worker import pack
import numpy as np
folder, scripts, by, seconds = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], int(sys.argv[4])
while True:
    try:
        specs = [json.loads(text) for text in json.loads(receive(0))]
    except EOFError:
        break
    key = int(specs[0][by])
    tries = len([name for name in os.listdir(folder) if name.startswith(f"{key}-")])
    open(f"{folder}/{key}-{tries}-{os.getpid()}", "x").close()
    script = scripts.get(str(key), "").split()
    does = script[tries] if tries < len(script) else ""
    signal.alarm(seconds)
    if does == "hang":
        time.sleep(600)
    if does == "abort":
        os.abort()
    if does == "exit":
        sys.exit(3)
    signal.alarm(0)
    pixels = np.full((12, 12, 3), specs[0]["replicate"] % 256, np.uint8)
    send(1, pack([encode(pixels, spec["encoding"]) for spec in specs]))
"""


def scripted_workers(
    monkeypatch, folder: Path, scripts: dict[int, str], by: str = "replicate"
) -> Callable[[], dict[int, int]]:
    """Make every pool start workers that follow a script.

    Parameters
    ----------
    folder : where they say what they were asked; it is made
    scripts : for scenes of a replicate what the first, second ... try does: hang, abort or exit; else it answers
    by : the factor, of whole numbers, that the scripts are for instead

    Returns
    -------
    A function that says how often each was asked for.
    """
    folder.mkdir(exist_ok=True)
    start = render_pool.WorkerProcess

    def scripted(command):
        return start([sys.executable, "-c", _WORKER, str(folder), json.dumps(scripts), by, command[4]])

    monkeypatch.setattr(render_pool, "WorkerProcess", scripted)
    return lambda: dict(
        sorted(collections.Counter(int(file.name.partition("-")[0]) for file in folder.iterdir()).items())
    )
