"""What the tests of notices of law begin with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from forum import db
from forum.cases.models import Case
from forum.legal import actions, deciding
from forum.legal.actions import Filing
from forum.legal.models import LegalNotice
from forum.people.models import Person
from tests.cast import Browser
from tests.moderation.scene import actor

SENDER = {"name": "Nora Quiet", "email": "nora@post.example"}
RIGHT = {"kind": "insult", "why": "He calls me a thief.", "good_faith": "y", **SENDER}


def typed(address: str, **others: str) -> dict[str, str]:
    """Return what somebody types into the form."""
    return {"addresses": address, **RIGHT, **others}


def sent(browser: Browser, address: str, **others: str) -> TestResponse:
    """Send the form."""
    return browser.post("/report", **typed(address, **others))


def filed(comment_id: int, kind: str = "insult", what: str = "", why: str = RIGHT["why"]) -> int:
    """Send a notice about a comment, and return its case."""
    about = f"/comments/{comment_id}{what}"
    made, _ = actions.file(Filing(about, kind, why, **SENDER), lambda host: False)
    db.commit()
    return made.case_id


def do(person: Person, act: Any, case_id: int, *words: str) -> Any:
    """Let somebody do something about a notice."""
    done = act(actor(person), case_id, *words)
    db.commit()
    return done


def decided(person: Person, case_id: int, decision: str, reasons: str = "It is a plain insult.") -> None:
    """Let somebody decide about a notice."""
    do(person, deciding.decide, case_id, decision, reasons)


def newest() -> LegalNotice:
    """Return the newest notice."""
    db.session.expire_all()
    return db.session.scalars(select(LegalNotice).order_by(LegalNotice.id.desc())).first()  # type: ignore[return-value]


def case(case_id: int) -> Case:
    """Return a case as it stands in the table."""
    db.session.expire_all()
    return db.session.get_one(Case, case_id)
