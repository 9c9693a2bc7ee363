"""Start servers for a measurement, wait until they answer, and stop them again."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from bench.site import Planted
from forum.cli.serve import THREADS

PATIENCE = 60  # seconds until a server that does not answer is given up
NGINX = """
worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{ access_log off; gzip_static on; sendfile on; tcp_nopush on; keepalive_requests 1000000;
types {{ text/html html; }}
client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
scgi_temp_path {folder}; server {{ listen 127.0.0.1:{port}; root {folder}/www; }} }}
"""


@dataclass(frozen=True)
class Answer:
    """What a server said: the body as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Running:
    """A server that answers; `seconds` is how long it took until it did."""

    port: int
    pid: int
    seconds: float

    def url(self, path: str) -> str:
        """Return the address of a page of it."""
        return f"http://127.0.0.1:{self.port}{path}"


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def ask(port: int, path: str, **headers: str) -> Answer:
    """Get a page; `headers` are written with underscores. Raises OSError or HTTPException where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


@contextmanager
def server(command: list[str], port: int, environ: Mapping[str, str], path: str = "/") -> Iterator[Running]:
    """Run a server until the block ends; it stands once it answers `path` with less than 500."""
    # An installed program has its bytecode in files; without them all of its source would be compiled at each start.
    environ = {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:  # not a pipe: nobody empties it while the server is loaded
        process = subprocess.Popen(command, env=environ, stdout=said, stderr=said)
        try:
            _wait(process, port, path, said)
            yield Running(port, process.pid, time.perf_counter() - begun)
        finally:
            _stop(process)


@contextmanager
def forum(site: Planted, *options: str) -> Iterator[Running]:
    """Run `forum serve` as it comes, rate limits off."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("forum")), "serve", "--port", str(port), *options]
    with server(command, port, site.environ, f"/articles/{next(iter(site.articles))}") as running:
        yield running


@contextmanager
def changed(site: Planted, **settings: str) -> Iterator[Running]:
    """Run the same server with something changed: see `bench/serving.py`."""
    port = free_port()
    command = [sys.executable, "-m", "bench.serving", "--port", str(port)]
    environ = site.environ | {f"BENCH_{name.upper()}": value for name, value in settings.items()}
    with server(command, port, environ, f"/articles/{next(iter(site.articles))}") as running:
        yield running


@contextmanager
def bare() -> Iterator[Running]:
    """Run an empty application with as many processes and threads as `forum serve` has."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--port", str(port)]
    command += ["--workers", str(min(2, os.cpu_count() or 1)), "--blocking-threads", str(THREADS), "--no-ws"]
    with server([*command, "bench.bare:app"], port, os.environ) as running:
        yield running


@contextmanager
def nginx(folder: Path) -> Iterator[Running]:
    """Run nginx on the files of `folder`/www, `page.html` and beside it `page.html.gz`."""
    port = free_port()
    folder.chmod(0o755)
    (folder / "www").mkdir()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with server([program, "-c", str(config)], port, os.environ) as running:
        yield running


def publish(folder: Path, name: str, packed: bytes) -> None:
    """Give nginx the very bytes the forum sends, gzipped and plain."""
    (folder / "www" / f"{name}.html").write_bytes(gzip.decompress(packed))
    (folder / "www" / f"{name}.html.gz").write_bytes(packed)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server, and whatever it leaves behind."""
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


def _wait(process: subprocess.Popen[bytes], port: int, path: str, said: IO[str]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            said.seek(0)
            raise SystemExit(f"{process.args!r} stopped: {said.read()}")
        try:
            if ask(port, path).status < 500:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.01)
    raise SystemExit(f"{process.args!r} does not answer")
