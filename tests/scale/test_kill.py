"""Processes of the site are killed under load, at random: what was acknowledged is there once, and the log holds."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest
from flask import Flask
from sqlalchemy import func, select, text

from forum import db
from forum.comments.models import Comment
from forum.ledger import queries as ledger
from forum.ledger.models import Entry
from tests.cast import Browser, Cast
from tests.test_serve import FORUM, environment, free_port, wait_for
from tests.test_workers import on

ROUNDS = {"sqlite": (2, 50), "postgresql": (2, 20)}  # of every commit, and of `make soak`
LEAST, MOST = 0.3, 1.5  # seconds from the first post of a round until a process is killed
WAIT = 20  # seconds a writer waits for one answer; a server that was killed answers none


@dataclass
class Site:
    """A served site, its writers' browsers, and what they were told."""

    cast: Cast
    folder: Path
    browsers: list[Browser]
    path: str
    acknowledged: list[str] = field(default_factory=list)
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def number(self) -> str:
        """Return words that no other comment has."""
        with self.lock:
            self.sent += 1
            return f"Comment number {self.sent} of many."


@pytest.fixture
def site(app: Flask, cast: Cast, tmp_path: Path) -> Site:
    """Return a site with people who write."""
    people = (cast.tom, cast.rosa, cast.ida, cast.otto)
    return Site(cast, tmp_path, [cast.browser(person) for person in people], f"/articles/{cast.article.slug}/comments")


def test_what_was_acknowledged_survives_a_few_kills(site):
    run(site, ROUNDS[db.engine().dialect.name][0])


@pytest.mark.soak
def test_what_was_acknowledged_survives_many_kills(site):
    run(site, ROUNDS[db.engine().dialect.name][1])


def run(site: Site, rounds: int) -> None:
    """Let people write while a process of the server is killed, so often, and see that nothing is lost."""
    dice = random.Random(41)
    for number in range(rounds):
        before = len(site.acknowledged)
        port = free_port()
        server = serve(site, port)
        try:
            wait_for(server, f"http://127.0.0.1:{port}/healthz")
            over = threading.Event()
            writers = [threading.Thread(target=write, args=(site, browser, port, over)) for browser in site.browsers]
            for writer in writers:
                writer.start()
            until = time.monotonic() + WAIT
            while len(site.acknowledged) == before and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(dice.uniform(LEAST, MOST))
            victims = [server.pid, *(child.pid for child in psutil.Process(server.pid).children())]
            os.kill(dice.choice(victims), signal.SIGKILL)
            time.sleep(dice.uniform(0, LEAST))  # the others go on, or the killed one is replaced
            over.set()
            for writer in writers:
                writer.join(WAIT * 2)
        finally:
            end(server)
        assert len(site.acknowledged) > before, f"nothing was posted in round {number}"
    check(site)


def serve(site: Site, port: int) -> subprocess.Popen[bytes]:
    settings = {**environment(site.folder), "FORUM_RATE_LIMITS": "off", **on(site.cast)}
    command = [FORUM, "serve", "--port", str(port), "--workers", "2"]
    with (site.folder / "log").open("ab") as log:
        return subprocess.Popen(command, env=settings, stderr=log, start_new_session=True)


def end(server: subprocess.Popen[bytes]) -> None:
    """End what is left of a server, at once; it was to be killed anyway."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait(WAIT)


def write(site: Site, browser: Browser, port: int, over: threading.Event) -> None:
    """Post one numbered comment after the other; note each that was answered as posted."""
    while not over.is_set():
        words = site.number()
        form = urlencode({"csrf_token": browser.token, "key": os.urandom(12).hex(), "body": words})
        headers = {"Cookie": f"session={browser.cookie}", "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT)
        try:
            connection.request("POST", site.path, form, headers)
            if connection.getresponse().status == 303:
                site.acknowledged.append(words)
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
        finally:
            connection.close()


def check(site: Site) -> None:
    """Compare what was acknowledged with the rows, the counters and the log."""
    db.session.expire_all()
    rows = db.session.execute(select(Comment.html, func.count()).group_by(Comment.html)).all()
    times = {html.removeprefix("<p>").removesuffix("</p>"): number for html, number in rows}
    assert [words for words in site.acknowledged if times.get(words) != 1] == []
    assert max(times.values()) == 1
    posted = select(func.count()).select_from(Entry).where(Entry.act == "comment.post")
    assert db.session.scalar(posted) == len(times)
    assert ledger.first_broken() is None
    article = db.session.get_one(type(site.cast.article), site.cast.article.id)
    assert article.comment_count == article.thread_count == len(times)
    if db.engine().dialect.name == "sqlite":
        assert db.session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []
