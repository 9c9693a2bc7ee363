"""Rules, privacy, contact."""

import pytest

from forum import db
from forum.errors import Invalid
from forum.ledger import queries as ledger
from forum.site import actions, queries
from forum.site.models import Document
from tests.people.members import as_actor


def write(browser, slug="rules", source="1. Be kind. Always.\n2. *Quote* what you answer.", **fields):
    return browser.post(f"/admin/documents/{slug}", source=source, **fields)


def test_a_new_version_is_published_dated_and_logged(cast):
    version = queries.site().version
    assert write(cast.browser(cast.ada)).location == "/rules"
    page = cast.browser().get("/rules").text
    assert "Be kind. Always." in page
    assert "In force since" in page
    assert "starter" not in page
    assert queries.site().version != version
    assert ledger.acts("site.document")[0].details["slug"] == "rules"


def test_rules_are_numbered_for_reasons(cast):
    write(cast.browser(cast.ada))
    assert [(rule.number, rule.text) for rule in queries.rules()] == [(1, "Be kind."), (2, "Quote what you answer.")]


def test_rules_typed_all_with_one_are_counted_on(cast):
    actions.save_document(as_actor(cast.ada), "rules", "Preface.\n\n1. A\n1. B\n\nWords.\n\n7) C")
    db.commit()
    assert [rule.number for rule in queries.rules()] == [1, 2, 7]


def test_the_starter_has_six(cast):
    assert [rule.number for rule in queries.rules()] == [1, 2, 3, 4, 5, 6]


def test_a_preview_saves_nothing(cast):
    answer = write(cast.browser(cast.ada), preview="1")
    assert answer.status_code == 200
    assert "Be kind. Always.</li>" in answer.text
    assert db.session.query(Document).count() == 0


def test_an_earlier_version_can_be_opened(cast):
    browser = cast.browser(cast.ada)
    write(browser, source="The first text.")
    write(browser, source="The second text.")
    first = queries.versions("rules")[-1]
    assert "The first text." in browser.get(f"/admin/documents/rules?version={first.id}").text
    assert "The second text." in browser.get(f"/admin/documents/rules?version={2**80}").text
    assert "The second text." in browser.get("/rules").text


@pytest.mark.parametrize("source", ["", "   ", "x" * 20_001])
def test_refused_and_given_back(cast, source):
    answer = write(cast.browser(cast.ada), source=source)
    assert answer.status_code == 422
    assert source.strip() in answer.text


def test_no_such_document(cast):
    assert cast.browser(cast.ada).get("/admin/documents/imprint").status_code == 404
    assert write(cast.browser(cast.ada), "imprint").status_code == 404


def test_for_admins_only_and_never_forged(cast):
    assert write(cast.browser(cast.quill)).status_code == 403
    assert cast.browser(cast.ada).forge("/admin/documents/rules", source="x").status_code == 403
    assert db.session.query(Document).count() == 0


def test_markup_is_cleaned(cast):
    write(cast.browser(cast.ada), source="<script>alert(1)</script>\n\n[x](javascript:alert(1))")
    page = cast.browser().get("/rules").text
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page


def test_privacy_follows_the_settings(cast):
    assert "Guests leave a name" not in cast.browser().get("/privacy").text
    actions.change_settings(as_actor(cast.ada), {"who_may_comment": "guests"})
    db.commit()
    assert "Guests leave a name" in cast.browser().get("/privacy").text


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        ("desk@post.example", 'href="mailto:desk@post.example"'),
        ("https://example.org/us", 'href="https://example.org/us"'),
        ("javascript:alert(1)", "<bdi>javascript:alert(1)</bdi>"),
        ("Ring the bell", "<bdi>Ring the bell</bdi>"),
        ("@desk@post.example", "<bdi>@desk@post.example</bdi>"),
        ("+49-30-123456", "<bdi>+49-30-123456</bdi>"),
    ],
)
def test_contact(cast, reach, expected):
    actions.change_settings(as_actor(cast.ada), {"contact": reach})
    db.commit()
    assert expected in cast.browser().get("/contact").text


TABS = ("/admin/settings", "/admin/people", "/admin/documents", "/admin/export", "/admin/import")
REMINDER = "Readers cannot reach you"


def reminded(cast):
    """Return the pages of admins that say that readers cannot reach them."""
    return [url for url in TABS if REMINDER in cast.browser(cast.ada).get(url).text]


@pytest.mark.parametrize("typed", ["nobody", "desk@post", "desk@post@example", ".desk@post.example"])
def test_a_contact_that_is_a_slip_is_refused(cast, typed):
    with pytest.raises(Invalid) as refusal:
        actions.change_settings(as_actor(cast.ada), {"contact": typed})
    assert list(refusal.value.fields) == ["contact"]


def test_admins_are_reminded_of_the_contact_address_until_there_is_one(cast):
    assert reminded(cast) == list(TABS)
    assert "have not said yet how to reach them" in cast.browser().get("/contact").text
    actions.change_settings(as_actor(cast.ada), {"contact": "desk@post.example"})
    db.commit()
    assert reminded(cast) == []
    assert "have not said yet" not in cast.browser().get("/contact").text


def test_a_text_of_ones_own_is_an_address_too(cast):
    actions.save_document(as_actor(cast.ada), "contact", "Write to the desk, 1 Mill Lane.")
    db.commit()
    assert reminded(cast) == []
    assert "have not said yet" not in cast.browser().get("/contact").text


@pytest.mark.parametrize("who", [None, "tom", "ida", "quill"])
def test_nobody_else_is_reminded(cast, who):
    browser = cast.browser(getattr(cast, who) if who else None)
    for url in ("/", "/contact", f"/articles/{cast.article.slug}", *TABS):
        assert REMINDER not in browser.get(url).text
