"""Every action that has an actor decides about them as they are inside the lock, not as the request read them."""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import forum
from forum import acting, db
from forum.articles import actions as articles
from forum.clock import now
from forum.comments.ending import actions as ending
from forum.comments.models import Revision
from forum.comments.writing import actions as writing
from forum.errors import Busy, Forbidden, Refusal
from forum.people import actions as people
from forum.people.models import OneTimeLink, Person
from forum.people.queries import viewer_of
from forum.policy import NOBODY, Role
from forum.policy.reasons import Code, Reason
from forum.site import actions as site
from forum.transfer.out import files
from forum.transfer.views import draw
from tests.cast import Cast
from tests.moderation.scene import actor, decide, report, write
from tests.people.members import PHRASE, member

Act = Callable[[Any], Any]  # what somebody does, given the actor
NEW = "seven herons in the reeds"


def actions_with_actor() -> dict[str, Callable[..., Any]]:
    """Return every public function of ours that begins a write as its first argument, the actor."""
    found = {}
    for module in pkgutil.walk_packages(forum.__path__, "forum."):
        names = vars(importlib.import_module(module.name))
        if "lock_as" not in names or module.name == "forum.acting":
            continue
        for name, value in names.items():
            own = inspect.isfunction(value) and value.__module__ == module.name and not name.startswith("_")
            if own and next(iter(inspect.signature(value).parameters), "") == "actor":
                found[f"{module.name.split('.')[1]}.{name}"] = value
    return found


ACTIONS = actions_with_actor()


@dataclass(frozen=True)
class Scene:
    """What an action needs: the cast, and a folder for files."""

    cast: Cast
    folder: Path

    def comment(self) -> int:
        """Let Tom write a comment."""
        return write(self.cast.tom, self.cast.article, "Something said.")

    def closure(self) -> int:
        """Let Quill close the discussion."""
        made = ending.close_article(actor(self.cast.quill), self.cast.article.id, ending.Ending(words="Enough."))
        return self.kept(made).id

    def draft(self) -> int:
        """Let Ida begin an article."""
        words = articles.check_words("A draft", "Words.")
        return self.kept(articles.create(actor(self.cast.ida), words)).id

    def kept(self, made: Any) -> Any:
        """Commit, and return what was made."""
        db.commit()
        return made

    def revision(self) -> int:
        """Let Tom edit a comment, and return its earlier version."""
        writing.edit(actor(self.cast.tom), self.comment(), "Something else.")
        db.commit()
        return db.session.query(Revision).one().id

    def archive(self) -> bytes:
        """Return an archive of this site."""
        file, _size = files.write_aside("jsonl", None, self.folder, draw)
        with file:
            return file.read()

    def invitation(self) -> int:
        """Make an invitation."""
        people.make_invitation(None, "for a friend")
        db.commit()
        return db.session.query(OneTimeLink).one().id

    def withdrawn(self) -> int:
        """Let Tom delete a comment."""
        made = self.comment()
        self.kept(writing.withdraw(actor(self.cast.tom), made))
        return made

    def decision(self) -> int:
        """Let Quill decide about a reported comment."""
        made = self.comment()
        report(self.cast.rosa, made)
        return decide(self.cast.quill, made, "spam")

    def change(self) -> int:
        """Let Ada change a setting."""
        return self.kept(site.change_settings(actor(self.cast.ada), {"tagline": "Quiet, please"})).id

    def wanda(self) -> Person:
        """Let somebody have a password."""
        return member()


def on(scene: Scene, make: Callable[[], Any], act: Callable[..., Any], *rest: Any) -> Act:
    """Make something now, and return the act on it."""
    made = make()
    return lambda who: act(who, made, *rest)


def importing(scene: Scene, act: Callable[..., Any]) -> Act:
    """Make an archive now, and return its import."""
    data = scene.archive()
    return lambda who: act(who, "jsonl", io.BytesIO(data), scene.folder, dry_run=True)


