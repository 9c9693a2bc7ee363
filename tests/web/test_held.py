"""A form that is refused comes back whole, and is sent again from the page that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import time_machine
from sqlalchemy import select
from werkzeug.test import TestResponse
from wtforms import FileField, StringField, TextAreaField

from forum import db, web
from forum.articles.models import Article
from forum.cases.models import Flag
from forum.clock import now
from forum.comments.models import Comment, Source
from forum.people import passwords, sessions
from forum.people.models import Person, Session
from forum.site.forms import Form, Pressed
from forum.web.edge import MAX_FORM
from forum.web.errors import unavailable
from tests.access_table import TABLE
from tests.cast import Browser, Cast
from tests.comments.talk import let, say
from tests.people.members import member

PASSWORD = "a long enough password"
LONG = "\n  Über 20.000 Zeichen: " + '語 and <b>&amp; "more" </textarea>. ' * 4000
ARTICLE = {
    "title": "A bench & more",
    "body": LONG,
    "tags": "C++, bènches",
    "source_name": "The Paper",
    "source_url": "https://paper.example/?a=1&b=2",
    "published_at": "2199-01-02T03:04",
    "act": "save",
}


class Forms(HTMLParser):
    """Read the forms of a page as a browser would send them: by their action, the fields in their order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] = {}
        self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.forms[given.get("action", "")] = {}
        elif tag == "input" and given.get("name"):
            self._form[given["name"]] = given.get("value", "")
        elif tag == "textarea":
            self._area = given.get("name", "-")
            self._form[self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._form[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._form[self._area] = self._form[self._area].removeprefix("\n")
            self._area = ""


def send(browser: Browser, page: TestResponse, action: str, **more: str) -> TestResponse:
    """Send the form of a page that goes to `action`, with what somebody types into it."""
    return browser.open(action, "POST", data={**Forms(page.text).forms[action], **more})


def sign_out_elsewhere(cast: Cast) -> None:
    """End all sessions and give everybody a password they can sign in with."""
    db.lock()
    for person in db.session.scalars(select(Person)):
        sessions.end_all(person.id)
        person.password_hash = passwords.hashed(PASSWORD)
    db.commit()


def through_sign_in(cast: Cast, name: str, url: str, fields: dict[str, str]) -> TestResponse:
    """Send a form after the session ended, sign in on the page that comes, and send it again from the next."""
    browser = cast.browser(getattr(cast, name))
    assert browser.get(url).status_code == 200
    sign_out_elsewhere(cast)
    asked = browser.post(url, **fields)
    assert asked.status_code == 403
    wrong = send(browser, asked, "/sign-in", username=name, password="not this one")
    assert wrong.status_code == 422
    again = send(browser, wrong, "/sign-in", username=name, password=PASSWORD)
    assert again.status_code == 200
    assert "no-store" in again.headers["Cache-Control"]
    return send(browser, again, url)


def test_a_new_article_comes_back_whole(cast: Cast) -> None:
    assert through_sign_in(cast, "ida", "/articles/new", ARTICLE).status_code == 303
    made = db.session.scalars(select(Article).where(Article.title == ARTICLE["title"])).one()
    assert made.source == "  " + LONG.strip()
    assert (made.source_name, made.source_url) == (ARTICLE["source_name"], ARTICLE["source_url"])
    assert {tag.name for tag in made.tags} == {"C++", "bènches"}


def test_an_edited_article_comes_back_with_the_new_text(cast: Cast) -> None:
    url = f"/articles/{cast.article.slug}/edit"
    assert through_sign_in(cast, "ida", url, {**ARTICLE, "seen": cast.article.mark}).status_code == 303
    assert db.session.get_one(Article, cast.article.id).source == "  " + LONG.strip()


def test_each_text_is_named_as_its_form_names_it(cast: Cast) -> None:
    sign_out_elsewhere(cast)
    answer = cast.browser().post("/articles/new", **ARTICLE).text
    for label in ("Title", "Text", "Subjects", "Quoted from", "Address of the source"):
        assert f">{label}</label>" in answer
    assert "What you wrote" not in answer


def test_what_is_typed_into_any_form_is_shown_where_it_was_not_taken(cast: Cast) -> None:
    """But for what browsers fill in by themselves. Whatever form it is, so that a new one cannot be forgotten."""
    forms = [*every_form(Form)]
    assert len(forms) > 30
    for form in forms:
        with cast.app.test_request_context("/"):
            fields = [field for field in form() if not isinstance(field, FileField)]
            written = [field for field in fields if type(field) in (StringField, TextAreaField)]
            typed = {field.name for field in written if "autocomplete" not in (field.render_kw or {})}
        values = {field.name: f"Typed into {field.name}" for field in fields}
        with cast.app.test_request_context("/", method="POST", data=values):
            shown = web.held().texts
        assert {field.name for field in shown} >= typed, form.__name__
        assert all(field.value == values[field.name] for field in shown)


def test_all_that_is_typed_or_chosen_in_any_form_can_be_copied_while_the_database_is_away(cast: Cast) -> None:
    for form in every_form(Form):
        with cast.app.test_request_context("/"):
            fields = {field.name: field.type for field in form()}
            pressed = {
                field.name for field in form() if isinstance(field, Pressed) and isinstance(field.label.text, str)
            }
        values = {name: f"In {name}." for name in fields} | {"csrf_token": "In csrf_token."}
        with cast.app.test_request_context("/", method="POST", data=values):
            page = unavailable(OSError("gone")).get_data(as_text=True)
        for name, kind in fields.items():
            is_shown = kind not in ("HiddenField", "FileField", "PasswordField", "BooleanField") and name not in pressed
            assert (f"In {name}." in page) == is_shown, (form.__name__, name)
        assert page.count('value="yes"') == list(fields.values()).count("BooleanField")
        assert "In csrf_token." not in page


def test_a_choice_is_called_what_its_form_calls_it(cast: Cast) -> None:
    settings = {"name": "Our Room", "sign_up": "approval", "edit_minutes": "15", "contact": "desk@post.example"}
    with cast.app.test_request_context("/admin/settings", method="POST", data=settings):
        page = unavailable(OSError("gone")).get_data(as_text=True)
    for label, words in (
        ("Who may sign up", "Everybody, after an admin has said yes"),
        ("Minutes for which a comment can be edited", "15"),
        ("Name", "Our Room"),
    ):
        assert re.search(rf">{label}</label>\s*<(input|textarea)[^<]*{words}", page), label
    assert page.count("You can copy it from here") == 1


def every_form(kind: type[Form]) -> Iterator[type[Form]]:
    """Yield every form of the program."""
    for form in kind.__subclasses__():
        if form.__module__.startswith("forum."):
            yield form
        yield from every_form(form)


def test_a_button_and_a_choice_of_a_list_are_no_text(cast: Cast) -> None:
    root = say(cast.tom, cast.article)
    token = cast.browser(cast.quill).token
    sign_out_elsewhere(cast)
    for url, fields in (
        (f"/moderation/queue/{root}", {"decision": "hide", "reason": "2", "note": "Between us.", "seen": "x"}),
        (f"/comments/{root}/flag", {"reason": "abuse", "note": "Between us."}),
        (f"/comments/{root}/close", {"reach": "branch", "words": "Between us.", "period": "7", "note": ""}),
        ("/closures/1/reopen", {"reason": "Between us."}),
    ):
        asked = cast.browser().forge(url, csrf_token=token, **fields).text
        assert [words.strip() for words in re.findall(r"<textarea[^>]*>([^<]*)", asked)] == ["Between us."], url
        waiting = Forms(asked).forms["/sign-in"]
        assert {name: waiting[f"held-{name}"] for name in fields} == fields


def test_comment_reply_and_edit_come_back(cast: Cast) -> None:
    root = say(cast.tom, cast.article)
    for url in (f"/articles/{cast.article.slug}/comments", f"/comments/{root}/reply", f"/comments/{root}/edit"):
        assert through_sign_in(cast, "tom", url, {"body": f"Typed for {url}", "key": "k"}).status_code == 303
        assert f"Typed for {url}" in db.session.scalars(select(Source.source)).all()


def test_a_report_comes_back(cast: Cast) -> None:
    root = say(cast.tom, cast.article)
    assert (
        through_sign_in(cast, "rosa", f"/comments/{root}/flag", {"reason": "abuse", "note": "Look."}).status_code < 400
    )
    assert db.session.scalars(select(Flag.note)).one() == "Look."


def test_settings_come_back(cast: Cast) -> None:
    browser = cast.browser(cast.ada)
    sign_out_elsewhere(cast)
    asked = browser.post("/admin/settings", tagline="Typed for an hour.", name="Our Room")
    waiting = Forms(asked.text).forms["/sign-in"]
    assert (waiting["held-tagline"], waiting["held-name"]) == ("Typed for an hour.", "Our Room")


def test_every_form_of_the_site_comes_back_with_all_it_held(cast: Cast) -> None:
    """Whatever route a form goes to, so that a new one cannot be forgotten."""
    typed = {
        "body": LONG,
        "words": "\n  Closing words",
        "note": "A note & more",
        "unknown": "of a script",
        "act": "save",
    }
    addresses = {row.url for row in TABLE if row.method == "POST" and "{" not in row.url.replace("{slug}", "")}
    public = {url for url in addresses if url.startswith(("/mail/unsubscribe/", "/mail/follows/"))}
    assert len(addresses - public) > 30
    token = cast.browser(cast.tom).token
    sign_out_elsewhere(cast)
    before = db.session.scalars(select(Session.id)).all()
    for url in sorted(addresses - public):
        asked = cast.browser().forge(url.format(slug=cast.article.slug), csrf_token=token, **typed)
        assert asked.status_code == 403, url
        waiting = Forms(asked.text).forms["/sign-in"]
        came_back = {name: waiting.get(f"held-{name}", "").replace("\r\n", "\n") for name in typed}
        assert came_back == typed, url
    assert db.session.scalars(select(Session.id)).all() == before


@pytest.mark.parametrize(
    ("referer", "there"),
    [
        ("http://localhost/admin/people?state=off", "/admin/people?state=off"),
        ("http://evil.example/admin", "/"),
        ("http://localhost//evil.example", "/"),
        ("", "/"),
    ],
)
def test_a_button_pressed_after_the_session_ended_is_led_back_to(cast: Cast, referer: str, there: str) -> None:
    browser = cast.browser(cast.ada)
    sign_out_elsewhere(cast)
    headers = {"Referer": referer} if referer else {}
    if "evil.example/admin" in referer:
        headers["Origin"] = "http://localhost"  # another site's page is refused before; here it only says where from
    url = f"/admin/people/{cast.tom.id}/deactivate"
    asked = browser.open(url, "POST", data={"csrf_token": browser.token}, headers=headers)
    assert asked.status_code == 403
    assert "you get back to the page with the button" in asked.text
    entered = send(browser, asked, "/sign-in", username="ada", password=PASSWORD)
    assert (entered.status_code, entered.location) == (303, there)
    assert browser.get(there).status_code == 200
    assert db.session.get_one(Person, cast.tom.id).deactivated_at is None


def test_nothing_is_stored_for_a_person_who_is_not_signed_in(cast: Cast) -> None:
    sign_out_elsewhere(cast)
    for _ in range(30):
        assert cast.browser().post("/articles/new", **ARTICLE).status_code == 403
    assert db.session.scalars(select(Session.id)).all() == []


def test_a_form_open_for_too_long_is_sent_again_with_one_click(cast: Cast) -> None:
    url = f"/articles/{cast.article.slug}/comments"
    browser, earlier = cast.browser(cast.tom), cast.browser(cast.tom)
    browser.token = earlier.token  # the form was drawn before they signed in anew
    again = browser.post(url, body=LONG[:5000], key="k")
    assert again.status_code == 403
    assert send(browser, again, url).status_code == 303
    assert db.session.scalars(select(Comment.author_id)).one() == cast.tom.id


def test_a_person_who_signed_in_elsewhere_meanwhile_only_sends_it(cast: Cast) -> None:
    sign_out_elsewhere(cast)
    url = f"/articles/{cast.article.slug}/comments"
    page = cast.browser().post(url, body="Typed for an hour.")
    browser = cast.browser(cast.tom)  # in another tab
    again = send(browser, page, "/sign-in", username="tom", password=PASSWORD)
    assert again.status_code == 403  # its token is the visitor's
    assert send(browser, again, url).status_code == 303
    assert db.session.scalars(select(Comment.author_id)).one() == cast.tom.id


def test_a_member_signed_out_where_guests_write_is_asked_to_sign_in(cast: Cast) -> None:
    let(who_may_comment="guests")
    assert through_sign_in(cast, "tom", f"/articles/{cast.article.slug}/comments", {"body": "Mine."}).status_code == 303
    assert db.session.scalars(select(Comment.author_id)).one() == cast.tom.id


def test_a_guest_whose_cookie_ended_sends_it_again_as_a_guest(cast: Cast) -> None:
    let(who_may_comment="guests")
    url = f"/articles/{cast.article.slug}/comments"
    browser = cast.browser()
    browser.client.delete_cookie("session")
    again = browser.post(url, body="A guest's word.", guest_name="Wanda", guest_email="w@a.example")
    assert again.status_code == 403
    assert "no cookie" in again.text
    assert send(browser, again, url).status_code == 303
    assert db.session.execute(select(Comment.guest_name, Comment.guest_email)).one() == ("Wanda", "w@a.example")


def test_a_form_without_our_mark_is_not_offered_to_be_sent(cast: Cast) -> None:
    url = f"/articles/{cast.article.slug}/comments"
    answer = cast.browser(cast.tom).forge(url, body="Typed for an hour.", csrf_token="nonsense")
    assert answer.status_code == 403
    assert "Typed for an hour." in answer.text
    assert url not in Forms(answer.text).forms


def test_a_password_is_never_sent_back(cast: Cast) -> None:
    browser = cast.browser()
    browser.token = cast.browser().token
    again = browser.post("/sign-up", username="nora", display_name="Nora N", password="heron seven lanterns")
    assert again.status_code == 403
    assert "heron seven" not in again.text
    assert send(browser, again, "/sign-up").status_code == 422
    assert "Nora N" in again.text


def test_the_longest_article_in_the_widest_script_fits(cast: Cast) -> None:
    body = "\U0001f41f" * 200_000
    assert len(body.encode()) * 3 < MAX_FORM
    assert (
        cast.browser(cast.ida).post("/articles/new", **{**ARTICLE, "body": body, "act": "preview"}).status_code == 200
    )


def test_a_members_cookie_lasts_from_the_last_visit(cast: Cast) -> None:
    browser = cast.browser(cast.tom)
    assert "Set-Cookie" not in browser.get("/").headers
    with time_machine.travel(now() + sessions.TOUCH * 2):
        header = browser.get("/").headers["Set-Cookie"]
        assert f"session={browser.cookie}" in header
        assert f"Max-Age={int(sessions.IDLE.total_seconds())}" in header
        assert "Set-Cookie" not in browser.get("/").headers


def test_the_sign_of_a_lost_letter_is_a_letter_like_others(cast: Cast, shared) -> None:
    text = (shared / "cases" / "comment-with-replacement-character.txt").read_text("utf-8")
    assert cast.browser(cast.tom).post(f"/articles/{cast.article.slug}/comments", body=text).status_code == 303
    assert "\ufffd" in db.session.scalars(select(Source.source)).one()


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/people/Tom", "/people/tom"),
        ("/people/tom/", "/people/tom"),
        ("/tags/Library/?from=3", "/tags/library?from=3"),
        ("/rules/", "/rules"),
        ("/articles/The-Library-Opens-on-Saturday/", "/articles/the-library-opens-on-saturday"),
        ("/RULES", "/rules"),
        ("/Search?q=Ferry", "/search?q=Ferry"),
        ("/Articles/The-Library-Opens-on-Saturday", "/articles/the-library-opens-on-saturday"),
    ],
)
def test_a_capital_or_a_slash_too_many_leads_to_the_page(cast: Cast, asked: str, meant: str) -> None:
    answer = cast.browser().get(asked)
    assert (answer.status_code, answer.location) == (301, meant)


