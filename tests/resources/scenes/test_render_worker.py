"""The process that renders: what it answers, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from guyot.scenes.factors import Scene
from guyot.scenes.spec import canonical_json
from resources.picture_worker import receive, send
from resources.scenes import render_worker
from resources.scenes.encodings import encode
from resources.scenes.render_worker import pack, render_files, serve, unpack
from resources.scenes.renderer import RenderSettings, render

TINY = RenderSettings(side=12, samples=1)
SCENE = Scene(environment="night", floor="grass")


@pytest.mark.parametrize("files", [[], [b""], [b"a", b"", b"\n\n[1]", b"\0" * 300]])
def test_what_is_packed_is_unpacked(files):
    assert unpack(pack(files)) == files


def test_a_request_is_one_rendering_in_its_encodings():
    request = json.dumps([canonical_json(SCENE, "png"), canonical_json(SCENE, "jpeg-50")]).encode()
    pixels = render(SCENE, TINY)
    assert unpack(render_files(request, TINY)) == [encode(pixels, "png"), encode(pixels, "jpeg-50")]


def test_it_serves_until_its_input_ends(monkeypatch):
    monkeypatch.setattr(render_worker, "render_files", lambda request, settings: request * 2)
    requests, answers = os.pipe(), os.pipe()
    serving = threading.Thread(target=serve, args=(requests[0], answers[1], TINY, 60))
    serving.start()
    for content in (b"one", b"two"):
        send(requests[1], content)
        assert receive(answers[0]) == content * 2
    os.close(requests[1])
    serving.join(10)
    assert not serving.is_alive()


def test_a_scene_that_takes_too_long_ends_the_process():
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "resources.scenes.render_worker", "1", "4000", "100000", "3"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    send(process.stdin.fileno(), json.dumps([canonical_json(SCENE)]).encode())
    assert process.wait(30) == -signal.SIGALRM
