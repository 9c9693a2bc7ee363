"""Signing up: open, by approval, by invitation; names of others stay theirs."""

import html

import pytest
from sqlalchemy import select

from forum import db
from forum.ledger import queries as ledger
from forum.people import actions
from forum.people.models import Person
from forum.site.models import Site
from tests.people.members import PHRASE, as_actor, member


def sign_up(browser, username="wanda", url="/sign-up", **fields):
    return browser.post(url, username=username, password=PHRASE, **fields)


def mode(value):
    db.lock()
    db.session.get_one(Site, 1).sign_up = value
    db.commit()


def called(username):
    return db.session.execute(select(Person).where(Person.username == username)).scalar_one_or_none()


def test_open(cast):
    browser = cast.browser()
    answer = sign_up(browser, display_name="Wanda Ott", next="/rules")
    assert (answer.status_code, answer.location) == (303, "/rules")
    assert called("wanda").approved_at is not None
    assert called("wanda").role == "reader"
    assert "Wanda Ott" in browser.get("/rules").text
    assert ledger.acts("person.sign-up")[0].person_id == called("wanda").id


def test_without_a_shown_name_the_sign_in_name_is_shown(cast):
    sign_up(cast.browser())
    assert called("wanda").display_name == "wanda"


def test_by_approval(cast):
    mode("approval")
    browser = cast.browser()
    assert "An admin looks at every new account first." in browser.get("/sign-up").text
    answer = sign_up(browser)
    assert answer.location == "/sign-up/done"
    assert "waits for approval" in browser.get("/sign-up/done").text
    assert called("wanda").approved_at is None
    assert "(2)" in cast.browser(cast.ada).get("/rules").text  # Nele waits as well


def test_by_invitation_only(cast):
    mode("invitation")
    page = cast.browser().get("/sign-up")
    assert "for invited people" in page.text
    assert 'name="password"' not in page.text
    assert sign_up(cast.browser()).status_code == 403
    assert called("wanda") is None


def test_who_invites_reads_which_role_the_account_gets(cast):
    page = cast.browser(cast.ada).get("/admin/people").text
    assert "The new account is a reader's" in html.unescape(page)
    assert "choose the role there" in page


def test_an_invitation_lets_one_person_in(cast):
    mode("invitation")
    path = actions.make_invitation(as_actor(cast.ada), "for Wanda")
    db.commit()
    assert 'name="password"' in cast.browser().get(path).text
    assert "An admin looks at" not in cast.browser().get(path).text
    assert sign_up(cast.browser(), url=path).status_code == 303
    assert called("wanda").approved_at is not None
    assert sign_up(cast.browser(), "xenia", url=path).status_code == 404
    assert called("xenia") is None


@pytest.mark.parametrize("username", ["wanda", "WANDA", "wаnda", "w-anda", "vvanda", "wánda", "wanda-ott"])
def test_names_like_somebodys_are_refused(cast, username):
    member(display_name="Wanda Ott")
    answer = sign_up(cast.browser(), username)
    assert answer.status_code == 422
    assert "looks like it" in answer.text


@pytest.mark.parametrize("shown", ["Wanda Ott", "wanda", "Wanda Ott ✓", "𝓦anda Ott"])
def test_shown_names_like_somebodys_are_refused(cast, shown):
    member(display_name="Wanda Ott")
    assert sign_up(cast.browser(), "xenia", display_name=shown).status_code == 422


def test_an_address_belongs_to_one_account(cast):
    member(email="w@post.example")
    answer = sign_up(cast.browser(), "xenia", email="W@Post.example")
    assert answer.status_code == 422
    assert "Another account has this address" in answer.text


@pytest.mark.parametrize(
    "address", ["nonsense", "a@", "a@b c.example", "a\r\nBcc: b@c.example", "a@b.example, c@d.example"]
)
def test_what_is_no_address_is_refused(cast, address):
    answer = sign_up(cast.browser(), email=address)
    assert answer.status_code == 422
    # The library that reads addresses says what is wrong in English, on pages of every language.
    assert "This is not a mail address. One looks like name@example.org." in answer.text


def test_what_was_typed_stays_but_the_password(cast):
    answer = cast.browser().post("/sign-up", username="wanda", display_name="Wanda Ott", password="short")
    assert answer.status_code == 422
    assert 'value="Wanda Ott"' in answer.text
    assert 'value="short"' not in answer.text
    assert "at least 8 characters" in answer.text
    assert "Please type it again" in answer.text
    assert 'aria-describedby="password-error password-help"' in answer.text
    assert '<p class="error" id="password-error">A password has at least 8 characters.</p>' in answer.text
    assert "Please type it again" not in cast.browser().get("/sign-up").text


def test_everything_wrong_is_told_at_once(cast):
    member("wanda", "Wanda Ott", email="w@post.example")
    typed = {"username": "wanda", "display_name": "Wanda Ott", "email": "w@post.example", "password": "short"}
    answer = cast.browser().post("/sign-up", **typed)
    assert answer.status_code == 422
    assert answer.text.count('class="field wrong"') == 4
    shapes = {**typed, "username": "a", "display_name": "admin", "email": "nonsense"}
    assert cast.browser().post("/sign-up", **shapes).text.count('class="field wrong"') == 4


@pytest.mark.parametrize("field", ["role", "approved_at", "is_admin", "id", "password_hash"])
def test_fields_nobody_asked_for_are_ignored(cast, field):
    sign_up(cast.browser(), **{field: "admin"})
    assert called("wanda").role == "reader"


def test_forged(cast):
    assert cast.browser().forge("/sign-up", username="wanda", password=PHRASE).status_code == 403
    assert called("wanda") is None


def test_markup_in_a_name_is_shown_as_typed(cast):
    browser = cast.browser()
    sign_up(browser, display_name="<b>Wanda</b>")
    page = browser.get("/people/wanda").text
    assert "&lt;b&gt;Wanda&lt;/b&gt;" in page
    assert "<b>Wanda" not in page