@pytest.mark.parametrize("asked", ["/people/Ida-Brandt/", "/people/IDA-brandt", "/People/Ida-Brandt"])
def test_a_name_in_an_address_has_the_capitals_with_which_it_was_chosen(cast: Cast, asked: str) -> None:
    member("Ida-Brandt", "Ida Brandt")
    answer = cast.browser().get(asked)
    assert (answer.status_code, answer.location) == (301, "/people/Ida-Brandt")
    assert cast.browser().get(answer.location).status_code == 200


def test_an_address_does_not_tell_who_waits_for_approval(cast: Cast) -> None:
    waiting = member("Nele-Brandt", "Nele Brandt")
    db.lock()
    db.session.get_one(Person, waiting.id).approved_at = None
    db.commit()
    assert cast.browser().get("/people/nele-brandt").status_code == 404
    assert cast.browser(cast.quill).get("/people/nele-brandt").location == "/people/Nele-Brandt"


@pytest.mark.parametrize(
    "address",
    [
        "/people/nobody-here",
        "/nothing/",
        "/Nothing",
        "/reset/AbC",
        "/Reset/AbC",
        "/Static/Forum.css",
        "/Pictures/AB-480.webp",
    ],
)
def test_what_is_not_there_leads_nowhere(cast: Cast, address: str) -> None:
    assert cast.browser().get(address).status_code == 404


