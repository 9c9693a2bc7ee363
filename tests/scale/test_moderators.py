"""Eight moderators and eight writers at one discussion, against the real server: no error, nothing is decided twice."""

from __future__ import annotations

import http.client
import os
import random
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from forum import db
from forum.cases.models import Case
from forum.closures.models import Closure
from forum.comments.consistency import differences as wrong_comments
from forum.comments.models import Comment
from forum.ledger import queries as ledger
from forum.ledger.models import Entry
from forum.moderation.consistency import differences as wrong_cases
from forum.moderation.models import Decision
from forum.policy import CaseState
from tests import factories
from tests.cast import Browser, Cast
from tests.moderation.scene import report, write
from tests.test_serve import wait_for
from tests.test_workers import on, serving

EACH = 8  # writers, and moderators
SECONDS, LONG = 3, 60  # of every commit, and of `make soak`
WAIT = 30  # seconds somebody waits for one answer
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DECIDED = [f"comment.{act}" for act in ("keep", "approve", "restore", "hide", "hide-replies", "spam")]
ONE_ENTRY = ("comment.post", "comment.withdraw", "flag.add", "decision.undo", "closure.make", "closure.reopen")
SEEDED = 11  # comments that are there before; every second of them is reported
EXPECTED = {200, 303, 403, 404, 409, 422}


@dataclass
class Desk:
    """A served discussion, and what the server answered: each act with its status."""

    cast: Cast
    port: int
    comments: list[int]
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Person:
    """Somebody at a browser, who does one thing after the other."""

    def __init__(self, desk: Desk, browser: Browser, seed: int) -> None:
        self.desk, self.browser, self.dice = desk, browser, random.Random(seed)
        self.mine: list[int] = []

    def get(self, path: str) -> str:
        """Read a page."""
        return self._ask("GET", path, "read")[1]

    def post(self, act: str, path: str, **fields: object) -> tuple[int, str]:
        """Send a form; return the status and where it leads."""
        status, _page, leads = self._ask("POST", path, act, urlencode({"csrf_token": self.browser.token, **fields}))
        return status, leads

    def any_comment(self) -> int:
        """Choose a comment, a new one rather than an old one."""
        known = self.desk.comments
        return self.dice.choice(known[-12:] if self.dice.random() < 0.7 else known)

    def _ask(self, method: str, path: str, act: str, body: str = "") -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.desk.port, timeout=WAIT)
        headers = {"Cookie": f"session={self.browser.cookie}", **(FORM if body else {})}
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        finally:
            connection.close()
        with self.desk.lock:
            self.desk.answers[act, answer.status] += 1
            if answer.status not in EXPECTED:
                self.desk.odd.append(f"{method} {path}: {answer.status}")
        return answer.status, page, answer.headers.get("Location", "")


def writes(person: Person) -> None:
    """Do one of the things that readers do."""
    chance, chosen = person.dice.random(), person.any_comment()
    if chance < 0.55 or not person.mine:
        words = f"Number {person.dice.getrandbits(60)} of many."
        status, leads = person.post("comment.post", f"/comments/{chosen}/reply", key=os.urandom(12).hex(), body=words)
        if status == 303 and (made := re.search(r"/comments/(\d+)", leads)):
            person.mine.append(int(made[1]))
            person.desk.comments.append(int(made[1]))
    elif chance < 0.75:
        person.post("flag.add", f"/comments/{chosen}/flag", reason=person.dice.choice(("abuse", "danger", "spam")))
    elif chance < 0.85:
        person.post("comment.withdraw", f"/comments/{person.dice.choice(person.mine)}/withdraw")
    elif chance < 0.9:
        person.post("comment.undo-withdraw", f"/comments/{person.dice.choice(person.mine)}/withdraw/undo")
    else:
        person.get(f"/articles/{person.desk.cast.article.slug}")


def moderates(person: Person) -> None:
    """Do one of the things that moderators do."""
    chance, chosen = person.dice.random(), person.any_comment()
    if chance < 0.6:
        waiting = re.findall(r"[?;&]case=(\d+)", person.get("/moderation/queue"))
        if waiting:
            decides(person, person.get(f"/moderation/queue?case={person.dice.choice(waiting[:6])}"))
    elif chance < 0.75:
        made = re.findall(r"/moderation/decisions/(\d+)/undo", person.get("/moderation/queue?tab=decided"))
        if made:
            person.post("decision.undo", f"/moderation/decisions/{person.dice.choice(made)}/undo")
    elif chance < 0.9:
        people = person.dice.choice(("all", "two"))
        person.post(
            "closure.make", f"/comments/{chosen}/close", people=people, words="Enough.", key=os.urandom(9).hex()
        )
    else:
        closed = re.findall(r"/closures/(\d+)", person.get("/moderation/closures"))
        if closed:
            person.post("closure.reopen", f"/closures/{person.dice.choice(closed)}/reopen", reason="Let them talk.")


