"""Every action that has an actor decides about them as they are inside the lock, not as the request read them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from forum import acting, db
from forum.clock import now
from forum.errors import Busy, Forbidden, Refusal
from forum.people.models import Person
from forum.people.queries import viewer_of
from forum.policy import NOBODY, Role
from forum.policy.reasons import Code, Reason
from tests.front.acts import Scene, every_action
from tests.front.ways import WAYS

Act = Callable[[Any], Any]  # what somebody does, given the actor
ACTIONS = {
    name: act for name, act in every_action().items() if next(iter(inspect.signature(act).parameters), "") == "actor"
}
# What stays with somebody suspended: what is their own, and no one else sees.
LEFT = {
    "objections.object_to",
    *("comments.withdraw", "people.change_password", "notifications.mark_read", "notifications.choose"),
    *("people.ask_for_link", "people.resume_mail"),
    *(f"notifications.{name}" for name in ("follow", "stop", "pause", "resume", "end", "remember")),
}
# To everybody who does not moderate here there is no such desk.
HIDDEN = {
    *(f"moderation.{name}" for name in ("decide", "decide_many", "undo", "claim")),
    *(f"legal.{name}" for name in ("hide_meanwhile", "show_again", "pass_on", "decide", "undo_notice", "look")),
}


class Trial(Scene):
    """A scene in which the act waits for its actor; `person_id` is that of the one who is to do it."""

    person_id = 0

    def by(self, name: str, act: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Return the act of the person it is given."""
        self.person_id = self.ids[name]
        return lambda who: act(who, *arguments, **options)


@pytest.mark.parametrize("name", ACTIONS)
def test_the_actor_is_the_one_of_this_moment(cast, tmp_path, name):
    with_mail = replace(cast.app.extensions["forum"], smtp_url="smtp://127.0.0.1:1?starttls=off")
    cast.app.extensions["forum"] = with_mail
    scene = Trial(cast.ids(), cast.article.id, cast.article.slug, tmp_path)
    scene.furnish()
    act = WAYS[name][0](scene, ACTIONS[name])
    person_id = scene.person_id
    read_before = viewer_of(person_id)  # what the request read
    role = read_before.role
    assert refused(act, read_before) is None

    change(person_id, deactivated_at=now())
    assert refused(act, read_before) == (Forbidden, Reason(Code.ACCOUNT_OFF))

    change(person_id, deactivated_at=None, role=Role.READER)
    demoted = refused(act, viewer_of(person_id))
    assert refused(act, read_before) == demoted
    assert (demoted is not None) is (role != Role.READER)

    until = now() + timedelta(days=1)
    change(person_id, role=role, suspended_until=until)
    suspended = refused(act, viewer_of(person_id))
    assert refused(act, read_before) == suspended
    said = (Forbidden, Reason(Code.SUSPENDED, {"until": until}))
    assert suspended == (None if name in LEFT else demoted if name in HIDDEN else said)


def refused(act: Act, who: Any) -> tuple[type[Refusal], Reason | str] | None:
    """Return how somebody is refused, or None where they are not; nothing of it stays."""
    try:
        act(who)
    except Refusal as refusal:
        return type(refusal), refusal.reason
    finally:
        db.rollback()
    return None


def change(person_id: int, **values: Any) -> None:
    """Change what somebody is, as an admin would meanwhile."""
    db.lock(people={person_id: db.Hold.EXCLUSIVE})
    person = db.session.get_one(Person, person_id)
    for field, value in values.items():
        setattr(person, field, value)
    db.commit()


def test_a_visitor_and_the_operator_stay_who_they_are(app):
    assert acting.lock_as(NOBODY) is NOBODY
    assert acting.lock_as(None) is None


def test_what_a_browser_wrote_as_a_guest_stays_with_its_person(cast):
    viewer = viewer_of(cast.tom.id)
    assert viewer is not None
    found = acting.lock_as(type(viewer)(**{**vars(viewer), "guest_comments": frozenset({7})}))
    assert set(found.guest_comments) == {7}
    assert (found.id, found.role, found.approved_at) == (viewer.id, viewer.role, viewer.approved_at)


def test_a_decision_holds_until_the_commit(app, cast):
    tom = cast.tom.id

    def change_is_refused() -> bool:
        """Answer whether another writer is told to wait who wants to change Tom."""
        with app.app_context():
            try:
                db.lock(people={tom: db.Hold.EXCLUSIVE}, wait=False)
            except Busy:
                return True
            finally:
                db.rollback()
            return False

    with ThreadPoolExecutor(1) as another:
        assert not another.submit(change_is_refused).result()
        acting.lock_as(viewer_of(tom))
        assert another.submit(change_is_refused).result()
        db.commit()
        assert not another.submit(change_is_refused).result()
