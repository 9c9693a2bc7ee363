"""`forum worker`: a process that does what no reader should wait for."""

from __future__ import annotations

import signal

import click
from flask import current_app

from forum.cli import in_app, logs, tell


@click.command("worker")
@in_app
def worker_command() -> None:
    """Do what waits: mail, notices, closings that end, the sealing of the log; until it is stopped (Ctrl-C, SIGTERM).

    `forum serve` runs one itself. Any number may run, on any machine that reaches the database.
    """
    from forum import db, schema
    from forum.errors import Conflict
    from forum.worker.process import stop_on, work

    if schema.current() != schema.head():
        raise Conflict("This database is not at the newest schema. Run `forum db upgrade` first.")
    db.session.remove()
    logs.begin()
    stop = stop_on(signal.SIGTERM, signal.SIGINT)
    tell("The worker is at work.")
    work(current_app._get_current_object(), stop)  # type: ignore[attr-defined]