def decides(person: Person, page: str, decision: str = "") -> int:
    """Press a button on the page of a case; return the status, 0 where somebody was faster and there is no button."""
    form = re.search(r'action="/moderation/queue/(\d+)".*?name="seen" value="([^"]+)"', page, re.S)
    if form is None:
        return 0
    decision = decision or person.dice.choice(("keep", "hide", "hide-replies", "spam"))
    fields = {"seen": form[2], "decision": decision, "reason": "1"}
    return person.post("decision", f"/moderation/queue/{form[1]}", **fields)[0]


@pytest.fixture
def people(app: Flask, cast: Cast) -> tuple[list[Browser], list[Browser]]:
    """Return the browsers of eight writers and of eight moderators."""
    db.lock()
    writers = [factories.new_person(f"Writer {number}") for number in range(EACH)]
    moderators = [factories.new_person(f"Moderator {number}", "moderator") for number in range(EACH)]
    db.commit()
    return [cast.browser(one) for one in writers], [cast.browser(one) for one in moderators]


def test_moderators_and_writers_at_one_discussion(
    cast: Cast, tmp_path: Path, people: tuple[list[Browser], ...]
) -> None:
    run(cast, tmp_path, people, SECONDS)


@pytest.mark.soak
def test_moderators_and_writers_for_a_minute(cast: Cast, tmp_path: Path, people: tuple[list[Browser], ...]) -> None:
    run(cast, tmp_path, people, LONG)


def run(cast: Cast, folder: Path, people: tuple[list[Browser], ...], seconds: float) -> None:
    """Let all of them go on for so long, then compare what they were told with what stands in the database."""
    first = write(cast.tom, cast.article, "I say it should open on Sunday.")
    others = range(1, SEEDED)
    known = [first, *(write(cast.rosa, cast.article, f"Reason {number}.", parent=first) for number in others)]
    for comment_id in known[::2]:
        report(cast.ida, comment_id)
    with serving(folder, "--workers", "2", **on(cast)) as (process, base):
        desk = Desk(cast, int(base.rpartition(":")[2]), known)
        _serves(process, base, cast)
        writers, moderators = ([Person(desk, browser, seed) for seed, browser in enumerate(side)] for side in people)
        _decide_at_once(moderators)
        until = time.monotonic() + seconds
        _together([*((writes, one) for one in writers), *((moderates, one) for one in moderators)], until)
    check(desk)


def _serves(process: subprocess.Popen[str], base: str, cast: Cast) -> None:
    wait_for(process, f"{base}/articles/{cast.article.slug}")


def _decide_at_once(moderators: list[Person]) -> None:
    """Let all moderators read the same case and press a button in the same moment: one of them decides."""
    page = moderators[0].get("/moderation/queue")
    case = min(re.findall(r"[?;&]case=(\d+)", page), key=int)
    pages = [one.get(f"/moderation/queue?case={case}") for one in moderators]
    ready, told = threading.Barrier(len(moderators)), list[int]()

    def press(one: Person, seen: str) -> None:
        ready.wait(WAIT)
        told.append(decides(one, seen, "keep"))

    threads = [threading.Thread(target=press, args=both) for both in zip(moderators, pages, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT * 2)
    assert Counter(told) == {303: 1, 409: EACH - 1}


def _together(doing: list[tuple[Callable[[Person], None], Person]], until: float) -> None:
    """Let each do one thing after the other, all at the same time. A mistake of one is the test's."""
    failed: list[BaseException] = []

    def go_on(act: Callable[[Person], None], person: Person) -> None:
        try:
            while time.monotonic() < until:
                act(person)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=go_on, args=both) for both in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT * 4)
    assert failed == []


def check(desk: Desk) -> None:
    """Compare the answers with the rows, the counters, the cases and the log."""
    assert desk.odd == []
    assert desk.answers["decision", 303] > 1
    done = Counter({act: number for (act, status), number in desk.answers.items() if status == 303})
    db.session.rollback()
    counted = select(Entry.act, func.count()).group_by(Entry.act)
    entries = Counter({row.act: row[1] for row in db.session.execute(counted)})
    done["comment.post"] += SEEDED
    done["flag.add"] += len(range(0, SEEDED, 2))
    for act in ONE_ENTRY:
        assert entries[act] == done[act], act
    assert sum(entries[act] for act in DECIDED) == done["decision"] == _count(Decision.id)
    assert _count(Comment.id) == done["comment.post"]
    assert _count(Closure.id) == done["closure.make"]
    assert wrong_comments(desk.cast.article.id) == ([], [])
    assert wrong_cases()[1] == []
    standing = set(db.session.scalars(select(Decision.id).where(Decision.undone_at.is_(None))))
    decided = select(Case.decision_id).where(Case.state == CaseState.DECIDED)
    assert standing - set(db.session.scalars(decided)) == set()
    assert ledger.first_broken() is None


def _count(ids: InstrumentedAttribute[int]) -> int:
    return db.session.scalar(select(func.count(ids))) or 0
