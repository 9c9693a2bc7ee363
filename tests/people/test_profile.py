"""Profiles and one's own account."""

from datetime import timedelta

import pytest
import time_machine

from forum import db
from forum.clock import now
from forum.errors import Forbidden, Invalid, SignInNeeded
from forum.ledger import queries as ledger
from forum.people import actions
from forum.people.models import NameKey, Session
from forum.people.queries import sign_in_name
from forum.policy import NOBODY
from tests.people.members import PHRASE, as_actor, member

NEW = "seven herons in the reeds"


def edit(browser, username="wanda", **fields):
    typed = {"display_name": "Wanda", "about": "", "email": "", **fields}
    return browser.post(f"/people/{username}/edit", **typed)


def test_a_profile(cast):
    answer = cast.browser().get("/people/quill")
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Moderator" in answer.text
    assert "/people/quill/comments" in answer.text


def test_nobody_by_that_name(cast):
    assert cast.browser().get("/people/nobody").status_code == 404


def test_a_sign_in_name_comes_before_the_name_that_somebody_else_shows(cast):
    """Where both came with an archive, which may be older than the rule that no two names look alike."""
    mina, other = member("mina", "Mina Holt"), member("kestrel", "Kestrel")
    db.lock()
    other.display_name = "Mina"
    db.session.get_one(NameKey, "mina").person_id = other.id
    db.commit()
    assert {sign_in_name(typed) for typed in ("mina", "Mina", "MINA", " mina holt ")} == {mina.username}
    assert sign_in_name("KESTREL") == "kestrel"


def test_a_person_who_waits_is_seen_by_staff_and_themselves(cast):
    seen = {
        name: cast.browser(getattr(cast, name)).get("/people/nele").status_code for name in ("tom", "quill", "nele")
    }
    assert seen == {"tom": 404, "quill": 200, "nele": 200}


def test_a_suspension_is_seen_by_staff_and_the_person(cast):
    shown = {
        n: "Can only read until" in cast.browser(getattr(cast, n)).get("/people/sven").text
        for n in ("tom", "sven", "ada")
    }
    assert shown == {"tom": False, "sven": True, "ada": True}


def test_edit(cast):
    wanda = member()
    browser = cast.browser(wanda)
    answer = edit(browser, about="I read <everything>.", email="W@Post.example", hides_comments="y")
    assert answer.status_code == 303
    db.session.refresh(wanda)
    assert (wanda.email, wanda.hides_comments) == ("w@post.example", True)
    page = cast.browser().get("/people/wanda").text
    assert "I read &lt;everything&gt;." in page
    assert "w@post.example" not in page
    assert "/people/wanda/comments" not in page


def test_only_ones_own(cast):
    member()
    assert cast.browser(cast.tom).get("/people/wanda/edit").status_code == 403
    assert edit(cast.browser(cast.tom)).status_code == 403
    assert 'action="/sign-in"' in edit(cast.browser()).text
    assert edit(cast.browser(cast.ada), display_name="Not Wanda").status_code == 403


def test_a_text_too_long_is_given_back(cast):
    answer = edit(cast.browser(member()), about="x" * 501)
    assert answer.status_code == 422
    assert "x" * 501 in answer.text


def test_rename_keeps_the_former_name_for_staff(cast):
    wanda = member()
    version = site_version()
    edit(cast.browser(wanda), display_name="Wanda Ott")
    assert site_version() != version
    assert "Wanda Ott" in cast.browser().get("/people/wanda").text
    assert "Earlier names" not in cast.browser(cast.tom).get("/people/wanda").text
    assert "Earlier names" in cast.browser(cast.quill).get("/people/wanda").text
    assert ledger.acts("person.rename")[0].details == {"before": "Wanda", "after": "Wanda Ott"}


def test_rename_every_thirty_days(cast):
    wanda = member()
    actions.rename(as_actor(wanda), wanda.id, "Wanda Ott")
    db.commit()
    with pytest.raises(Forbidden):
        actions.rename(as_actor(wanda), wanda.id, "Wanda Voss")
    db.rollback()
    assert "every 30 days" in cast.browser(wanda).get("/people/wanda/edit").text
    with time_machine.travel(now() + timedelta(days=30, minutes=1)):
        actions.rename(as_actor(wanda), wanda.id, "Wanda Voss")


def test_saving_the_rest_needs_no_wait(cast):
    wanda = member()
    browser = cast.browser(wanda)
    edit(browser, display_name="Wanda Ott")
    assert edit(browser, display_name="Wanda Ott", about="New.").status_code == 303


def test_a_former_name_is_nobody_elses(cast):
    wanda, xenia = member(), member("xenia", "Xenia")
    actions.rename(as_actor(wanda), wanda.id, "Olga Ott")
    db.commit()
    with pytest.raises(Invalid):
        actions.rename(as_actor(xenia), xenia.id, "Wаnda")
    db.rollback()
    actions.rename(as_actor(cast.ada), wanda.id, "Wanda")  # hers to go back to


def test_rename_by_others(cast):
    wanda = member()
    for actor, refusal in ((as_actor(cast.tom), Forbidden), (NOBODY, SignInNeeded)):
        with pytest.raises(refusal):
            actions.rename(actor, wanda.id, "Somebody Else")
        db.rollback()


def test_a_new_password_signs_every_other_browser_out(cast):
    wanda = member()
    here, elsewhere = cast.browser(wanda), cast.browser(wanda)
    before = here.client.get_cookie("session").value
    answer = here.post("/people/wanda/password", old=PHRASE, password=NEW)
    assert answer.status_code == 303
    assert "Edit profile" in here.get("/people/wanda").text
    assert "Edit profile" not in elsewhere.get("/people/wanda").text
    here.client.set_cookie("session", before)
    assert "Edit profile" not in here.get("/people/wanda").text
    assert cast.browser().post("/sign-in", username="wanda", password=PHRASE).status_code == 422
    assert cast.browser().post("/sign-in", username="wanda", password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("old", "new"), [("wrong owls", NEW), (PHRASE, "short"), (PHRASE, "wanda123"), ("x" * 2000, NEW)]
)
def test_a_password_that_is_refused_changes_nothing(cast, old, new):
    wanda = member()
    browser = cast.browser(wanda)
    assert browser.post("/people/wanda/password", old=old, password=new).status_code == 422
    assert db.session.query(Session).filter_by(person_id=wanda.id).count() == 1
    assert actions.authenticate("wanda", PHRASE)


def test_forged(cast):
    browser = cast.browser(member())
    assert browser.forge("/people/wanda/edit", display_name="Mallory").status_code == 403
    assert browser.forge("/people/wanda/password", old=PHRASE, password=NEW).status_code == 403
    assert actions.authenticate("wanda", PHRASE).display_name == "Wanda"


def site_version():
    from forum.site import queries

    return queries.site().version


def test_a_reason_stands_alone_on_the_page_of_what_is_not_here(cast):
    told = cast.browser().get("/people/nobody-here")
    assert told.status_code == 404
    assert "There is nobody with this name here." in told.text
    assert "It may have been removed" not in told.text
    assert "It may have been removed" in cast.browser().get("/nowhere-at-all").text
