"""What admins do about people, and what they cannot."""

from datetime import timedelta

import pytest
import time_machine

from forum import db
from forum.clock import now
from forum.errors import Forbidden, Invalid
from forum.ledger import queries as ledger
from forum.people import actions, queries
from forum.people.models import OneTimeLink, Session
from forum.site.queries import site
from tests.people.members import PHRASE, as_actor, member
from tests.sanctions.scene import impose

NEW = "seven herons in the reeds"


def test_the_list_is_searched_and_filtered(cast):
    browser = cast.browser(cast.ada)
    assert "Sven" in browser.get("/admin/people").text
    assert "Sven" not in browser.get("/admin/people?q=tom").text
    assert "Nele" in browser.get("/admin/people?state=waiting").text
    assert "Tom" not in browser.get("/admin/people?state=suspended").text
    assert "Nobody fits this" in browser.get("/admin/people?q=%25").text
    assert browser.get("/admin/people?after=x&state=nonsense").status_code == 200


def test_the_list_has_pages(cast):
    for number in range(51):
        member(f"extra{number}", f"Extra {number}")
    browser = cast.browser(cast.ada)
    first = browser.get("/admin/people").text
    assert "after=" in first
    assert "Ida" not in first
    after = first.split("after=")[1].split('"')[0]
    assert "Ida" in browser.get(f"/admin/people?after={after}").text


def test_approve(cast):
    cast.browser(cast.ada).post(f"/admin/people/{cast.nele.id}/approve")
    assert as_actor(cast.nele).approved_at is not None
    assert ledger.acts("person.approve")[0].actor_id == cast.ada.id


def test_a_role_is_changed_and_logged(cast):
    version = site().version
    cast.browser(cast.ada).post(f"/admin/people/{cast.tom.id}/role", role="author")
    assert as_actor(cast.tom).role == "author"
    assert site().version != version
    assert ledger.acts("person.role")[0].details == {"before": "reader", "after": "author"}


@pytest.mark.parametrize("role", ["guest", "emperor", ""])
def test_no_such_role(cast, role):
    assert cast.browser(cast.ada).post(f"/admin/people/{cast.tom.id}/role", role=role).status_code == 422
    assert as_actor(cast.tom).role == "reader"


def test_the_last_admin_stays(cast):
    browser = cast.browser(cast.ada)
    answer = browser.post(f"/admin/people/{cast.ada.id}/role", role="reader")
    assert answer.status_code == 403
    assert "only one" in answer.text
    with pytest.raises(Forbidden):
        actions.deactivate(None, cast.ada.id)
    db.rollback()
    assert as_actor(cast.ada).role == "admin"


def test_an_admin_who_cannot_sign_in_is_no_other_admin(cast):
    olga = member("olga", "Olga", "admin")  # Ada has no password
    for act in (lambda: actions.deactivate(None, olga.id), lambda: actions.set_role(None, olga.id, "reader")):
        with pytest.raises(Forbidden):
            act()
        db.rollback()


def test_with_another_admin_one_may_step_down(cast):
    member("olga", "Olga", "admin")
    cast.browser(cast.ada).post(f"/admin/people/{cast.ada.id}/role", role="author")
    assert as_actor(cast.ada).role == "author"


def test_switching_off_signs_out_everywhere(cast):
    wanda = member()
    theirs = cast.browser(wanda)
    answer = cast.browser(cast.ada).post(f"/admin/people/{wanda.id}/deactivate")
    assert answer.status_code == 303
    assert db.session.query(Session).filter_by(person_id=wanda.id).count() == 0
    assert theirs.get("/people/wanda/edit").status_code == 303
    assert cast.browser().post("/sign-in", username="wanda", password=PHRASE).status_code == 422
    assert "switched off" in cast.browser().get("/people/wanda").text


def test_switching_on_again(cast):
    wanda = member()
    actions.deactivate(None, wanda.id)
    db.commit()
    cast.browser(cast.ada).post(f"/admin/people/{wanda.id}/reactivate")
    assert cast.browser().post("/sign-in", username="wanda", password=PHRASE).status_code == 303


def test_not_to_oneself(cast):
    member("olga", "Olga", "admin")
    browser = cast.browser(cast.ada)
    assert "You cannot do this to your own account." in browser.get(f"/admin/people/{cast.ada.id}").text
    assert browser.post(f"/admin/people/{cast.ada.id}/deactivate").status_code == 403


ACTS = ["approve", "role", "deactivate", "reactivate", "reset"]


