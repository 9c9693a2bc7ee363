"""Mail addresses without an account that follow something: asked for, confirmed, ended.

Nothing is kept of an address before its owner confirmed it but the job of the letter that asks. It is erased with the
last thing that it follows. What it follows is checked by the caller: this room knows ids only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Insert, bindparam, delete, select, text, update
from sqlalchemy.orm import aliased

from forum import db, policy
from forum.acting import lock_as
from forum.clock import now
from forum.db import Moment, session, write
from forum.errors import Invalid, NotFound
from forum.jobs import actions as jobs
from forum.ledger import actions as ledger
from forum.notifications import mailing, subscriptions
from forum.notifications.address_links import Wish
from forum.notifications.models import Address, Notice, Subscription
from forum.people import addresses
from forum.people.models import Person
from forum.people.tokens import token_hash
from forum.policy import Actor

JOB = "followers.confirm"
UNSENT_KEPT = timedelta(days=7)  # a letter that asks and could not be sent; /privacy says so
AT_ONCE = 200  # addresses that become a member's in one transaction
_MINE = aliased(Subscription)
# One statement, so that an address that is being erased meanwhile is made anew.
_ADD = text(
    "INSERT INTO addresses (email, mail_when, created_at) VALUES (:email, '{}', :moment) "
    "ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id"
).bindparams(bindparam("moment", type_=Moment))


def ask_address(wish: Wish) -> None:
    """Let an address be asked by mail whether it wants to follow something. Nobody learns whether it is known.

    Of the same question only one waits.
    """
    db.lock()
    about = {"to": wish.email, "kind": wish.kind, "subject": wish.subject_id}
    key = f"{JOB}:{token_hash(wish.email)[:32]}:{wish.kind}:{wish.subject_id}"
    jobs.put(JOB, now(), about, key=key)


def asking(wish: Wish, moment: datetime) -> tuple[Insert, dict[str, Any]]:
    """Return the write by which an address is asked, for `db.write()`: about something that is new itself."""
    return jobs.new(JOB, moment, {"to": wish.email, "kind": wish.kind, "subject": wish.subject_id})


def confirm_address(wish: Wish) -> int:
    """Let an address follow something from now on, because its owner said yes, and return its id."""
    db.lock()
    moment = now()
    id = int(session.execute(_ADD, {"email": wish.email, "moment": moment}).scalar_one())
    write(subscriptions.new(None, wish.kind, wish.subject_id, moment, address_id=id))
    return id


def stop_address(address_id: int, subscription_id: int) -> bool:
    """End one thing that an address follows; tell whether the address is still here. Raises NotFound."""
    _locked(address_id)
    mine = Subscription.address_id == address_id, Subscription.id == subscription_id
    if session.execute(delete(Subscription).where(*mine).returning(Subscription.id)).first() is None:
        raise NotFound()
    return _settle(address_id)


def leave_address(address_id: int, what: str) -> bool:
    """End what brings an address a kind of mail, or all that comes hourly or daily; tell whether it is still here.

    Anybody with the signed address of a mail may do it. Raises NotFound.
    """
    chosen = mailing.chosen(_locked(address_id).mail_when)
    kinds = [kind for kind, mail in mailing.BRINGS.items() if what in (mail, chosen[mail])]
    gone = delete(Subscription).where(Subscription.address_id == address_id, Subscription.kind.in_(kinds))
    session.execute(gone, execution_options={"synchronize_session": False})
    return _settle(address_id)


def choose_for_address(address_id: int, wanted: Mapping[str, str]) -> None:
    """Keep when an address gets each kind of mail. Raises Invalid and NotFound."""
    if any(kind not in mailing.USUAL or when not in mailing.WHEN[:-1] for kind, when in wanted.items()):
        raise Invalid({"when": _("This is not one of the choices.")})
    found = _locked(address_id)
    found.mail_when = {**found.mail_when, **wanted}
    session.flush()


def forget_address(address_id: int) -> None:
    """Erase an address and all that is kept with it. Raises NotFound."""
    _locked(address_id)
    _erase([address_id])


def look_at_addresses(actor: Actor) -> None:
    """Note that an admin looks at the addresses. Raises Forbidden."""
    actor = lock_as(actor)
    policy.may_administer(actor).require()
    ledger.record("address.look", now(), actor_id=actor.id)


def remove_address(actor: Actor, typed: str) -> bool:
    """Erase an address as an admin; tell whether it was here. Raises Forbidden and Invalid for `email`."""
    email = addresses.normal(typed)
    actor = lock_as(actor)
    policy.may_administer(actor).require()
    id = session.scalar(select(Address.id).where(Address.email == email).with_for_update())
    if id is None:
        return False
    _erase([id])
    ledger.record("address.remove", now(), actor_id=actor.id)
    return True


def settle_addresses(moment: datetime) -> int:
    """Drop letters that ask and could not be sent, and give members what their own address follows; return how many."""
    jobs_gone = jobs.forget_failed(JOB, moment - UNSENT_KEPT)
    member = (Person.email == Address.email) & Person.email_verified_at.is_not(None) & Person.approved_at.is_not(None)
    theirs = select(Address.id, Person.id).join(Person, member & Person.deactivated_at.is_(None)).limit(AT_ONCE)
    if session.execute(theirs).first() is None:
        return jobs_gone
    db.lock()
    rows = session.execute(theirs.with_for_update(of=Address)).all()
    for id, person_id in rows:
        same = _MINE.kind == Subscription.kind, _MINE.subject_id == Subscription.subject_id
        has = select(_MINE.id).where(_MINE.person_id == person_id, *same).exists()
        moved = update(Subscription).where(Subscription.address_id == id, ~has)
        session.execute(
            moved.values(address_id=None, person_id=person_id), execution_options={"synchronize_session": False}
        )
    _erase([id for id, _person in rows])
    return jobs_gone + len(rows)


def _locked(address_id: int) -> Address:
    db.lock()
    query = select(Address).where(Address.id == address_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def _settle(address_id: int) -> bool:
    """Erase an address that follows nothing any more; tell whether it is still here."""
    if session.execute(select(Subscription.id).where(Subscription.address_id == address_id).limit(1)).first():
        return True
    _erase([address_id])
    return False


def _erase(ids: Collection[int]) -> None:
    for table in (Notice, Subscription):
        gone = delete(table).where(table.address_id.in_(ids))
        session.execute(gone, execution_options={"synchronize_session": False})
    session.execute(delete(Address).where(Address.id.in_(ids)), execution_options={"synchronize_session": False})
