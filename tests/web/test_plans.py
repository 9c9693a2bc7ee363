"""Statements that grow with the site: none of a page that everybody may open reads a whole table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from forum import db
from forum.db import Base
from tests.cast import Browser, Cast
from tests.people.members import PHRASE, member
from tests.web.test_csrf import address, comment

__all__ = ["comment"]  # a fixture
ONE_ROW = {"site", "ledger_head", "search_head"}
SEARCHES = ("q=ferry", "q=ferry&author=Rosa", "q=ferry&subject=ferries", "q=ferry&article=x", "author=rosa")
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
Sent = dict[str, Any]  # each statement, with the values with which it was sent last


@contextmanager
def noted() -> Iterator[Sent]:
    """Note all statements that are sent to the database meanwhile."""
    sent: Sent = {}

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent[statement] = values

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)


def whole_tables(sent: Sent) -> list[tuple[str, str]]:
    """Return each table that a statement can only read as a whole, whatever its size, with the statement."""
    found = []
    tables = set(Base.metadata.tables) - ONE_ROW
    with db.engine().connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, values in sent.items():
            plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars())
            read = tables & set(re.findall(r"Seq Scan on (\w+)", plan))
            found += [(table, statement) for table in sorted(read)]
        connection.exec_driver_sql("RESET enable_seqscan")
    return found


def get_all(cast: Cast, browser: Browser, made: Any) -> None:
    """Open every page there is, most of which are not for everybody, and some searches."""
    for rule in cast.app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.endpoint != "static":
            browser.get(address(cast, rule, made)).close()
    for query in SEARCHES:
        browser.get(f"/search?{query}").close()
    browser.get("/people/ROSA").close()


@pytest.mark.parametrize("who", ["visitor", "tom"])
def test_no_page_of_a_visitor_or_a_reader_reads_a_whole_table(cast: Cast, comment: Any, who: str) -> None:
    browser = cast.browser(None if who == "visitor" else cast.tom)
    with noted() as sent:
        get_all(cast, browser, comment)
    assert len(sent) > 30
    assert whole_tables(sent) == []


def test_signing_in_reads_no_whole_table(cast: Cast) -> None:
    member()
    with noted() as sent:
        answer = cast.browser().post("/sign-in", username="WANDA", password=PHRASE)
    assert answer.status_code == 303
    assert whole_tables(sent) == []
