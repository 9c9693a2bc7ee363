"""Read which other accounts signed in from the same network as somebody, for moderators. No network is ever shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from forum import policy
from forum.clock import now
from forum.db import session
from forum.people.models import Person, PersonNetwork
from forum.policy import Actor
from forum.policy.people import PersonFacts
from forum.site.queries import site

MOST = 10  # others of one network; beyond that it is a carrier's or a school's, and says nothing of anybody


@dataclass(frozen=True)
class Neighbour:
    """Another account that signed in from the same network."""

    username: str
    name: str


@dataclass(frozen=True)
class Shared:
    """The accounts that share a network with somebody, within so many days; `days` is 0 where the site keeps nothing.

    `is_many`: one of the networks has more than MOST others, who are not named.
    """

    days: int
    neighbours: list[Neighbour]
    is_many: bool


def shared(actor: Actor, person: PersonFacts) -> Shared:
    """Return who else signed in from somebody's networks. Raises Forbidden for those who may not read the record.

    Those whose own record this person may not read (moderators, for a moderator; oneself) are left out.
    """
    policy.may_see_record(actor, person).require()
    days = site().network_days
    if not days:
        return Shared(0, [], False)
    since = now() - timedelta(days=days)
    counts = _counts(person.id, since)
    few = [network for network, number in counts if number <= MOST]
    found = session.scalars(
        select(Person)
        .where(Person.id.in_(_in(few, since)), Person.id != person.id)
        .order_by(Person.display_name, Person.id)
    )
    named = [Neighbour(one.username, one.display_name) for one in found if policy.may_see_record(actor, one)]
    return Shared(days, named, len(few) < len(counts))


def _counts(person_id: int, since: datetime) -> list[tuple[str, int]]:
    """Return the networks of a person with the number of others in each, counted a little beyond MOST."""
    other = aliased(PersonNetwork)
    others = (
        select(other.person_id)
        .where(
            other.network == PersonNetwork.network, other.seen_at > since, other.person_id != PersonNetwork.person_id
        )
        .limit(MOST + 1)
        .correlate(PersonNetwork)
        .subquery()
    )
    number = select(func.count()).select_from(others).scalar_subquery()
    mine = select(PersonNetwork.network, number).where(
        PersonNetwork.person_id == person_id, PersonNetwork.seen_at > since
    )
    return [(network, count) for network, count in session.execute(mine)]


def _in(networks: list[str], since: datetime) -> Select[int]:
    return select(PersonNetwork.person_id).where(PersonNetwork.network.in_(networks), PersonNetwork.seen_at > since)
