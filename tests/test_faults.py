"""A database that fails at any statement of any form: the whole change is made or nothing of it, and the page says
which (bar 42).

The forms are those of `access_table.py`, each sent by somebody who may. Only SQLite: the order of statements and
commits, which is what is tested, is the same on both kinds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine, event, select

from forum import db
from forum.clock import now
from forum.people.models import Person
from tests.access_table import TABLE, Row
from tests.test_access import Stage, stage  # noqa: F401 -- a fixture

SAVED = "What you sent is saved."
# The session is written after the page is done; without it a message is not seen, or a visit not noted.
BESIDE = {"sessions"}
# What is decided about very much at once is noted first, then done by the worker or at once: the note is the change.
IN_STEPS = {"records.remove"}
# Forms that find nothing left to do on the site of the table, or write nothing but the session.
WITHOUT_CHANGE = {
    *("articles.drop_changes", "notifications.mark_read", "people.approve", "people.reactivate", "people.sign_out"),
    *("people.test_mail", "people.resume_mail", "following.ask", "following.confirm", "following.stop"),
    *("following.resume", "following.come_back", "following.follow_answers"),
}


def of_the_disk() -> sqlite3.Error:
    """Return what SQLite says where the disk fails."""
    made = sqlite3.OperationalError("disk I/O error")
    made.sqlite_errorcode = sqlite3.SQLITE_IOERR
    return made


def of_the_program() -> sqlite3.Error:
    """Return what SQLite says to a mistake of the program."""
    return sqlite3.IntegrityError("UNIQUE constraint failed: comments.id")


class Faults:
    """What a database is asked in one request, and the statement at which it fails; 0 is none."""

    def __init__(self, error: sqlite3.Error, at: int) -> None:
        self.error, self.at = error, at
        self.asked: list[str] = []

    def ask(self, statement: str) -> None:
        """Note a statement; raises the error at the one that fails."""
        self.asked.append(statement)
        if len(self.asked) == self.at:
            raise self.error

    @contextmanager
    def at_work(self, engine: Engine) -> Iterator[None]:
        """Stand between the program and its database."""
        commit = engine.dialect.do_commit

        def do_execute(cursor: Any, statement: str, *_: Any) -> None:
            self.ask(statement)

        def do_commit(connection: Any) -> None:
            self.ask("COMMIT")
            commit(connection)

        event.listen(engine, "do_execute", do_execute)
        event.listen(engine, "do_executemany", do_execute)
        event.listen(engine, "do_execute_no_params", do_execute)
        engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
        try:
            yield
        finally:
            del engine.dialect.do_commit
            for name in ("do_execute", "do_executemany", "do_execute_no_params"):
                event.remove(engine, name, do_execute)


class Sending:
    """A form of the table that somebody sends again and again to a site that is put back."""

    def __init__(self, site: Stage, row: Row, role: str) -> None:
        self.stage, self.row, self.role = site, row, role
        self.status, self.page, self.change, self.asked = self.send(Faults(of_the_disk(), 0))
        assert str(self.status) == row.by_role[role]
        assert bool(self.change) is (row.endpoint not in WITHOUT_CHANGE)

    def send(self, faults: Faults) -> tuple[int, str, dict[str, int], list[str]]:
        """Send it; return the answer's status and page, of each table that changed by how many rows, and the asked."""
        self.stage.restore()
        self.stage.sanction(self.role)
        browser = self.stage.browsers[self.role]
        browser.client.set_cookie("session", browser.cookie)
        fields = {name: str(value).format(**self.stage.ids) for name, value in self.row.fields.items()}
        before = rows()
        with faults.at_work(db.engine()):
            answer = browser.post(self.row.url.format(**self.stage.ids), **fields)
        after = rows()
        change = {name: len(after[name]) - len(before[name]) for name in before if before[name] != after[name]}
        for name in BESIDE:
            change.pop(name, None)
        return answer.status_code, answer.text, change, faults.asked

    def wrong(self, error: sqlite3.Error, at: int) -> str:
        """Return what is wrong with the answer where the n-th statement fails; nothing where it is right."""
        status, page, change, _ = self.send(Faults(error, at))
        says = "done" if status < 500 or SAVED in page else "nothing"
        if says == "nothing":
            is_right = not change
        elif status < 500 and status != self.status:
            is_right = False
        else:
            is_right = change == self.change or (self.row.endpoint in IN_STEPS and bool(change))
        return (
            "" if is_right else f"{status} says {says} at {at} of {len(self.asked)}, {self.asked[at - 1]!r}: {change}"
        )


@pytest.fixture(scope="module")
def made_at(stage: Stage) -> datetime:  # noqa: F811
    """Return when the site was made."""
    return now()


@pytest.fixture(autouse=True)
def clock(made_at: datetime) -> Iterator[None]:
    """Begin each test at the moment at which the site was made: what can be undone, can be so for minutes only."""
    with time_machine.travel(made_at):
        yield


def rows() -> dict[str, list[str]]:
    """Return what every table holds."""
    with db.engine().connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)))) for table in Person.metadata.sorted_tables
        }


FORMS = [(row, row.sender) for row in TABLE if row.method == "POST" and row.sender]
NAMES = [f"{row.endpoint} {row.note}" for row, _ in FORMS]


@pytest.mark.parametrize(("row", "role"), FORMS, ids=NAMES)
def test_a_form_is_done_or_not_at_all(stage: Stage, row: Row, role: str) -> None:  # noqa: F811
    """At the first statement, at the last commit but that of the session, and at what is asked after it."""
    sent = Sending(stage, row, role)
    commits = [number for number, statement in enumerate(sent.asked, 1) if statement == "COMMIT"]
    last = commits[-2:-1] or commits
    at = {1, *last, *(number + 1 for number in last), len(sent.asked)} & set(range(1, len(sent.asked) + 1))
    assert [wrong for number in sorted(at) if (wrong := sent.wrong(of_the_disk(), number))] == []


@pytest.mark.soak
@pytest.mark.parametrize("error", [of_the_disk, of_the_program])
@pytest.mark.parametrize(("row", "role"), FORMS, ids=NAMES)
def test_at_any_statement(stage: Stage, row: Row, role: str, error: Any) -> None:  # noqa: F811
    """Until nothing fails any more."""
    sent = Sending(stage, row, role)
    found = [sent.wrong(error(), number) for number in range(1, len(sent.asked) + 1)]
    assert [wrong for wrong in found if wrong] == []
