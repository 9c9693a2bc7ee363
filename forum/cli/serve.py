"""`forum serve`: the web server, for one machine, behind a proxy or alone.

The app is made once, before the workers: they are forked from a process that has it, start at once, and hold in
memory only what they themselves change. Where processes cannot be forked, each worker makes its own.
"""

from __future__ import annotations

import ctypes
import gc
import ipaddress
import multiprocessing
import os
import signal
import sys
from functools import cache
from typing import TYPE_CHECKING

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from forum.cli import inside, logs

if TYPE_CHECKING:
    from flask import Flask

THREADS = 4  # a client that sends its text slowly holds one of them; the others go on
BACKLOG = 2048  # connections that wait to be taken
CONNECTIONS = 8192  # of one process: browsers keep theirs open, and an idle one must not keep anybody out
SET_PARENT_DEATH_SIGNAL = 1  # prctl(2): PR_SET_PDEATHSIG
STOP_SECONDS = 30  # how long a worker may finish what it began before it is ended


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; as many as CPUs, at most 2, unless given.")
@click.option("--worker/--no-worker", "does_jobs", default=True, help="Whether to run a `forum worker` beside.")
def serve_command(host: str, port: int, workers: int | None, does_jobs: bool) -> None:
    """Serve the site until it is stopped (Ctrl-C, or SIGTERM), and do what is to be done in the background."""
    address = _address(host)
    with inside(app()):
        from forum.cli.ready import draw_once, make_ready
        from forum.worker.process import begin_beside, end

        make_ready(address, port)
        draw_once(app(), app().extensions["forum"].site_url or f"http://localhost:{port}")
    gc.freeze()  # what was drawn, too
    if sys.platform == "linux" and multiprocessing.get_start_method(allow_none=True) is None:
        multiprocessing.set_start_method("fork")  # Python's own choice until 3.13; there are no threads yet
    _allow_many_files()
    beside = begin_beside(app()) if does_jobs and sys.platform != "win32" else None
    server = Server(
        "forum.cli.serve:worker",
        factory=True,
        interface=Interfaces.WSGI,
        address=str(address),
        port=port,
        workers=workers or min(2, os.cpu_count() or 1),
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=app().extensions["forum"].thread_idle_seconds,
        respawn_failed_workers=True,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        workers_kill_timeout=STOP_SECONDS,
        websockets=False,
        log_level=LogLevels.warning,
    )
    try:
        server.serve()
    finally:
        if beside is not None:
            end(beside)


def _allow_many_files() -> None:
    """Let a process have as many open files as the system allows: each connection is one."""
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@cache
def app() -> Flask:
    """Return this process's app; one forked from a process that has it has it too.

    What it is made of lives as long as the process, a hundred thousand objects, and is kept out of the garbage
    collector's rounds: one took 75 ms, would write into every page of memory that processes share, and finds nothing.
    """
    gc.disable()
    from forum import create_app
    from forum.cli.bodies import Bodies
    from forum.cli.compiled import keep

    logs.begin()
    made = create_app()
    keep(made, made.extensions["forum"].instance)
    made.wsgi_app = Bodies(made.wsgi_app, THREADS // 2)  # type: ignore[method-assign]  # Flask's own way
    gc.freeze()
    gc.enable()
    return made


def worker() -> Flask:
    """Return the app to a process that serves, which ends with the one that began it, however that ends."""
    begun_by = multiprocessing.parent_process()
    if sys.platform == "linux" and begun_by is not None:
        # SIGKILL, because a worker that has only just begun does not heed SIGTERM yet; what is acknowledged is stored.
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != begun_by.pid:
            raise SystemExit  # it ended before it could be said
    if begun_by is not None and sys.platform != "win32":
        # A terminal sends Ctrl-C to all processes, and the server then SIGTERM to these: a second signal that comes
        # while the first is handled would hold this process until it is killed, half a minute later.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    return app()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise click.BadParameter(f"{host!r} is not an IP address", param_hint="--host") from error