def test_a_guest_who_signs_in_from_the_box_writes_as_a_member(cast: Cast) -> None:
    let(who_may_comment="guests")
    root = say(cast.tom, cast.article)
    sign_out_elsewhere(cast)
    browser, url = cast.browser(), f"/comments/{root}/reply"
    asked = send(browser, browser.get(url), url, body=LONG[:2000], guest_name="Rosa, a guest", sign_in="1")
    assert asked.status_code == 200
    assert "no-store" in asked.headers["Cache-Control"]
    assert "Rosa, a guest" not in asked.text
    wrong = send(browser, asked, "/sign-in", username="rosa", password="not this one")
    again = send(browser, wrong, "/sign-in", username="rosa", password=PASSWORD)
    assert send(browser, again, url).status_code == 303
    made = db.session.scalars(select(Comment).order_by(Comment.id.desc())).first()
    assert made is not None and (made.parent_id, made.author_id) == (root, cast.rosa.id)
    assert len(db.session.scalars(select(Comment)).all()) == 2


def test_a_guest_signs_up_from_the_box_and_loses_nothing(cast: Cast) -> None:
    let(who_may_comment="guests")
    url, browser = f"/articles/{cast.article.slug}/comments", cast.browser()
    asked = send(browser, browser.get(url), url, body="Typed before there was an account.", sign_in="1")
    form = browser.open("/sign-up", "POST", data={**Forms(asked.text).forms["/sign-in"], "begin": "1"})
    assert form.status_code == 200
    assert "Please look at this again" not in form.text
    wrong = send(browser, form, "/sign-up", username="nell", password="short")
    assert wrong.status_code == 422
    again = send(browser, wrong, "/sign-up", username="nell", password=PASSWORD)
    assert "Welcome, nell." in again.text
    assert send(browser, again, url).status_code == 303
    nell = db.session.scalars(select(Person).where(Person.username == "nell")).one()
    assert db.session.scalars(select(Comment.author_id)).all() == [nell.id]