@pytest.mark.parametrize("act", ACTS)
def test_for_admins_only_and_never_forged(cast, act):
    fields = {"role": "admin"}
    url = f"/admin/people/{cast.nele.id}/{act}"
    for name in ("tom", "quill", "ida"):
        assert cast.browser(getattr(cast, name)).post(url, **fields).status_code == 403
    assert cast.browser(cast.ada).forge(url, **fields).status_code == 403
    person = as_actor(cast.nele)
    assert (person.role, person.approved_at, person.suspended_until) == ("reader", None, None)
    assert db.session.query(OneTimeLink).count() == 0


@pytest.mark.parametrize("act", ACTS)
def test_nobody_there(cast, act):
    fields = {"role": "author", "until": "2199-01-01", "reason": "x"}
    for number in (4711, 2**70):
        assert cast.browser(cast.ada).post(f"/admin/people/{number}/{act}", **fields).status_code == 404


class TestResetLink:
    def link(self, cast, person):
        page = cast.browser(cast.ada).post(f"/admin/people/{person.id}/reset").text
        return "/reset/" + page.split("/reset/")[1].split('"')[0]

    def test_it_sets_a_password_once(self, cast):
        wanda = member()
        theirs, path = cast.browser(wanda), self.link(cast, wanda)
        page = cast.browser().get(path)
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["Cache-Control"] == "private, no-store"
        assert cast.browser().post(path, password=NEW).status_code == 303
        assert theirs.get("/people/wanda/edit").status_code == 303
        assert actions.authenticate("wanda", NEW)
        assert cast.browser().get(path).status_code == 404
        assert cast.browser().post(path, password="eleven geese upstream").status_code == 404

    def test_only_its_hash_is_kept_and_it_is_shown_once(self, cast):
        token = self.link(cast, cast.tom).removeprefix("/reset/")
        assert token not in cast.browser(cast.ada).get(f"/admin/people/{cast.tom.id}").text
        assert token not in {link.token_hash for link in db.session.query(OneTimeLink)}

    def test_a_newer_one_ends_it(self, cast):
        old, new = self.link(cast, cast.tom), self.link(cast, cast.tom)
        assert [cast.browser().get(path).status_code for path in (old, new)] == [404, 200]

    def test_it_lasts_a_day(self, cast):
        path = self.link(cast, cast.tom)
        with time_machine.travel(now() + timedelta(hours=24, minutes=1)):
            assert cast.browser().get(path).status_code == 404

    def test_a_change_of_password_ends_it(self, cast):
        wanda = member()
        path = self.link(cast, wanda)
        actions.change_password(as_actor(wanda), PHRASE, NEW)
        db.commit()
        assert cast.browser().get(path).status_code == 404

    def test_it_is_bound_to_its_purpose(self, cast):
        token = self.link(cast, cast.tom).removeprefix("/reset/")
        assert cast.browser().get(f"/invite/{token}").status_code == 404
        assert cast.browser().get(f"/setup/{token}").status_code == 404

    def test_a_weak_password_leaves_it_usable(self, cast):
        path = self.link(cast, cast.tom)
        assert cast.browser().post(path, password="password").status_code == 422
        assert cast.browser().post(path, password=NEW).status_code == 303

    def test_forged(self, cast):
        assert cast.browser().forge(self.link(cast, cast.tom), password=NEW).status_code == 403


class TestInvitations:
    def test_made_shown_once_and_taken_back(self, cast):
        browser = cast.browser(cast.ada)
        page = browser.post("/admin/invitations", note="for Wanda").text
        path = "/invite/" + page.split("/invite/")[1].split('"')[0]
        assert path not in browser.get("/admin/people").text
        link = queries.invitations()[0]
        browser.post(f"/admin/invitations/{link.id}/cancel")
        assert queries.invitations() == []
        assert cast.browser().get(path).status_code == 404
        assert browser.post(f"/admin/invitations/{link.id}/cancel").status_code == 404

    def test_a_setup_link_is_none(self, cast):
        actions.make_reset_link(None, cast.tom.id)
        db.commit()
        link = db.session.query(OneTimeLink).one()
        assert cast.browser(cast.ada).post(f"/admin/invitations/{link.id}/cancel").status_code == 404

    def test_for_admins_only_and_never_forged(self, cast):
        assert cast.browser(cast.quill).post("/admin/invitations").status_code == 403
        assert cast.browser(cast.ada).forge("/admin/invitations").status_code == 403
        assert queries.invitations() == []


def test_adding_somebody_twice(cast):
    member()
    with pytest.raises(Invalid):
        member("WANDA", "Another")
    db.rollback()


def test_the_reason_of_a_suspension_does_not_turn_the_page_around(cast):
    impose(cast.ada, cast.tom, "suspension", words="Too \u202eloud\u061c." + "\u0301" * 40)
    assert cast.tom.suspension_reason == "Too loud." + "\u0301" * 5
