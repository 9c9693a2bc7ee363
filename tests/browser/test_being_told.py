"""Two people answer each other and hear of it, in the page and, where the site sends mail, by mail; so they do when a
moderator ends their exchange. The server, its worker, the mail server and the browser are real."""

from __future__ import annotations

import re
import shutil
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from forum import db
from forum.clock import now
from forum.people.models import Person
from tests.browser.pages import CLOCK
from tests.browser.running import Visit, inside, served
from tests.mail.server import MailServer, Received, running

pytestmark = pytest.mark.browser
WORDS = "You two have said what there is to say about the second key."
READER, AUTHOR = "bertram", "mina"


@pytest.fixture(params=[True, False], ids=["with mail", "without mail"])
def server(request: pytest.FixtureRequest) -> Iterator[MailServer | None]:
    """Yield a mail server, or none."""
    if not request.param:
        yield None
        return
    with running() as found:
        yield found


@pytest.fixture
def address(server: MailServer | None, demo_file: Path, tmp_path: Path) -> Iterator[str]:
    """Yield the demo, served, with confirmed addresses of the two."""
    database = f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    shutil.copy(demo_file, tmp_path / "demo.sqlite3")
    with inside(tmp_path, database):
        db.lock()
        for name in (READER, AUTHOR):
            mine = update(Person).where(Person.username == name)
            db.session.execute(mine.values(email=f"{name}@post.example", email_verified_at=now()))
    with served(tmp_path, database, **({"FORUM_SMTP_URL": server.url} if server else {})) as found:
        yield found


def test_two_hear_of_each_others_answers_and_of_the_end(
    browser: Browser, address: str, server: MailServer | None
) -> None:
    visits = [Visit(browser, address) for _ in range(3)]
    reader, author, moderator = (
        visit.sign_in(name) for visit, name in zip(visits, (READER, AUTHOR, "fenwick"), strict=True)
    )
    first = _comment(reader, "Who has the second key?")
    answer = _reply(author, first, "The harbour master, since March.")

    _hears(reader, "Mina Tarrant", "The harbour master, since March.")
    letter = _letter(server, READER, answer)
    _follow(reader, answer, letter)
    again = _reply(reader, answer, "He told me that you have it.")
    _hears(author, "Bertram Oakes", "He told me that you have it.")
    second = _letter(server, AUTHOR, again)
    if letter and second:
        assert second.message["In-Reply-To"] == letter.message["Message-ID"]
        _leave(letter)
        _has_no_more_mail(server, author, again)

    _end(moderator, again)
    for page, other in ((reader, "Mina Tarrant"), (author, "Bertram Oakes")):
        page.goto("/notices")
        notice = page.locator(".notice", has_text=f"You and {other} can no longer answer each other")
        expect(notice).to_contain_text(WORDS)
    if server:
        told = [_the(server, name, WORDS) for name in (READER, AUTHOR)]
        assert [WORDS in one.part() for one in told] == [True, True]
    for visit in visits:
        visit.close()


def _comment(page: Page, words: str) -> int:
    page.goto(CLOCK)
    page.get_by_label("Leave a comment").fill(words)
    page.locator("#write").get_by_role("button", name="Post").click()
    return _made(page, words)


def _reply(page: Page, parent: int, words: str) -> int:
    page.goto(f"/comments/{parent}/reply")
    page.get_by_label("Your reply").fill(words)
    page.get_by_role("main").get_by_role("button", name="Post").click()
    return _made(page, words)


def _made(page: Page, words: str) -> int:
    made = page.locator("article.comment", has_text=words).last
    expect(made).to_be_visible()
    return int((made.get_attribute("id") or "c-0").removeprefix("c-"))


def _hears(page: Page, name: str, words: str) -> None:
    """See the number in the head rise, and the words on the page of notices."""
    end = time.monotonic() + 30
    told = page.locator(".notice", has_text=words)
    while not told.count():
        assert time.monotonic() < end, f"{name} was not told of"
        page.goto("/notices")
    expect(told).to_contain_text(f"{name} answered you")
    expect(told.locator(".new")).to_have_count(1)
    expect(page.get_by_role("banner").get_by_role("link", name=re.compile(r"Notices \(\d+\)"))).to_have_count(1)


def _letter(server: MailServer | None, name: str, comment: int) -> Received | None:
    return None if server is None else _the(server, name, f"/comments/{comment}")


def _the(server: MailServer, name: str, words: str) -> Received:
    """Return the letter to somebody that says something, as soon as it is there."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for one in server.to(f"{name}@post.example"):
            if words in " ".join(one.part().split()):
                return one
        time.sleep(0.1)
    raise AssertionError(f"no letter to {name} with {words!r}")


def _follow(page: Page, comment: int, letter: Received | None) -> None:
    """Go to the comment by the link in the letter, or on the page of notices."""
    if letter is None:
        page.locator(f".notice a[href='/comments/{comment}']").first.click()
    else:
        page.goto(re.findall(rf"http://\S+/comments/{comment}\b", letter.part())[0])
    expect(page.locator(f"#c-{comment}")).to_be_in_viewport()
    page.goto("/notices")
    told = page.locator(".notice").filter(has=page.locator(f"a[href='/comments/{comment}']"))
    expect(told.locator(".new")).to_have_count(0)


def _leave(letter: Received) -> None:
    """Unsubscribe as a mail program does: one POST, without a cookie (RFC 8058)."""
    assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(letter.message["List-Unsubscribe"]).strip("<>")
    asked = urllib.request.Request(address, b"List-Unsubscribe=One-Click", method="POST")
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.status == 200


def _has_no_more_mail(server: MailServer | None, author: Page, parent: int) -> None:
    assert server
    before = len(server.to(f"{READER}@post.example"))
    answer = _reply(author, parent, "He is mistaken, and I shall tell him so.")
    assert answer
    time.sleep(3)  # the worker looks twice a second
    assert len(server.to(f"{READER}@post.example")) == before


def _end(page: Page, comment: int) -> None:
    page.goto(f"/comments/{comment}/close")
    page.get_by_label(re.compile("These two")).first.check()
    page.get_by_label("Closing words").fill(WORDS)
    page.get_by_role("button", name="End it").click()
    expect(page.locator(".said")).to_contain_text("This exchange has ended.")