def test_who_waits_for_approval_reads_once_more_what_they_typed(cast: Cast) -> None:
    let(who_may_comment="guests", sign_up="approval")
    url, browser = f"/articles/{cast.article.slug}/comments", cast.browser()
    words = "Typed before there was an account."
    asked = send(browser, browser.get(url), url, body=words, sign_in="1")
    form = browser.open("/sign-up", "POST", data={**Forms(asked.text).forms["/sign-in"], "begin": "1"})
    assert "sign up, and you can send it" not in form.text
    assert "the page after this one shows it" in form.text
    waiting = send(browser, form, "/sign-up", username="nell", password=PASSWORD)
    assert waiting.status_code == 200
    assert "no-store" in waiting.headers["Cache-Control"]
    assert "Copy it now" in waiting.text
    assert words in waiting.text.partition("<textarea")[2]
    assert "Copy it now" not in browser.get("/sign-up/done").text


def test_a_report_waits_behind_the_sign_in(cast: Cast) -> None:
    root = say(cast.tom, cast.article)
    sign_out_elsewhere(cast)
    browser, url = cast.browser(), f"/comments/{root}/flag"
    asked = send(browser, browser.get(url), url, reason="abuse", note="Look.", sign_in="1")
    again = send(browser, asked, "/sign-in", username="rosa", password=PASSWORD)
    assert send(browser, again, url).status_code == 303
    assert db.session.execute(select(Flag.note, Flag.person_id)).all() == [("Look.", cast.rosa.id)]


