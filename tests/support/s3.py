"""A real S3 server over HTTP for tests, and one in front of it that fails at random."""

import contextlib
import functools
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
from typing import Any

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
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    client(os.environ["AWS_ENDPOINT_URL"]).create_bucket(Bucket=name)
    return name


@functools.cache
def client(url: str) -> Any:
    """Connect to a server."""
    import boto3

    return boto3.client("s3", endpoint_url=url, region_name="us-east-1")


def put(uri: str, content: bytes, **how: str) -> str:
    """Write an object, with whatever name, and return its URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    client(os.environ["AWS_ENDPOINT_URL"]).put_object(Bucket=bucket, Key=key, Body=content, **how)
    return uri


def keys(uri: str) -> list[str]:
    """List every key of a bucket, also of what stands for folders."""
    found = client(os.environ["AWS_ENDPOINT_URL"]).list_objects_v2(Bucket=uri.removeprefix("s3://"))
    return [item["Key"] for item in found.get("Contents", [])]


class Faults:
    """How often what goes wrong; `given` counts what did.

    fails_from : the number of the request from which on all fail with `status`, counted from 0
    """

    def __init__(self, seed: int, share: float, fails_from: float = np.inf, status: str = "500") -> None:
        self.share = share
        self.fails_from, self.status = fails_from, status
        self.given: dict[str, int] = {"500": 0, "503": 0, "cut": 0, "none": 0}
        self._draw = np.random.default_rng(seed)
        self._lock = threading.Lock()

    def next(self, *, has_body: bool) -> str:
        """Draw what happens to a request."""
        with self._lock:
            kinds = ["500", "503", "cut"] if has_body else ["500", "503"]
            kind = str(self._draw.choice(kinds)) if self._draw.random() < self.share else "none"
            kind = self.status if sum(self.given.values()) >= self.fails_from else kind
            self.given[kind] = self.given.get(kind, 0) + 1
            return kind


_CODES = {"500": "InternalError", "503": "SlowDown", "403": "AccessDenied"}
_HOP_BY_HOP = ("transfer-encoding", "connection", "content-length")


class _FailingProxy(BaseHTTPRequestHandler):
    """Passes requests on to a server, but for those that `faults` spoils."""

    protocol_version = "HTTP/1.1"

    def __init__(self, port: int, faults: Faults, *given: Any) -> None:
        self._port, self._faults = port, faults
        super().__init__(*given)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        """Answer a request of any kind."""
        body, headers = self._body()
        kind = self._faults.next(has_body=self.command == "GET")
        if kind.isdigit():
            said = f"<?xml version='1.0'?><Error><Code>{_CODES[kind]}</Code><Message>no</Message></Error>"
            self._send(int(kind), {}, said.encode())
            return
        backend = http.client.HTTPConnection("127.0.0.1", self._port)
        backend.request(self.command, self.path, body, headers)
        answer = backend.getresponse()
        content, passed = answer.read(), dict(answer.getheaders())
        length = passed.get("Content-Length", "0") if self.command == "HEAD" else None
        kept = {name: value for name, value in passed.items() if name.lower() not in _HOP_BY_HOP}
        self._send(answer.status, kept, content, length=length, cut=kind == "cut" and bool(content))

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer

    def _body(self) -> tuple[bytes, dict[str, str]]:
        """Read the body, which the parts of a large upload send in pieces; return what to pass on."""
        body, headers = b"", {name.lower(): value for name, value in self.headers.items()}
        headers.pop("expect", None)
        if headers.pop("transfer-encoding", "") == "chunked":
            while n_bytes := int(self.rfile.readline().partition(b";")[0], 16):
                body += self.rfile.read(n_bytes)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
        else:
            body = self.rfile.read(int(headers.get("content-length", 0)))
        return body, headers | {"content-length": str(len(body))}

    def _send(
        self,
        status: int,
        headers: dict[str, str],
        content: bytes,
        *,
        length: str | None = None,
        cut: bool = False,
    ) -> None:
        """Send an answer, or half of it and hang up."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        if cut:
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif self.command != "HEAD":
            self.wfile.write(content)


@contextlib.contextmanager
def failing_proxy(url: str, faults: Faults) -> Iterator[str]:
    """Stand in front of a server: answer 500 or 503 SlowDown, or hang up in the middle of a body."""
    handler = functools.partial(_FailingProxy, int(url.rpartition(":")[2]), faults)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
