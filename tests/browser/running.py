"""A site that really runs: a database with the demo in it, `forum serve` on a free port, and Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize
from sqlalchemy import select

from forum import config, create_app, db
from forum.comments.writing import actions as comments
from forum.people.models import Person
from forum.people.passwords import DEMO_PASSWORD
from forum.people.queries import Viewer, viewer_of

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL: ViewportSize = {"width": 320, "height": 640}
COMMAND = str(Path(sys.executable).with_name("forum"))
START_SECONDS = 30


def chromium(playwright: Playwright) -> Browser:
    """Start Debian's Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


def environment(instance: Path, database: str) -> dict[str, str]:
    """Return the environment of a `forum` command on this database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
    own = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE_URL": database, "FORUM_RATE_LIMITS": "off"}
    return {**kept, **own}


def fill(instance: Path, database: str) -> None:
    """Put the demo into an empty database, as its admin would."""
    subprocess.run([COMMAND, "demo"], env=environment(instance, database), check=True, capture_output=True)


@contextmanager
def inside(instance: Path, database: str) -> Iterator[None]:
    """Act in this process on a site that is served by another, for what would take a test too many clicks."""
    app = create_app(config.Settings(instance=instance, database_url=database, secret_key="tests only"))
    with app.test_request_context():
        yield
        db.commit()
        db.session.remove()
        db.engine().dispose()


def person_named(username: str) -> Viewer:
    """Return somebody as an actor, `inside` a site."""
    person = db.session.scalar(select(Person).where(Person.username == username))
    actor = viewer_of(person.id if person else 0)
    assert actor is not None
    return actor


def say(username: str, parent_id: int | None, body: str, article_id: int) -> int:
    """Write a comment as somebody, `inside` a site, and return its id."""
    made = comments.post(person_named(username), article_id, body, parent_id=parent_id)
    db.commit()
    return int(made.id)


@contextmanager
def served(instance: Path, database: str, **settings: str) -> Iterator[str]:
    """Serve a site on a free port; the address has no slash at its end. `settings` are further FORUM_* ones."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [COMMAND, "serve", "--port", str(port), "--workers", "1"]
    with (instance / "server.log").open("w") as log:
        environ = {**environment(instance, database), **settings}
        if "FORUM_SMTP_URL" in settings:  # letters have links
            environ["FORUM_SITE_URL"] = f"http://127.0.0.1:{port}"
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        try:
            _wait_for(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(START_SECONDS)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)  # the server says nothing when it is ready, so one has to knock
    raise RuntimeError("the server did not start; see server.log in the instance folder")


class Visit:
    """Somebody at their browser: a context of their own, on one site."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        settings: dict[str, Any] = {"viewport": WIDE, "locale": "en-GB", **options}
        self.context: BrowserContext = browser.new_context(base_url=address, **settings)
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()

    def sign_in(self, username: str, password: str = DEMO_PASSWORD) -> Page:
        """Sign in through the form and return the page that follows."""
        self.page.goto("/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.click("main form.write button")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self.page

    def close(self) -> None:
        """Close the browser's window."""
        self.context.close()
