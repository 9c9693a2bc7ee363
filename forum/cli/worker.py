"""`forum worker`: a process that does what no reader should wait for."""

from __future__ import annotations

import signal

import click
from flask import current_app

from forum.cli import in_site, logs, tell


@click.command("worker")
@in_site
def worker_command() -> None:
    """Do what waits: mail, notices, closings that end, the sealing of the log; until it is stopped (Ctrl-C, SIGTERM).

    `forum serve` runs one itself. Any number may run, on any machine that reaches the database.
    """
    from forum import db
    from forum.worker.process import stop_on, work

    db.session.remove()
    logs.begin()
    stop = stop_on(signal.SIGTERM, signal.SIGINT)
    tell("The worker is at work.")
    work(current_app._get_current_object(), stop)  # type: ignore[attr-defined]
