"""A process that answers: started when it is needed, again after it ended, gone with `close`."""

import signal
import sys
import threading

import psutil
import pytest

from resources.worker_process import WorkerProcess, how_it_ended

ECHO = """
import os, sys
from resources.picture_worker import receive, send
while True:
    try:
        request = receive(0)
    except EOFError:
        break
    if request == b"exit":
        sys.exit(3)
    if request == b"wait":
        receive(0)
    send(1, request[::-1])
"""


@pytest.fixture
def worker():
    made = WorkerProcess([sys.executable, "-c", ECHO])
    yield made
    made.close()


def test_it_answers_and_is_started_anew_after_it_ended(worker):
    assert worker.pid is None
    assert worker.ask(b"abc") == b"cba"
    first = worker.pid
    assert worker.ask(b"x" * 200_000) == b"x" * 200_000
    assert worker.pid == first
    assert worker.ask(b"exit") == 3
    assert worker.pid is None
    assert worker.ask(b"abc") == b"cba"
    assert worker.pid != first


def test_killed_from_another_thread_it_gives_its_status(worker):
    worker.ask(b"abc")
    found = []
    asking = threading.Thread(target=lambda: found.append(worker.ask(b"wait")))
    asking.start()
    worker.kill()
    asking.join(10)
    assert found == [-signal.SIGKILL]


def test_closed_it_is_gone_and_forgotten_it_is_let_be(worker):
    worker.ask(b"abc")
    pid = worker.pid
    worker.close()
    assert not psutil.pid_exists(pid)
    worker.kill()
    worker.ask(b"abc")
    process = psutil.Process(worker.pid)
    worker.forget()
    assert worker.pid is None
    process.wait(10)  # its input has ended


def test_how_it_ended_in_words():
    assert how_it_ended(3, 60) == "its process ended with status 3"
    assert how_it_ended(-signal.SIGALRM, 7) == "it took longer than 7 s"
