"""`forum serve`: the web server, for one machine, behind a proxy or alone."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket

import click
from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from sqlalchemy.exc import OperationalError

from forum import config, create_app, db, schema
from forum.accounts.queries import SiteView, site
from forum.accounts.setup import setup_link
from forum.cli import in_app, tell

THREADS = 4  # a client that sends its text slowly holds one of them; the others go on
STOP_SECONDS = 30  # how long a worker may finish what it began before it is ended


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; as many as CPUs, at most 2, unless given.")
def serve_command(host: str, port: int, workers: int | None) -> None:
    """Serve the site until it is stopped (Ctrl-C, or SIGTERM)."""
    # Before the workers start, so that all of them sign with the same key.
    config.ensure_secret_key(config.load())
    address = _address(host)
    _prepare(address, port)
    server = Server(
        "forum.cli.serve:worker",
        factory=True,
        interface=Interfaces.WSGI,
        address=str(address),
        port=port,
        workers=workers or min(2, os.cpu_count() or 1),
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        websockets=False,
        log_level=LogLevels.warning,
    )
    server.serve()


def worker() -> Flask:
    """Return the app of one process, and keep what it was made of out of the garbage collector's rounds.

    It would look through a hundred thousand objects that live as long as the process, while a reader waits: 75 ms.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    return app


@in_app
def _prepare(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> None:
    base = f"http://[{address}]:{port}" if address.version == 6 else f"http://{address}:{port}"
    try:
        _check_schema()
        settings = site()
        if settings.is_demo and not address.is_loopback:
            raise click.ClickException("This is the demo: everybody knows its passwords. Serve it on 127.0.0.1 only.")
        _check_port(address, port)
        tell(f"The site is at {base}/")
        _tell_more(settings, base)
    except OperationalError as error:
        raise click.ClickException(f"The database cannot be opened: {error.orig}") from error
    finally:
        db.session.remove()
        db.engine().dispose()  # a connection must not be carried into the workers


def _check_schema() -> None:
    current, wanted = schema.current(), schema.head()
    if current is None:
        schema.upgrade()
    elif current != wanted:
        message = f"The database is at version {current}, this program needs {wanted}. Please run: forum db upgrade"
        raise click.ClickException(message)


def _check_port(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> None:
    # The server shares its port between processes, so a second one would start beside the first without a word.
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        socket.create_server((str(address), port), family=family).close()
    except OSError as error:
        raise click.ClickException(f"Cannot listen at {address}, port {port}: {error.strerror}") from error


def _tell_more(settings: SiteView, base: str) -> None:
    if settings.is_demo:
        # Only here: the demo and its texts need not be loaded for a site that is none.
        from forum.accounts.passwords import DEMO_PASSWORD
        from forum.cli.demo import SIGN_INS

        tell(f"This is a demo with made-up people. The password of each is {DEMO_PASSWORD}")
        for name, able in SIGN_INS:
            tell(f"  {name:10}{able}")
    elif settings.set_up_at is None and (path := setup_link()):
        tell(f"It is not set up yet. Open this address to do so; it works once:\n  {base}{path}")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise click.BadParameter(f"{host!r} is not an IP address", param_hint="--host") from error
