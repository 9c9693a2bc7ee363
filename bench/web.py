"""Compare `forum serve` with nginx sending the same bytes as a ready gzip file, in one run on one machine.

    .venv/bin/python -m bench.web        needs Debian's nginx-light and wrk

The load is wrk with two threads and eight connections, on this machine only, five times five seconds for each line;
the median counts. Everything listens on 127.0.0.1 and stops by itself.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import trees
from bench.__main__ import _site
from forum import config, create_app, db, schema
from forum.accounts import sessions
from forum.clock import now

PORT, NGINX_PORT = 8141, 8142
ROUNDS, SECONDS = int(os.environ.get("ROUNDS", "5")), int(os.environ.get("SECONDS", "5"))
NGINX = """
worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{ access_log off; gzip_static on; sendfile on; tcp_nopush on; keepalive_requests 1000000;
types {{ text/html html; }}
client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
scgi_temp_path {folder}; server {{ listen 127.0.0.1:{port}; root {folder}/www; }} }}
"""


def main() -> None:
    """Plant, serve, ask, and print a table in Markdown."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        token = _plant(folder)
        with _server(folder), _nginx(folder):
            page = f"http://127.0.0.1:{PORT}/articles/tree-1000"
            etag = _publish(page, folder)
            packed = "Accept-Encoding: gzip"
            lines = {
                "nginx, gzip_static": _load(f"http://127.0.0.1:{NGINX_PORT}/page.html", packed),
                "visitor": _load(page, packed),
                "visitor, 304": _load(page, packed, f"If-None-Match: {etag}"),
                "member": _load(page, packed, f"Cookie: session={token}"),
            }
    base = lines["nginx, gzip_static"]
    print("| page of 200 of 1,000 comments | requests/s | of nginx |\n| --- | ---: | ---: |")
    for label, rate in lines.items():
        print(f"| {label} | {rate:,.0f} | {rate / base:.2f} |")


def _plant(folder: Path) -> str:
    app = create_app(_settings(folder))
    with app.app_context():
        schema.upgrade()
        author = _site()
        trees.plant(author, 1000)
        token = sessions.start({"_user_id": str(author.id), "_fresh": True}, author.id, now())
        db.session.remove()
        db.engine().dispose()
    return token


def _settings(folder: Path) -> config.Settings:
    return config.Settings(instance=folder, database_url=f"sqlite:///{folder}/b.db", rate_limits=False)


@contextmanager
def _server(folder: Path) -> Iterator[None]:
    environ = {**os.environ, "FORUM_INSTANCE": str(folder), "FORUM_DATABASE_URL": f"sqlite:///{folder}/b.db"}
    command = [str(Path(sys.executable).with_name("forum")), "serve", "--port", str(PORT)]
    with _running(command, {**environ, "FORUM_RATE_LIMITS": "off"}, PORT):
        yield


@contextmanager
def _nginx(folder: Path) -> Iterator[None]:
    (folder / "www").mkdir()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=NGINX_PORT))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    with _running([nginx, "-c", str(folder / "nginx.conf")], dict(os.environ), NGINX_PORT):
        yield


@contextmanager
def _running(command: list[str], environ: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2)
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
            else:
                break
        yield
    finally:
        process.terminate()
        process.wait(30)


def _publish(page: str, folder: Path) -> str:
    """Give nginx the very bytes the forum sends, and return their ETag."""
    request = urllib.request.Request(page, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        packed, etag = answer.read(), answer.headers["ETag"]
    (folder / "www" / "page.html").write_bytes(gzip.decompress(packed))
    (folder / "www" / "page.html.gz").write_bytes(packed)
    return str(etag)


def _load(address: str, *headers: str) -> float:
    command = ["wrk", "-t2", "-c8", f"-d{SECONDS}s", *(part for header in headers for part in ("-H", header)), address]
    rates = []
    for _ in range(ROUNDS):
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if "Non-2xx or 3xx" in told:
            raise SystemExit(f"{address} was not answered:\n{told}")
        found = re.search(r"Requests/sec:\s+([\d.]+)", told)
        rates.append(float(found[1]) if found else 0.0)
    return statistics.median(rates)


if __name__ == "__main__":
    main()
