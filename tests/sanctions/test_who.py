"""Who may do what about whom: every pair of roles, every kind, by the action and by a form that was forged."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from forum import db
from forum.errors import Forbidden
from forum.policy import SanctionKind
from forum.sanctions import actions
from forum.sanctions.models import Sanction
from forum.site.models import Site
from tests import factories
from tests.sanctions.scene import actor, impose

MILD = ("note", "warning", "hold", "slow", "suspension")
# By whom, about whom, and what of all kinds is allowed.
TABLE = [
    ("tom", "rosa", ()),
    ("ida", "tom", ()),  # the author of the article under which he writes
    ("sven", "rosa", ()),
    ("quill", "tom", MILD),
    ("quill", "ida", MILD),
    ("quill", "nele", MILD),
    ("quill", "quill", ()),
    ("quill", "marta", ()),  # an equal
    ("quill", "ada", ()),
    ("ada", "tom", (*MILD, "ban")),
    ("ada", "quill", (*MILD, "ban")),
    ("ada", "olga", (*MILD, "ban")),  # another admin
    ("ada", "ada", ()),
]


@pytest.fixture
def people(cast):
    cast.marta = factories.person("Marta", "moderator")
    cast.olga = factories.person("Olga", "admin", password_hash="x")
    db.lock()
    cast.ada.password_hash = "x"
    db.commit()
    return cast


@pytest.mark.parametrize(("by", "whom", "allowed"), TABLE)
def test_who_may_do_what_about_whom(people, by, whom, allowed):
    by, whom = getattr(people, by), getattr(people, whom)
    for kind in SanctionKind:
        if kind in allowed:
            impose(by, whom, kind)
        else:
            with pytest.raises(Forbidden):
                impose(by, whom, kind)
            db.rollback()
    kinds = db.session.scalars(select(Sanction.kind).where(Sanction.person_id == whom.id).order_by(Sanction.id))
    assert tuple(kinds) == tuple(allowed)


@pytest.mark.parametrize(("by", "whom", "allowed"), TABLE)
def test_pages_and_forged_forms_say_the_same(people, by, whom, allowed):
    browser, name = people.browser(getattr(people, by)), getattr(people, whom).username
    assert (browser.get(f"/moderation/people/{name}").status_code == 200) is bool(allowed)
    for kind in SanctionKind:
        fields = {"note": "Seen.", "words": "" if kind == "note" else "Enough.", "days": "3", "minutes": "5"}
        url = f"/moderation/people/{name}/{kind}"
        assert browser.forge(url, **fields).status_code == 403
        assert (browser.get(url).status_code == 200) is (kind in allowed)
        assert browser.post(url, **fields).status_code == (303 if kind in allowed else 403)
    number = db.session.scalar(select(func.count(Sanction.id)).where(Sanction.person_id == getattr(people, whom).id))
    assert number == len(allowed)


def test_moderators_suspend_for_as_long_as_the_site_says(people):
    impose(people.quill, people.tom, "suspension", days=30)
    with pytest.raises(Forbidden, match="only-admins-longer"):
        impose(people.quill, people.rosa, "suspension", days=31)
    db.rollback()
    db.lock()
    db.session.get_one(Site, 1).suspension_days = 0
    db.commit()
    with pytest.raises(Forbidden, match="only-admins-longer"):
        impose(people.quill, people.rosa, "suspension", days=1)
    db.rollback()
    db.lock()
    db.session.get_one(Site, 1).suspension_days = 30
    db.commit()
    impose(people.ada, people.rosa, "suspension", days=3650)
    for days, status in (("31", 403), ("0", 422), ("3651", 422), ("x", 422), ("", 422), ("9" * 30, 422)):
        answer = people.browser(people.quill).post("/moderation/people/ida/suspension", days=days, words="Enough.")
        assert answer.status_code == status, days


def test_the_last_admin_cannot_be_shut_out(cast):
    marta = factories.person("Marta", "admin")  # has no password, so she is no other admin
    for kind in ("suspension", "ban"):
        with pytest.raises(Forbidden, match="last-admin"):
            impose(marta, cast.ada, kind)
        db.rollback()
    impose(marta, cast.ada, "slow")


def test_a_moderator_cannot_lift_what_only_admins_impose(people):
    for kind, days in (("ban", None), ("suspension", 90)):
        made = impose(people.ada, people.tom, kind, days=days)
        with pytest.raises(Forbidden):
            actions.lift(actor(people.quill), made, "Let him.")
        db.rollback()
        assert people.browser(people.quill).get(f"/moderation/sanctions/{made}/lift").status_code == 403


def test_nobody_lifts_or_undoes_what_concerns_them(people):
    made = impose(people.ada, people.quill, "hold")
    for act in (
        lambda: actions.lift(actor(people.quill), made, "I am sorry."),
        lambda: actions.undo(actor(people.quill), made),
    ):
        with pytest.raises(Forbidden, match="own-sanction"):
            act()
        db.rollback()
