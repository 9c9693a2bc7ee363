"""Read to whom notices are mailed: a person, or an address without an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forum.db import session
from forum.notifications import address_links, mailing, queries
from forum.notifications.mailing import Follower
from forum.people.models import Person
from forum.people.queries import viewer_of
from forum.policy import NOBODY, Actor


@dataclass(frozen=True)
class Recipient:
    """A person or address to which letters about notices go.

    `name` is empty for an address without an account, `actor` is as whom they may read, `when` says when they get each
    kind of mail, `since` when their address was confirmed, `choose` is the path of the page on which they change that.
    """

    follower: Follower
    name: str
    email: str
    actor: Actor
    when: dict[str, str]
    since: datetime
    choose: str


def of(subject: Mapping[str, Any]) -> Recipient | None:
    """Return whom a job is about, None where no mail goes to them."""
    follower = Follower.of(subject)
    if follower.person_id is None:
        return _address(follower)
    person, actor = session.get(Person, follower.person_id), viewer_of(follower.person_id)
    if person is None or actor is None or not person.is_reached_by_mail:
        return None
    email, since = person.email, person.email_verified_at
    assert email is not None
    assert since is not None
    chosen = mailing.chosen(person.mail_when)
    return Recipient(follower, person.display_name, email, actor, chosen, since, "/following#mail")


def _address(follower: Follower) -> Recipient | None:
    found = queries.address(follower.address_id)
    if found is None:
        return None
    choose = f"/mail/follows/{address_links.own(found.id)}"
    return Recipient(follower, "", found.email, NOBODY, mailing.chosen(found.mail_when), found.created_at, choose)
