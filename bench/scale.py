"""Compare one, two and three processes of the forum behind nginx, on PostgreSQL and Redis, with nothing else in common.

    .venv/bin/python -m bench.scale        needs nginx-light, redis-server, postgresql and wrk; three minutes

Each process has an instance folder of its own, as on a machine of its own. Here nginx, PostgreSQL, Redis and the load
share the same CPUs with them, so requests a second cannot grow as they would elsewhere. What travels is the CPU time
the forum's processes take for one request: where it stays the same, a machine more is as good as the first.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import load, posting, running, site
from bench.load import Asked
from bench.measure import POSTGRES
from bench.running import Running
from bench.site import Planted
from tests.postgres import Cluster
from tests.redis_server import RedisServer

SIZE = 1000  # comments of the discussion that is read and written
PROCESSES = (1, 2, 3)
DIRECT = "without nginx"
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
uwsgi_temp_path {folder}; scgi_temp_path {folder}; keepalive_requests 1000000;
{servers} }}
"""
SERVER = """
upstream forum{count} {{ {members} keepalive 64; keepalive_requests 1000000; }}
server {{ listen 127.0.0.1:{port};
location / {{ proxy_pass http://forum{count}; proxy_http_version 1.1; proxy_set_header Connection "";
proxy_set_header Host $host; proxy_buffers 32 16k; }} }}
"""


@dataclass(frozen=True)
class Line:
    """One line of the table: requests a second, and milliseconds of CPU the forum's processes took for each."""

    rate: float
    cpu: float


def main() -> None:
    """Plant, serve, load, and print a table in Markdown."""
    with (
        tempfile.TemporaryDirectory(prefix="forum-scale-") as name,
        Cluster(POSTGRES) as cluster,
        RedisServer() as redis,
    ):
        folder = Path(name)
        cluster.create("forum")
        planted = site.plant(folder, cluster.url("forum"), [SIZE], chain=0)
        with _forums(planted, folder, redis.url) as forums, _nginx(folder, forums) as fronts:
            ports = {DIRECT: forums[0].port} | {f"behind nginx: {count}": port for count, port in fronts.items()}
            _print({kind: _measure(planted, folder, forums, ports, kind) for kind in ("visitor", "member", "posts")})


def _measure(
    planted: Planted, folder: Path, forums: Sequence[Running], ports: Mapping[str, int], kind: str
) -> dict[str, Line]:
    """Load each way in turn, then again; the median of each counts."""
    asked = {label: _asked(planted, folder, port, kind) for label, port in ports.items()}
    taken: dict[str, list[Line]] = {label: [] for label in ports}
    for number in range(load.ROUNDS + 1):
        for label, question in asked.items():
            before = _cpu(forums)
            found = load.once(question, threads=load.CLIENTS if question.script else 2)
            spent = _cpu(forums) - before
            if number:  # the first round warms
                taken[label].append(Line(found.rate, spent * 1000 / (found.rate * load.SECONDS)))
            if found.failed:
                raise SystemExit(f"{kind}, {label}: not answered\n{found.told}")
    return {
        label: Line(statistics.median(line.rate for line in lines), statistics.median(line.cpu for line in lines))
        for label, lines in taken.items()
    }


def _asked(planted: Planted, folder: Path, port: int, kind: str) -> Asked:
    at = Running(port, 0, 0.0)
    if kind == "posts":
        return posting.read_form(planted, at, f"tree-{SIZE}", folder)
    headers = ["Accept-Encoding: gzip"]
    if kind == "member":
        headers.append(f"Cookie: session={planted.cookies[1]}")
    return Asked(at.url(f"/articles/tree-{SIZE}"), tuple(headers))


def _print(found: Mapping[str, Mapping[str, Line]]) -> None:
    print(f"| a page of 200 of {SIZE:,} comments | requests/s | to one | CPU ms each | to one |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for kind, lines in found.items():
        base = lines[f"behind nginx: {PROCESSES[0]}"]
        for label, line in lines.items():
            ratios = (line.rate / base.rate, line.cpu / base.cpu)
            print(f"| {kind}, {label} | {line.rate:,.0f} | {ratios[0]:.2f} | {line.cpu:.3f} | {ratios[1]:.2f} |")


@contextmanager
def _forums(planted: Planted, folder: Path, redis: str) -> Iterator[list[Running]]:
    with ExitStack() as stack:
        forums = []
        program = str(Path(sys.executable).with_name("forum"))
        for number in range(max(PROCESSES)):
            port = running.free_port()
            environ = planted.environ | {"FORUM_INSTANCE": str(folder / f"instance-{number}"), "FORUM_REDIS_URL": redis}
            command = [program, "serve", "--port", str(port), "--workers", "1"]
            forums.append(stack.enter_context(running.server(command, port, environ)))
        yield forums


@contextmanager
def _nginx(folder: Path, forums: Sequence[Running]) -> Iterator[dict[int, int]]:
    """Run nginx with one port for each number of processes, and give the ports."""
    ports = {count: running.free_port() for count in PROCESSES}
    servers = "".join(
        SERVER.format(
            count=count, port=port, members=" ".join(f"server 127.0.0.1:{forum.port};" for forum in forums[:count])
        )
        for count, port in ports.items()
    )
    (folder / "scale.conf").write_text(NGINX.format(folder=folder, servers=servers))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with running.server([program, "-c", str(folder / "scale.conf")], ports[1], os.environ):
        yield ports


def _cpu(forums: Sequence[Running]) -> float:
    """Return the seconds of CPU that the forum's processes have taken so far."""
    total = 0.0
    for forum in forums:
        process = psutil.Process(forum.pid)
        for one in [process, *process.children(recursive=True)]:
            times = one.cpu_times()
            total += times.user + times.system
    return total


if __name__ == "__main__":
    main()
