"""Mail about accounts: confirming an address, a forgotten password, a new browser, an invitation; pauses."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from forum import db
from forum.clock import now
from forum.jobs.models import Job
from forum.ledger import queries as ledger
from forum.people import actions
from forum.people.models import OneTimeLink, Person
from forum.site.models import Site
from tests.people.members import PHRASE, member

NEW = "seven herons in the reeds"
LINK = re.compile(r"https://talk\.example(/\S+)")


def link(received):
    """Return the path of the link in a mail; both its parts have the same."""
    (plain,) = {path for path in LINK.findall(received.part()) if len(path) > 1}
    assert f'href="https://talk.example{plain}"' in received.part("html")
    return plain


def wanda(verified=True, **values):
    person = member(email="wanda@post.example")
    db.lock()
    person = db.session.get_one(Person, person.id)
    person.email_verified_at = now() if verified else None
    for name, value in values.items():
        setattr(person, name, value)
    db.session.query(Job).delete()
    db.commit()
    return person


def jobs():
    return [(job.kind, job.subject) for job in db.session.scalars(select(Job))]


def test_a_person_who_signs_up_with_an_address_confirms_it(mailing):
    browser = mailing.cast.browser()
    answer = browser.post("/sign-up", username="wanda", password=PHRASE, email="Wanda@Post.example")
    assert answer.status_code == 303
    assert "We sent a mail to wanda@post.example." in browser.get("/").text
    assert mailing.work() == ["wanda@post.example"]
    (received,) = mailing.server.received
    assert received.message["Subject"].startswith("Confirm your mail address")
    path = link(received)
    assert path.startswith("/verify/")
    assert "not confirmed yet" in browser.get("/people/wanda/edit").text
    # A program that examines mail opens the link; that confirms nothing.
    for _ in range(2):
        page = mailing.cast.browser().get(path)
        assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "same-origin")
    person = db.session.scalars(select(Person).where(Person.username == "wanda")).one()
    assert person.email_verified_at is None
    assert mailing.cast.browser().forge(path).status_code == 403
    assert mailing.cast.browser().post(path).status_code == 303  # on another device, not signed in
    db.session.refresh(person)
    assert person.email_verified_at is not None
    assert "is confirmed, and mail for you goes there" in browser.get("/people/wanda/edit").text
    assert mailing.cast.browser().post(path).status_code == 404
    assert ledger.acts("person.verify-address")[0].person_id == person.id


def test_without_an_address_nothing_is_sent(mailing):
    mailing.cast.browser().post("/sign-up", username="wanda", password=PHRASE)
    assert (mailing.work(), jobs()) == ([], [])


def test_no_token_lies_among_the_jobs(mailing):
    person = wanda(verified=False)
    mailing.cast.browser(person).post("/people/wanda/mail/link")
    mailing.cast.browser().post("/forgot", username="wanda")
    assert jobs() == [("people.verify", {"person": person.id}), ("people.reset", {"person": person.id})]
    assert db.session.scalars(select(OneTimeLink)).all() == []


def test_an_address_that_was_changed_is_confirmed_anew(mailing):
    person = wanda()
    browser = mailing.cast.browser(person)
    answer = browser.post("/people/wanda/edit", display_name="Wanda", about="", email="other@post.example")
    assert answer.status_code == 303
    db.session.refresh(person)
    assert person.email_verified_at is None
    assert mailing.work() == ["other@post.example"]
    path = link(mailing.server.received[0])
    browser.post("/people/wanda/edit", display_name="Wanda", about="", email="third@post.example")
    assert "does not have any more" in mailing.cast.browser().post(path).text
    db.session.refresh(person)
    assert person.email_verified_at is None


def test_saving_the_rest_of_the_profile_asks_for_nothing(mailing):
    person = wanda()
    browser = mailing.cast.browser(person)
    browser.post("/people/wanda/edit", display_name="Wanda", about="I read.", email="wanda@post.example")
    db.session.refresh(person)
    assert person.email_verified_at is not None
    assert jobs() == []


def test_the_link_is_sent_again_and_only_the_newest_works(mailing):
    person = wanda(verified=False)
    browser = mailing.cast.browser(person)
    assert "Send me the link" in browser.get("/people/wanda/edit").text
    for _ in range(2):
        assert browser.post("/people/wanda/mail/link").status_code == 303
        assert mailing.work() == ["wanda@post.example"]
    first, second = mailing.server.received
    assert first.message["Message-ID"] != second.message["Message-ID"]
    assert mailing.cast.browser().post(link(first)).status_code == 404
    assert mailing.cast.browser().post(link(second)).status_code == 303
    assert browser.post("/people/wanda/mail/link").status_code == 409


def test_a_link_is_too_old_after_a_week(mailing):
    person = wanda(verified=False)
    mailing.cast.browser(person).post("/people/wanda/mail/link")
    mailing.work()
    path = link(mailing.server.received[0])
    with time_machine.travel(now() + timedelta(days=7, minutes=1)):
        assert mailing.cast.browser().get(path).status_code == 404
        assert mailing.cast.browser().post(path).status_code == 404


@pytest.mark.parametrize("path", ["/people/wanda/mail/link", "/people/wanda/mail/resume"])
def test_the_address_of_another_is_their_own_business(mailing, path):
    person = wanda(verified=False)
    assert mailing.cast.browser(mailing.cast.tom).post(path).status_code == 403
    assert mailing.cast.browser(mailing.cast.ada).post(path).status_code == 403
    assert 'action="/sign-in"' in mailing.cast.browser().post(path).text
    assert mailing.cast.browser(person).forge(path).status_code == 403
    assert jobs() == []


@pytest.mark.parametrize("typed", ["wanda", "Wanda", "WANDA@post.example"])
def test_a_forgotten_password(mailing, typed):
    person = wanda()
    visitor = mailing.cast.browser()
    assert 'href="/forgot"' in visitor.get("/sign-in").text
    assert visitor.post("/forgot", username=typed).location == "/forgot/sent"
    assert mailing.work() == ["wanda@post.example"]
    path = link(mailing.server.received[0])
    assert path.startswith("/reset/")
    assert visitor.post(path, password=NEW).status_code == 303
    assert actions.authenticate("wanda", NEW).id == person.id
    assert visitor.post(path, password=NEW).status_code == 404


@pytest.mark.parametrize(
    "state",
    [
        {"verified": False},
        {"mail_paused_at": now(), "mail_pause_reason": "550 no"},
        {"deactivated_at": now()},
    ],
    ids=["not confirmed", "paused", "switched off"],
)
def test_where_no_mail_goes_the_answer_is_the_same(mailing, state):
    wanda(**state)
    mailing.server.received.clear()
    answers = set()
    for typed in ("wanda", "wanda@post.example", "nobody-here", "nobody@post.example", "<script>"):
        answer = mailing.cast.browser().post("/forgot", username=typed)
        answers.add((answer.status_code, answer.location, answer.headers.get("Cache-Control")))
    assert len(answers) == 1
    assert mailing.work() == []
    assert jobs() == []
    assert "If an account here has this name" in mailing.cast.browser().get("/forgot/sent").text


def test_an_empty_form_is_given_back(mailing):
    assert mailing.cast.browser().post("/forgot", username="").status_code == 422
    assert mailing.cast.browser().forge("/forgot", username="wanda").status_code == 403
    assert jobs() == []


def sign_in(browser):
    return browser.post("/sign-in", username="wanda", password=PHRASE)


def test_a_sign_in_with_a_new_browser_is_told_once(mailing):
    wanda()
    here = mailing.cast.browser()
    assert sign_in(here).status_code == 303
    assert mailing.work() == ["wanda@post.example"]
    (told,) = mailing.server.received
    assert told.message["Subject"].startswith("Somebody signed in")
    assert link(told) == "/forgot"
    again = mailing.cast.browser()  # the same one, signed out
    again.client.set_cookie("device", here.client.get_cookie("device").value)
    assert sign_in(again).status_code == 303
    assert mailing.work() == []
    assert sign_in(mailing.cast.browser()).status_code == 303
    assert mailing.work() == ["wanda@post.example"]


def test_a_person_without_a_confirmed_address_is_told_nothing(mailing):
    wanda(verified=False)
    sign_in(mailing.cast.browser())
    assert (mailing.work(), jobs()) == ([], [])


def test_a_wrong_password_sends_nothing(mailing):
    wanda()
    assert mailing.cast.browser().post("/sign-in", username="wanda", password="wrong owls").status_code == 422
    assert (mailing.work(), jobs()) == ([], [])


def test_an_invitation_by_mail(mailing):
    ada = mailing.cast.browser(mailing.cast.ada)
    answer = ada.post("/admin/invitations", note="the neighbour", email="Nora@Post.example")
    assert answer.status_code == 303
    assert "on its way to nora@post.example" in ada.get("/admin/people").text
    assert mailing.work() == ["nora@post.example"]
    path = link(mailing.server.received[0])
    assert "the neighbour" in ada.get("/admin/people").text
    assert "Ada invites you" in mailing.server.received[0].part()
    assert mailing.cast.browser().post(path, username="nora", password=PHRASE).status_code == 303
    assert "post.example" not in str([(entry.act, entry.details) for entry in ledger.acts("person.invite")])


@pytest.mark.parametrize("typed", ["not an address", "a@b\r\nBcc: x@post.example", "x" * 300])
def test_an_invitation_to_no_address_is_given_back(mailing, typed):
    answer = mailing.cast.browser(mailing.cast.ada).post("/admin/invitations", note="Nora", email=typed)
    assert answer.status_code == 422
    assert 'value="Nora"' in answer.text
    assert jobs() == []


def test_only_admins_invite(mailing):
    quill = mailing.cast.browser(mailing.cast.quill)
    assert quill.post("/admin/invitations", note="", email="nora@post.example").status_code == 403
    assert jobs() == []


def test_an_invitation_that_is_refused_is_seen_by_admins(mailing):
    mailing.server.refuse["nora@post.example"] = "550 5.1.1 <b>No such user</b>"
    ada = mailing.cast.browser(mailing.cast.ada)
    ada.post("/admin/invitations", note="", email="nora@post.example")
    assert mailing.work() == []
    page = ada.get("/admin/jobs").text
    assert "A mail with an invitation" in page
    assert "550 5.1.1 &lt;b&gt;No such user&lt;/b&gt;" in page


def test_an_address_that_is_refused_for_good_gets_no_more_mail_until_its_owner_says_so(mailing):
    person = wanda()
    mailing.server.refuse["wanda@post.example"] = "550 5.1.1 <b>No such user</b>"
    visitor = mailing.cast.browser()
    visitor.post("/forgot", username="wanda")
    assert mailing.work() == []
    db.session.refresh(person)
    assert person.mail_pause_reason == "550 5.1.1 <b>No such user</b>"
    assert jobs() == []
    browser = mailing.cast.browser(person)
    page = browser.get("/people/wanda/edit").text
    assert "550 5.1.1 &lt;b&gt;No such user&lt;/b&gt;" in page
    assert "is paused since" in page
    assert "mail paused: 550" in mailing.cast.browser(mailing.cast.ada).get(f"/admin/people/{person.id}").text
    assert "550" not in mailing.cast.browser(mailing.cast.tom).get("/people/wanda").text
    tries = mailing.server.tries
    visitor.post("/forgot", username="wanda")
    mailing.work()
    assert mailing.server.tries == tries
    mailing.server.refuse.clear()
    assert browser.post("/people/wanda/mail/resume").status_code == 303
    visitor.post("/forgot", username="wanda")
    assert mailing.work() == ["wanda@post.example"]


def test_a_refusal_of_an_address_that_was_changed_meanwhile_pauses_nothing(mailing):
    person = wanda()
    actions.pause_mail(person.id, "older@post.example", "550 no")
    db.commit()
    db.session.refresh(person)
    assert person.mail_paused_at is None


def test_an_admin_tries_whether_mail_goes_out(mailing):
    ada = mailing.cast.browser(mailing.cast.ada)
    page = ada.get("/admin/settings").text
    assert f"Mail goes out through 127.0.0.1:{mailing.server.port}" in page
    assert "noreply@talk.example" in page
    assert ada.post("/admin/mail/test").location == "/people/ada/edit"  # without an address
    db.lock()
    db.session.get_one(Person, mailing.cast.ada.id).email = "ada@post.example"
    db.commit()
    assert ada.post("/admin/mail/test").location == "/admin/settings#mail"
    assert "250 2.0.0 Taken" in ada.get("/admin/settings").text
    mailing.server.refuse["RCPT"] = "550 5.7.1 <b>Relaying denied</b>"
    ada.post("/admin/mail/test")
    assert "550 5.7.1 &lt;b&gt;Relaying denied&lt;/b&gt;" in ada.get("/admin/settings").text
    mailing.server.stop()
    ada.post("/admin/mail/test")
    assert "The mail was not sent." in ada.get("/admin/settings").text
    assert [one.to for one in mailing.server.received] == ["ada@post.example"]
    assert ada.forge("/admin/mail/test").status_code == 403
    assert mailing.cast.browser(mailing.cast.quill).post("/admin/mail/test").status_code == 403


def test_a_site_without_a_mail_server_offers_none(cast):
    person = wanda(verified=False)
    browser, ada = cast.browser(person), cast.browser(cast.ada)
    assert cast.browser().get("/forgot").status_code == 404
    assert cast.browser().post("/forgot", username="wanda").status_code == 404
    assert "/forgot" not in cast.browser().get("/sign-in").text
    assert "/mail/" not in browser.get("/people/wanda/edit").text
    assert browser.post("/people/wanda/mail/link").status_code == 409
    assert "This site sends no mail, and no page offers any." in ada.get("/admin/settings").text
    assert ada.post("/admin/mail/test").status_code == 404
    assert 'name="email"' not in ada.get("/admin/people").text
    assert ada.post("/admin/invitations", note="", email="nora@post.example").status_code == 200  # the link, shown
    assert "This site sends no mail." in cast.browser().get("/privacy").text
    cast.browser().post("/sign-up", username="xenia", password=PHRASE, email="xenia@post.example")
    sign_in(cast.browser())
    assert jobs() == []


def test_the_privacy_page_says_what_an_address_is_for(mailing):
    page = mailing.cast.browser().get("/privacy").text
    assert "This site sends no mail." not in page
    assert "This site sends mail to the address of your account" in page


def test_a_letter_is_in_the_language_of_its_reader(mailing):
    cast = mailing.cast
    for person, language in ((cast.tom, "de"), (cast.rosa, "")):
        db.lock()
        row = db.session.get_one(Person, person.id)
        row.language, row.email, row.email_verified_at = language, f"{row.username}@post.example", now()
        db.commit()
        cast.browser().post("/forgot", username=row.username)
    mailing.work()
    german, english = sorted(mailing.server.received, key=lambda mail: mail.message["To"], reverse=True)
    assert german.message["Subject"] == "Neues Passwort festlegen · The Reading Room"
    assert "Guten Tag, Tom!" in german.part()
    assert '<html lang="de">' in german.part("html")
    assert english.message["Subject"] == "Set a new password · The Reading Room"
    assert '<html lang="en">' in english.part("html")


def test_a_connection_without_encryption_is_told_in_the_language_of_the_page(mailing):
    browser = mailing.cast.browser(mailing.cast.ada)
    assert "not encrypted" in browser.get("/admin/settings").text
    db.lock()
    db.session.get_one(Site, 1).language = "de"
    db.commit()
    page = browser.get("/admin/settings").text
    assert "unverschlüsselt" in page and "not encrypted" not in page
