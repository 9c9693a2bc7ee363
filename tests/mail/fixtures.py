"""Fixtures for every folder of tests in which mail is sent: a mail server, and a site that knows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from forum import db
from forum.site.models import Site
from forum.worker import letters
from tests.cast import Cast
from tests.mail.server import MailServer, running
from tests.worker import resting


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """Yield a mail server."""
    with running() as server:
        yield server


@pytest.fixture
def mailing(cast: Cast, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Mailing:
    """Return a site that sends mail through the server, and a worker of it."""
    monkeypatch.setattr(letters, "_quiet_until", 0.0)
    return Mailing(cast, mail_server)


class Mailing:
    """The cast's site with a mail server; `work()` does what waits."""

    def __init__(self, cast: Cast, server: MailServer) -> None:
        self.cast, self.server = cast, server
        cast.app.extensions["forum"] = replace(cast.app.extensions["forum"], smtp_url=server.url)
        db.lock()
        db.session.get_one(Site, 1).url = "https://talk.example"
        db.commit()

    def work(self) -> list[str]:
        """Let the worker do what is due; return to whom something came meanwhile."""
        before = len(self.server.received)
        resting.work(self.cast.app)
        return [one.to for one in self.server.received[before:]]
