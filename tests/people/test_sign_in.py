"""Signing in and out (bar 23, 24, 26)."""

import html
import re

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from forum import db
from forum.clock import now
from forum.people import actions, passwords
from forum.people.models import Person, Session
from forum.site.models import Site
from tests.people.members import PHRASE, as_actor, member

# Where a careless check would send people: to evil.example, or to something that runs.
ELSEWHERE = [
    *("//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example"),
    *("http://evil.example", "///evil.example", "////evil.example", "/\t/evil.example", "\t//evil.example"),
    *(" //evil.example", "/\n/evil.example", "%2f%2fevil.example", "%5cevil.example", "javascript:alert(1)"),
    *("JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "evil.example", "@evil.example", "//user@evil.example"),
    *("https://localhost@evil.example", "/x//evil.example", "/.//evil.example", "/..//evil.example", "//evil。example"),
    *("/\\/evil.example", "\\/evil.example", "/ /evil.example", "/\u00a0/\\evil.example", "https:///evil.example"),
    *("/x\r\nLocation: https://evil.example", "/\x0b/evil.example", "/\x1f/evil.example", "//[::1]", "///", "//"),
    *("?next=//evil.example", "#//evil.example", "ftp://evil.example", "blob:x", "file:///etc/passwd", "mailto:a@b"),
    *("http:/evil.example", "http:\\\\evil.example", "/\x7f/evil.example", "//evil.example/%2f..", "x//evil.example"),
]
HERE = ["/articles/a", "/people/wanda?x=1", "/", "/%09/evil.example", "/search?q=a#b", "/x?u=https://other.example"]


def sign_in(browser, username="wanda", password=PHRASE, **fields):
    return browser.post("/sign-in", username=username, password=password, **fields)


def test_the_form(cast):
    page = cast.browser().get("/sign-in?next=/articles/a").text
    assert 'name="username"' in page
    assert 'value="/articles/a"' in page


@pytest.mark.parametrize("typed", ["wanda", "Wanda", "WANDA", "wanda@post.example", "Wanda@Post.example", "Wanda Ott"])
def test_by_name_or_address(cast, typed):
    member(display_name="Wanda Ott", email="wanda@post.example")
    browser = cast.browser()
    answer = sign_in(browser, typed)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Wanda Ott" in browser.get("/rules").text


def test_every_failure_says_the_same(cast):
    member()
    member("xenia", "Xenia")
    db.lock()
    db.session.execute(db.db.update(Person).where(Person.username == "xenia").values(deactivated_at=now()))
    db.commit()
    tries = [
        ("wanda", "wrong owls"),
        ("nobody-here", PHRASE),
        ("xenia", PHRASE),
        ("tom", PHRASE),
        ("wanda", "x" * 5000),
    ]
    answers = [sign_in(cast.browser(), *pair) for pair in tries]
    assert {answer.status_code for answer in answers} == {422}
    said = {answer.text.split('role="alert"')[1].split("</div>")[0] for answer in answers}
    assert len(said) == 1


def test_one_verification_on_every_path(cast, monkeypatch):
    member()
    calls = []

    class Counting(PasswordHasher):
        def verify(self, *arguments):
            calls.append(1)
            return super().verify(*arguments)

    monkeypatch.setattr(passwords, "_hasher", Counting(time_cost=2, memory_cost=19 * 1024, parallelism=1))
    counts = []
    for username, password in [("wanda", PHRASE), ("wanda", "wrong"), ("nobody", PHRASE), ("tom", "x"), ("dora", "x")]:
        calls.clear()
        sign_in(cast.browser(), username, password)
        counts.append(len(calls))
    assert counts == [1, 1, 1, 1, 1]


def test_a_huge_password_is_not_hashed(cast, monkeypatch):
    member()
    monkeypatch.setattr(passwords, "_hasher", None)
    assert sign_in(cast.browser(), password="x" * 100_000).status_code == 422


def test_what_was_typed_stays_but_the_password(cast):
    page = sign_in(cast.browser(), "wanda", "wrong owls", next="/articles/a").text
    assert 'value="wanda"' in page
    assert 'value="/articles/a"' in page
    assert "wrong owls" not in page


def test_forged(cast):
    member()
    assert cast.browser().forge("/sign-in", username="wanda", password=PHRASE).status_code == 403


def test_never_to_another_site(cast):
    member()
    answers = {address: sign_in(cast.browser(), next=address) for address in ELSEWHERE}
    wrong = {address: answer.location for address, answer in answers.items() if answer.location not in ("/", None)}
    assert wrong == {}
    assert {answer.status_code for answer in answers.values()} <= {303, 400}


def test_back_to_where_one_came_from(cast):
    member()
    assert [sign_in(cast.browser(), next=address).location for address in HERE] == HERE


def test_a_person_who_is_signed_in_goes_on(cast):
    answer = cast.browser(cast.tom).get("/sign-in?next=/rules")
    assert (answer.status_code, answer.location) == (303, "/rules")


def test_the_cookie_from_before_is_dead(cast):
    member()
    browser = cast.browser()
    before = browser.client.get_cookie("session").value
    sign_in(browser)
    after = browser.client.get_cookie("session").value
    assert before != after
    browser.client.set_cookie("session", before)
    assert "Sign in" in browser.get("/rules").text


def test_signing_out_kills_the_token(cast):
    member()
    browser = cast.browser()
    sign_in(browser)
    kept = browser.client.get_cookie("session").value
    browser.token = token_of(browser)
    assert browser.post("/sign-out").status_code == 303
    browser.client.set_cookie("session", kept)
    assert "Sign in" in browser.get("/rules").text


def test_signing_out_by_a_forged_post(cast):
    assert cast.browser(cast.tom).forge("/sign-out").status_code == 403


def test_an_outdated_hash_is_renewed(cast):
    person = member()
    db.lock()
    person.password_hash = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PHRASE)
    db.commit()
    sign_in(cast.browser())
    db.session.refresh(person)
    assert "m=19456,t=2,p=1" in person.password_hash


