"""A real S3 server over HTTP for tests, and one in front of it that fails at random."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """Run moto's standalone server and give its URL."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(600):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(url, timeout=1).close()
                    break
                time.sleep(0.1)
            yield url
        finally:
            server.kill()


@contextlib.contextmanager
def environment(url: str) -> Iterator[None]:
    """Point every S3 client of this process, and of those it starts, at a server."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": url}.items():
            patch.setenv(name, value)
        yield


def new_bucket() -> str:
    """Make a bucket and return its name."""
    import boto3

    name = f"bucket-{uuid.uuid4().hex[:12]}"
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")
    client.create_bucket(Bucket=name)
    return name


class Faults:
    """How often what goes wrong; `given` counts what did."""

    def __init__(self, seed: int, share: float) -> None:
        self.share = share
        self.given: dict[str, int] = {"500": 0, "503": 0, "cut": 0, "none": 0}
        self._draw = np.random.default_rng(seed)
        self._lock = threading.Lock()

    def next(self, *, has_body: bool) -> str:
        """Draw what happens to a request."""
        with self._lock:
            kinds = ["500", "503", "cut"] if has_body else ["500", "503"]
            kind = str(self._draw.choice(kinds)) if self._draw.random() < self.share else "none"
            self.given[kind] += 1
            return kind


@contextlib.contextmanager
def failing_proxy(url: str, faults: Faults) -> Iterator[str]:
    """Stand in front of a server: answer 500 or 503 SlowDown, or hang up in the middle of a body."""
    port = int(url.rpartition(":")[2])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kind = faults.next(has_body=self.command == "GET")
            if kind in ("500", "503"):
                code = {"500": "InternalError", "503": "SlowDown"}[kind]
                content = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()
                self.send_response(int(kind))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content if self.command != "HEAD" else b"")
                return
            backend = http.client.HTTPConnection("127.0.0.1", port)
            backend.request(self.command, self.path, body, dict(self.headers))
            answer = backend.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            if kind == "cut" and content:
                self.wfile.write(content[: len(content) // 2])
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            elif self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
