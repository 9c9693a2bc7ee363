"""What tests about sanctions begin with."""

from __future__ import annotations

from typing import Any

from forum import db
from forum.ledger import queries as ledger
from forum.notifications import queries as notifications
from forum.notifications.queries import NoticeView
from forum.people.models import Person
from forum.people.queries import viewer_of
from forum.policy import Actor
from forum.sanctions import actions
from forum.sanctions.actions import Wanted
from forum.sanctions.models import Sanction


def actor(person: Person) -> Actor:
    """Return somebody as a request knows them."""
    found = viewer_of(person.id)
    assert found is not None
    return found


def impose(by: Person, whom: Person, kind: str, **wanted: Any) -> int:
    """Let somebody do something about somebody, and return the sanction's id."""
    usual: dict[str, Any] = {
        "note": {"note": "Keep an eye on this."},
        "slow": {"words": "A little slower.", "minutes": 10},
        "suspension": {"words": "Rest.", "days": 3},
    }.get(kind, {"words": "Enough of this."})
    made = actions.sanction(actor(by), whom.id, Wanted(kind, **{**usual, **wanted}))
    db.commit()
    return made.id


def row(id: int) -> Sanction:
    """Return a sanction as it is now."""
    return db.session.get_one(Sanction, id, populate_existing=True)


def told(person: Person) -> list[NoticeView]:
    """Return what somebody was told of sanctions, newest first."""
    return [item for item in notifications.notices(person.id).items if item.kind in ("sanction", "lifted")]


def acts(person: Person) -> list[str]:
    """Return the acts about somebody, newest first."""
    return [act.act for act in ledger.acts() if act.person_id == person.id]