@pytest.mark.parametrize(("is_demo", "status"), [(False, 422), (True, 303)])
def test_the_password_of_the_demo_opens_demos_only(cast, is_demo, status):
    person = actions.add_person(None, "olga", password_hash=passwords.hashed(passwords.DEMO_PASSWORD))
    db.session.get_one(Site, 1).is_demo = is_demo
    db.commit()
    assert sign_in(cast.browser(), person.username, passwords.DEMO_PASSWORD).status_code == status


def test_a_demo_says_how_to_get_in_and_nothing_else_does(cast):
    assert passwords.DEMO_PASSWORD not in cast.browser().get("/sign-in").text
    actions.add_person(None, "imported-editor", role="moderator")
    db.session.get_one(Site, 1).is_demo = True
    cast.quill.password_hash = passwords.hashed(passwords.DEMO_PASSWORD)
    db.commit()
    page = cast.browser().get("/sign-in").text
    assert passwords.DEMO_PASSWORD in page
    assert "quill" in page
    assert "imported-editor" not in page  # who came with an import has no password


def test_reading_the_form_without_a_session_starts_one_only_there(cast):
    client = cast.app.test_client()
    before = db.session.execute(select(func.count()).select_from(Session)).scalar_one()
    client.get("/rules")
    assert db.session.execute(select(func.count()).select_from(Session)).scalar_one() == before


def token_of(browser):
    """Return the token of the forms a signed-in browser is shown."""
    page = browser.get("/people/wanda").text
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def links_to(page, path):
    """Return where the links of a page lead that go to one path, without the path."""
    return {html.unescape(found) for found in re.findall(rf'href="{path}([^"]*)"', page)}


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up"])
def test_who_signs_in_from_the_head_of_a_page_comes_back_to_it(cast, path):
    member()
    there = f"/articles/{cast.article.slug}?order=newest"
    browser = cast.browser()
    (link,) = {found for found in links_to(browser.get(there).text, path) if "next=" not in found}
    page = browser.get(path + link).text
    assert "Please sign in first" not in page  # nothing was asked for that needs it
    assert links_to(page, "/sign-in") <= {link}
    back = html.unescape(re.search('name="next"[^>]* value="([^"]*)"', page)[1])
    assert back == there
    assert sign_in(browser, next=back).location == there


def test_the_head_leads_back_only_to_pages_that_are_no_secret(cast):
    browser = cast.browser()
    token = actions.make_invitation(as_actor(cast.ada)).rpartition("/")[2]
    db.commit()
    assert token in browser.get(f"/invite/{token}").request.path
    long = "/search?q=" + "%25" * 300
    for page in ("/", f"/invite/{token}", long, "/nowhere"):
        assert links_to(browser.get(page).text, "/sign-in") == {""}, page
    member()
    for elsewhere in filter(str.isprintable, ELSEWHERE):
        page = browser.get("/sign-in", query_string={"back": elsewhere}).text
        back = html.unescape(re.search('name="next"[^>]* value="([^"]*)"', page)[1])
        answer = sign_in(cast.browser(), next=back)
        assert (answer.status_code, answer.location) == (303, "/"), elsewhere
        assert cast.browser(cast.tom).get("/sign-in", query_string={"back": elsewhere}).location == "/", elsewhere