def test_who_signs_up_by_invitation_only_is_told_before_anything_is_typed(cast: Cast) -> None:
    let(sign_up="invitation")
    answer = cast.browser().post("/sign-up", begin="1")
    assert (answer.status_code, "invitation" in answer.text) == (200, True)


def test_by_invitation_only_what_a_guest_typed_waits_behind_the_sign_in(cast: Cast) -> None:
    let(who_may_comment="guests", sign_up="invitation")
    url, browser, words = f"/articles/{cast.article.slug}/comments", cast.browser(), "Typed by a guest."
    asked = send(browser, browser.get(url), url, body=words, sign_in="1")
    assert 'name="begin"' not in asked.text
    assert "for invited people" in asked.text
    # The page was open before the site was for invited people only.
    begun = browser.open("/sign-up", "POST", data={**Forms(asked.text).forms["/sign-in"], "begin": "1"})
    assert (begun.status_code, "for invited people" in begun.text) == (200, True)
    for page in (asked, begun):
        form = Forms(page.text).forms["/sign-in"]
        assert (form["held-body"], form["next"]) == (words, url)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("ida", "/articles/new"),
        ("ida", "/articles/{slug}/edit"),
        ("tom", "/articles/{slug}/comments"),
        ("tom", "/comments/{root}/reply"),
        ("tom", "/comments/{root}/edit"),
        ("ida", "/comments/{root}/close"),
        ("rosa", "/comments/{root}/flag"),
        ("rosa", "/report"),
        ("quill", "/comments/{root}/decide"),
    ],
)
def test_a_form_that_was_not_taken_is_kept_in_the_browser_where_its_own_page_keeps_it(
    cast: Cast, name: str, address: str
) -> None:
    root = say(cast.tom, cast.article)
    url = address.format(slug=cast.article.slug, root=root)
    kept = re.compile('data-draft="([^"]*)"')
    own = cast.browser(getattr(cast, name)).get(url).text
    sign_out_elsewhere(cast)
    waiting = {"next": url + "?from=queue", "held-body": "Words"}
    again = cast.browser().post("/sign-in", username=name, password=PASSWORD, **waiting)
    assert "Send it" in again.text
    assert kept.findall(again.text) == [draft for draft in kept.findall(own) if draft == url]
    assert bool(kept.findall(again.text)) == (not url.endswith(("flag", "report", "decide")))
