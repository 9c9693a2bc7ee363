"""Read people: a profile, the list for admins, one person with what may be done, invitations and links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, or_, select, union_all
from sqlalchemy.orm import aliased

from forum import policy
from forum.clock import now
from forum.db import session, view
from forum.people.lookalikes import looks
from forum.people.models import NameKey, OneTimeLink, Person, TagModerator
from forum.people.tokens import token_hash
from forum.policy import Actor, Role, Verdict
from forum.text.words import one_line

LONGEST_TYPED = 254  # characters: no name and no address is longer
PAGE = 50  # people on one page of the list
_OTHER = aliased(Person)  # people as they are looked for inside a question about people


@dataclass(frozen=True)
class Profile:
    """A profile as this viewer sees it, with what they may do there."""

    id: int
    username: str
    display_name: str
    badge: str
    about: str
    joined: datetime
    is_waiting: bool
    is_off: bool
    suspended_until: datetime | None
    suspension_reason: str
    is_banned: bool
    hides_comments: bool
    language: str  # empty: the site's, also for anybody else
    email: str
    email_verified: bool
    mail_paused_at: datetime | None
    mail_pause_reason: str
    former_names: list[str]
    lists_comments: Verdict
    changes: Verdict
    renames: Verdict
    record: Verdict  # whether this viewer may read what moderators know


@dataclass(frozen=True)
class PersonRow:
    """One person as admins see them. The verdicts say what an admin may do."""

    id: int
    username: str
    display_name: str
    email: str
    role: str
    badge: str
    created_at: datetime
    renamed_at: datetime | None
    former_names: list[str]
    approved_at: datetime | None
    suspended_until: datetime | None
    suspension_reason: str
    deactivated_at: datetime | None
    email_verified_at: datetime | None
    mail_paused_at: datetime | None
    mail_pause_reason: str
    state: str
    moderates: int  # in how many tags
    manages: Verdict
    steps_down: Verdict


@dataclass(frozen=True)
class Invitation:
    """One invitation that is not used yet."""

    id: int
    note: str
    created_at: datetime
    expires_at: datetime


def badge(role: str) -> str:
    """Return the word for a role on pages; empty for a reader."""
    words: dict[str, str] = {Role.AUTHOR: _("Author"), Role.MODERATOR: _("Moderator"), Role.ADMIN: _("Admin")}
    return words.get(role, "")


def profile(actor: Actor, username: str) -> Profile | None:
    """Return the profile of a sign-in name, None where this viewer may not see it."""
    found = session.execute(select(Person).where(Person.username == username)).scalar_one_or_none()
    if found is None or not policy.may_see_profile(actor, found):
        return None
    own = actor.id == found.id
    sees_standing = own or bool(policy.may_see_former_names(actor))
    return view(
        Profile,
        found,
        badge=badge(found.role),
        joined=found.created_at,
        is_waiting=found.approved_at is None,
        is_off=found.deactivated_at is not None,
        suspended_until=_standing(found) if sees_standing else None,
        suspension_reason=found.suspension_reason if sees_standing and _standing(found) else "",
        is_banned=sees_standing and found.suspended_until is not None and found.suspended_until >= policy.FOREVER,
        language=found.language if own else "",
        email=(found.email or "") if own else "",
        email_verified=own and found.email_verified_at is not None,
        mail_paused_at=found.mail_paused_at if own else None,
        mail_pause_reason=found.mail_pause_reason if own else "",
        former_names=list(found.former_names) if policy.may_see_former_names(actor) else [],
        lists_comments=policy.may_list_comments(actor, found, found.hides_comments),
        changes=policy.may_change_account(actor, found.id),
        renames=policy.may_rename(actor, found.id, found.renamed_at, now()),
        record=policy.may_see_record(actor, found),
    )


def people(actor: Actor, search: str = "", state: str = "", after: int = 0) -> list[PersonRow]:
    """Return people by their date of joining, newest first, at most one more than a page.

    `search` is part of a name or address, `state` is waiting, suspended, off, staff or empty for all; `after` is the
    id of the last row of the page before.
    """
    query = select(Person).where(*_chosen(search, state)).order_by(Person.id.desc()).limit(PAGE + 1)
    if after:
        query = query.where(Person.id < after)
    found = list(session.scalars(query))
    others, tags = _other_admins(), _moderated([person.id for person in found])
    return [_row(actor, person, others, tags) for person in found]


def demo_people(actor: Actor) -> list[PersonRow]:
    """Return staff whose password a demo tells; people who came with an import have none."""
    query = select(Person).where(*_chosen("", "staff"), Person.password_hash.is_not(None)).order_by(Person.id.desc())
    others = _other_admins()
    return [_row(actor, person, others, {}) for person in session.scalars(query.limit(8))]


def person_row(actor: Actor, person_id: int) -> PersonRow | None:
    """Return one person as admins see them."""
    found = session.get(Person, person_id)
    return _row(actor, found, _other_admins(), _moderated([person_id])) if found else None


def waiting_count() -> int:
    """Return how many people wait for approval."""
    query = select(func.count()).select_from(Person)
    return session.execute(query.where(*_chosen("", "waiting"))).scalar_one()


def invitations() -> list[Invitation]:
    """Return the invitations that can still be used, newest first."""
    query = select(OneTimeLink.id, OneTimeLink.note, OneTimeLink.created_at, OneTimeLink.expires_at).where(
        OneTimeLink.purpose == "invite", OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now()
    )
    return [Invitation(*row) for row in session.execute(query.order_by(OneTimeLink.id.desc()))]


def link_purpose(token: str) -> str:
    """Return the purpose of a one-time link: setup, reset, invite, verify; empty where it is used, too old, unknown."""
    query = select(OneTimeLink.purpose).where(
        OneTimeLink.token_hash == token_hash(token), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now()
    )
    return session.execute(query).scalar_one_or_none() or ""


def sign_in_id(typed: str) -> int | None:
    """Return the id of the person with this sign-in name, shown name or address, ignoring case; None for nobody."""
    typed = one_line(typed[:LONGEST_TYPED])
    named = _named(typed, _OTHER.username == typed, _OTHER.email == typed.lower())
    found = list(session.execute(select(Person.id, Person.username, Person.email).where(named).limit(3)))
    exact = [row for row in found if typed in (row.username, row.email)]
    best = exact or found
    return best[0].id if len(best) == 1 else None


def sign_in_name(typed: str) -> str:
    """Return the stored sign-in name of the person whose sign-in or shown name was typed, in any case; else as typed.

    A sign-in name comes before the shown name of somebody else, which an archive may have brought. Former names are no
    way to anybody: it is not public who had which.
    """
    typed = one_line(typed[:LONGEST_TYPED])
    named = _named(typed, _OTHER.username.in_((typed, typed.lower())))
    folded = typed.casefold()
    query = select(Person.username, Person.display_name).where(named)
    found = [row for row in session.execute(query) if folded in map(str.casefold, row)]
    found.sort(key=lambda row: (row.username != typed, row.username.casefold() != folded))
    return found[0].username if found else typed


def _named(typed: str, *ways: ColumnElement[bool]) -> ColumnElement[bool]:
    """Choose who has a name that looks like what was typed, or is found in one of the other ways.

    Each way is a question of its own, which an index answers: with OR between them PostgreSQL reads everybody.
    """
    by_look = select(NameKey.person_id).where(NameKey.key.in_(sorted(looks(typed))))
    return Person.id.in_(union_all(by_look, *(select(_OTHER.id).where(way) for way in ways)))


def name_holder(*names: str) -> int | None:
    """Return the id of a person whose sign-in name, shown name or former name looks like one of these."""
    keys = sorted({key for name in names for key in looks(name)})
    return _holder(keys, None)


def other_holder(names: Iterable[str], person_id: int | None) -> int | None:
    """Return the id of a person other than `person_id` whose name looks like one of these."""
    return _holder(sorted({key for name in names for key in looks(name)}), person_id)


def _holder(keys: list[str], but: int | None) -> int | None:
    query = select(NameKey.person_id).where(NameKey.key.in_(keys))
    if but is not None:
        query = query.where(NameKey.person_id != but)
    return session.execute(query.limit(1)).scalar_one_or_none()


def _other_admins() -> set[int]:
    """Return the ids of the admins who could sign in today and do something."""
    query = select(Person.id).where(
        Person.suspended_until.is_(None) | (Person.suspended_until <= now()),
        Person.role == Role.ADMIN,
        Person.deactivated_at.is_(None),
        Person.approved_at.is_not(None),
        Person.password_hash.is_not(None),
    )
    return set(session.scalars(query))


def other_admins(person_id: int) -> int:
    """Return how many admins besides this person could sign in and act today."""
    return len(_other_admins() - {person_id})


def _chosen(search: str, state: str) -> list[ColumnElement[bool]]:
    states: dict[str, list[ColumnElement[bool]]] = {
        "waiting": [Person.approved_at.is_(None), Person.deactivated_at.is_(None)],
        "suspended": [Person.suspended_until > now()],
        "off": [Person.deactivated_at.is_not(None)],
        "staff": [or_(Person.role != Role.READER, Person.id.in_(select(TagModerator.person_id)))],
    }
    chosen = list(states.get(state, []))
    if search:
        fields = (Person.username, Person.display_name, Person.email)
        chosen.append(or_(*(field.icontains(search, autoescape=True) for field in fields)))
    return chosen


def _standing(person: Person) -> datetime | None:
    return policy.lasting(person.suspended_until, now())


def _moderated(people: list[int]) -> Mapping[int, int]:
    """Return in how many tags people moderate."""
    counted = select(TagModerator.person_id, func.count()).where(TagModerator.person_id.in_(people))
    return {row[0]: row[1] for row in session.execute(counted.group_by(TagModerator.person_id))}


def _row(actor: Actor, person: Person, admins: set[int], tags: Mapping[int, int]) -> PersonRow:
    suspended = _standing(person)
    if person.deactivated_at is not None:
        state = _("switched off")
    elif person.approved_at is None:
        state = _("waiting for approval")
    else:
        state = _("suspended") if suspended else ""
    return view(
        PersonRow,
        person,
        email=person.email or "",
        badge=badge(person.role),
        former_names=list(person.former_names),
        suspended_until=suspended,
        suspension_reason=person.suspension_reason if suspended else "",
        state=state,
        moderates=tags.get(person.id, 0),
        manages=policy.may_manage(actor, person),
        steps_down=policy.may_stop_being_admin(person, len(admins - {person.id})),
    )