# Who does it, and how: everything that has to be there first is made when the second one is called with the scene.
ATTEMPTS: dict[str, tuple[str, Callable[[Scene, Callable[..., Any]], Act]]] = {
    "articles.create": ("ida", lambda s, act: lambda who: act(who, articles.check_words("New", "Words."))),
    "articles.edit": (
        "ida",
        lambda s, act: on(s, lambda: s.cast.article.id, act, articles.check_words("Other", "Words.")),
    ),
    "articles.publish": ("ida", lambda s, act: on(s, s.draft, act)),
    "articles.schedule": ("ida", lambda s, act: on(s, s.draft, act, now() + timedelta(days=1))),
    "articles.unpublish": ("ida", lambda s, act: on(s, lambda: s.cast.article.id, act)),
    "articles.delete": ("ida", lambda s, act: on(s, s.draft, act)),
    "comments.post": ("tom", lambda s, act: on(s, lambda: s.cast.article.id, act, "Words.")),
    "comments.edit": ("tom", lambda s, act: on(s, s.comment, act, "Other words.")),
    "comments.withdraw": ("tom", lambda s, act: on(s, s.comment, act)),
    "comments.undo_withdraw": ("tom", lambda s, act: on(s, s.withdrawn, act)),
    "comments.close_article": ("quill", lambda s, act: on(s, lambda: s.cast.article.id, act, ending.Ending())),
    "comments.close_branch": ("quill", lambda s, act: on(s, s.comment, act, ending.Ending(reply="The last word."))),
    "comments.reopen": ("quill", lambda s, act: on(s, s.closure, act, "Calmer now.")),
    "comments.undo": ("quill", lambda s, act: on(s, s.closure, act)),
    "moderation.flag": ("rosa", lambda s, act: on(s, s.comment, act, "abuse")),
    "moderation.decide": ("quill", lambda s, act: on(s, s.comment, act, "spam")),
    "moderation.undo": ("quill", lambda s, act: on(s, s.decision, act)),
    "moderation.erase_comment": ("ada", lambda s, act: on(s, s.comment, act)),
    "moderation.erase_revision": ("ada", lambda s, act: on(s, s.revision, act)),
    "notifications.mark_read": ("tom", lambda s, act: lambda who: act(who, 1)),
    "people.add_person": ("ada", lambda s, act: lambda who: act(who, "olga")),
    "people.approve": ("ada", lambda s, act: on(s, lambda: s.cast.nele.id, act)),
    "people.set_role": ("ada", lambda s, act: on(s, lambda: s.cast.tom.id, act, Role.AUTHOR)),
    "people.suspend": ("ada", lambda s, act: on(s, lambda: s.cast.tom.id, act, now() + timedelta(days=1), "Rest.")),
    "people.unsuspend": ("ada", lambda s, act: on(s, lambda: s.cast.sven.id, act)),
    "people.deactivate": ("ada", lambda s, act: on(s, lambda: s.cast.tom.id, act)),
    "people.reactivate": ("ada", lambda s, act: on(s, lambda: s.cast.dora.id, act)),
    "people.make_reset_link": ("ada", lambda s, act: on(s, lambda: s.cast.tom.id, act)),
    "people.make_invitation": ("ada", lambda s, act: lambda who: act(who, "for a friend")),
    "people.cancel_invitation": ("ada", lambda s, act: on(s, s.invitation, act)),
    "people.change_password": ("wanda", lambda s, act: lambda who: act(who, PHRASE, NEW)),
    "people.rename": ("ada", lambda s, act: on(s, lambda: s.cast.tom.id, act, "Thomas")),
    "people.edit_profile": ("tom", lambda s, act: lambda who: act(who, "About me.", "", False)),
    "site.change_settings": ("ada", lambda s, act: lambda who: act(who, {"tagline": "Loud, please"})),
    "site.undo_change": ("ada", lambda s, act: on(s, s.change, act)),
    "site.save_document": ("ada", lambda s, act: lambda who: act(who, "rules", "1. Be kind.")),
    "transfer.import_archive": ("ada", lambda s, act: importing(s, act)),
}
# What somebody suspended cannot do; `close_branch` is tried with a reply.
WRITING = {"comments.post", "comments.edit", "comments.close_branch", "moderation.flag"}


def test_every_action_with_an_actor_is_tried():
    assert set(ACTIONS) == set(ATTEMPTS)


@pytest.mark.parametrize("name", ACTIONS)
def test_the_actor_is_the_one_of_this_moment(cast, tmp_path, name):
    who, prepare = ATTEMPTS[name]
    scene = Scene(cast, tmp_path)
    person = scene.wanda() if who == "wanda" else getattr(cast, who)
    act = prepare(scene, ACTIONS[name])
    person_id, role = person.id, person.role
    read_before = viewer_of(person_id)  # what the request read
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
    assert (suspended == (Forbidden, Reason(Code.SUSPENDED, {"until": until}))) is (name in WRITING)


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
