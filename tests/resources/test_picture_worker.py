"""The process that draws: frames, what it refuses, and when it ends."""

import os
import signal
import subprocess
import sys

import pytest

from resources import picture_worker
from resources.picture_worker import FAILED, PNG, receive, send

BARS = b'{"data": {"values": [{"a": "x"}]}, "mark": "bar", "encoding": {"y": {"field": "a"}}}'


@pytest.fixture
def start():
    begun = []

    def started(picture_seconds="60", idle_seconds="60"):
        command = [sys.executable, "-P", picture_worker.__file__, picture_seconds, idle_seconds]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        begun.append(process)
        return process

    yield started
    for process in begun:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def ask(process, content):
    send(process.stdin.fileno(), content)
    return receive(process.stdout.fileno())


def test_a_frame_of_more_than_a_pipe_holds_arrives_whole():
    content = os.urandom(5_000_000)
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    if os.fork() == 0:
        send(process.stdin.fileno(), content)
        os._exit(0)
    assert receive(process.stdout.fileno()) == content
    process.stdin.close()
    with pytest.raises(EOFError):
        receive(process.stdout.fileno())
    process.wait()


def test_many_charts_are_drawn_by_one_process_and_one_refused_leaves_it_running(start):
    process = start()
    for _ in range(2):
        assert ask(process, BARS).startswith(PNG + b"\x89PNG")
        assert ask(process, b"{").startswith(FAILED + b"Failed to parse")


def test_it_ends_when_its_input_ends_also_inside_a_frame(start):
    for cut in (b"", b"\0\0\0", b"\0\0\0\0\0\0\0\x09abc"):
        process = start()
        process.stdin.write(cut)
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_it_ends_when_nothing_is_asked_and_when_a_picture_takes_too_long(start):
    assert start(idle_seconds="0.01").wait(timeout=30) == 0
    process = start(picture_seconds="1")
    rows = b",".join(b'{"a": %d}' % i for i in range(300_000))
    slow = b'{"data": {"values": [' + rows + b']}, "mark": "point", "encoding": {"x": {"field": "a"}}}'
    send(process.stdin.fileno(), slow)
    assert process.wait(timeout=30) == -signal.SIGALRM


def test_it_imports_nothing_of_the_graph():
    code = "import sys, resources.picture_worker; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numpy", "dagster", "altair", "pyarrow", "vl_convert"} & set(loaded)
