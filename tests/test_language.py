"""The language of pages, letters and feeds: the site's, or the one that a person chose, and never another reader's."""

from __future__ import annotations

import json
from contextvars import Context
from datetime import UTC, datetime

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from forum import db
from forum.articles.models import Article
from forum.errors import Invalid
from forum.ledger import queries as ledger
from forum.people import actions
from forum.people.models import Person
from forum.people.queries import viewer_of
from forum.site import choices
from forum.site.models import Site
from forum.site.starters import SLUGS, starter
from forum.web import show
from forum.wording import in_words, ngettext
from tests.people.members import PHRASE, as_actor, member
from tests.web.acting import page_of, say


@pytest.fixture
def app_context(app):
    """Enter a request to a site that is set to English and UTC."""
    with app.test_request_context("/"):
        yield


def speak(language, *people):
    """Let people read in a language; without any, the whole site."""
    db.lock()
    for row in [db.session.get_one(Person, person.id) for person in people] or [db.session.get_one(Site, 1)]:
        row.language = language
    db.commit()


def lang(page):
    return page.split('<html lang="', 1)[1].split('"', 1)[0]


def choose(browser, name, language, **fields):
    typed = {"display_name": name, "about": "", "email": "", "language": language, **fields}
    return browser.post(f"/people/{name.lower()}/edit", **typed)


def test_the_site_speaks_german_to_visitors_and_members(cast):
    speak("de")
    for browser in (cast.browser(), cast.browser(cast.tom)):
        for path in ("/", page_of(cast), "/rules", "/articles/nothing-here"):
            assert lang(browser.get(path).text) == "de"
    assert "Anmelden" in cast.browser().get("/").text
    assert "Sign in" not in cast.browser().get("/").text


def test_a_person_chooses_another_language_than_the_site(cast):
    browser, before = cast.browser(cast.tom), ledger.acts("person.profile")
    assert choose(browser, "Tom", "de").status_code == 303
    page = browser.get("/people/tom/edit").text
    assert lang(page) == "de"
    assert '<option selected value="de">Deutsch</option>' in page
    assert "Your profile is saved." not in page  # said in the language of the page that says it
    assert "Ihr Profil ist gespeichert." in browser.get("/").text + page
    assert ledger.acts("person.profile")[0].details["fields"] == ["language"]
    assert len(ledger.acts("person.profile")) == len(before) + 1
    assert lang(cast.browser().get("/").text) == "en"
    assert lang(cast.browser(cast.rosa).get("/").text) == "en"
    assert choose(browser, "Tom", "").status_code == 303  # as the site again
    assert lang(browser.get("/").text) == "en"


def test_what_people_wrote_is_in_the_language_of_the_site(cast):
    """A voice reads the words of a page in the reader's language, and what others wrote in the site's."""
    say(cast, "tom", "The ferry is late.")
    speak("de", cast.tom)
    marked = 'dir="auto" lang="en">'
    for path, begins in ((page_of(cast), ("<h1 ", '<div class="body" ')), ("/", ("<h2 ", '<p class="excerpt" '))):
        page = cast.browser(cast.tom).get(path).text
        assert all(f"{begin}{marked}" in page for begin in begins)
        assert lang(page) == "de"
        assert marked not in cast.browser().get(path).text
    speak("de")
    assert marked not in cast.browser(cast.tom).get(page_of(cast)).text  # what was drawn before is drawn again


def test_signing_in_is_answered_in_ones_own_language(cast):
    wanda = member()
    speak("de", wanda)
    browser = cast.browser()
    browser.post("/sign-in", username="wanda", password=PHRASE)
    page = browser.get("/").text
    assert lang(page) == "de"


@pytest.mark.parametrize("language", ["tlh", "xx", "de_AT", "../../etc", "de\x00", "%", "d" * 10_000, "DE", "🐟"])
def test_a_language_without_a_translation_is_refused(cast, language):
    browser = cast.browser(cast.tom)
    assert choose(browser, "Tom", language, about="Not kept.").status_code in (400, 422)
    with pytest.raises(Invalid):
        actions.edit_profile(as_actor(cast.tom), "Not kept.", "", False, language)
    db.session.rollback()
    tom = db.session.get_one(Person, cast.tom.id)
    assert (tom.language, tom.about) == ("", "")


def test_a_form_that_does_not_name_the_language_keeps_it(cast):
    speak("de", cast.tom)
    browser = cast.browser(cast.tom)
    browser.post("/people/tom/edit", display_name="Tom", about="I read.", email="")
    tom = db.session.get_one(Person, cast.tom.id, populate_existing=True)
    assert (tom.about, tom.language) == ("I read.", "de")


def test_nobody_chooses_for_somebody_else(cast):
    assert choose(cast.browser(cast.rosa), "Tom", "de").status_code == 403
    assert cast.browser().post("/people/tom/edit", language="de").status_code in (401, 403)
    speak("de", cast.tom)
    assert "Deutsch" not in cast.browser(cast.rosa).get("/people/tom").text


def test_pages_that_are_kept_do_not_mix_languages(cast):
    """Each reads a page first, which is then kept for the others, in every order, as an article and as a branch."""
    top = say(cast, "tom", "Guten Morgen.")
    say(cast, "rosa", "Good evening.", top)
    speak("de", cast.tom, cast.quill)
    readers = {"tom": "de", "rosa": "en", "quill": "de", "ida": "en", None: "en"}
    for path in (page_of(cast), f"/comments/{top}/branch", "/", "/latest"):
        for order in (list(readers), list(reversed(readers))):
            for name in order:
                person = getattr(cast, name) if name else None
                page = cast.browser(person).get(path).text
                assert lang(page) == readers[name], (path, name)
                if path == page_of(cast):
                    assert ("Antworten" in page, ">Reply<" in page) == (readers[name] == "de", readers[name] == "en")
        say(cast, "rosa", f"One more, after {path}", top)  # so that the next ones are drawn anew


def test_what_a_browser_asks_for_decides_nothing(cast):
    """A page that visitors share has one language, so a header may not choose it."""
    visitor = cast.app.test_client(use_cookies=False)
    for language in ("de", "en", "de-DE,de;q=0.9", "*"):
        page = Context().run(visitor.get, page_of(cast), headers={"Accept-Language": language})
        assert lang(page.text) == "en"
    speak("de")
    page = Context().run(visitor.get, page_of(cast), headers={"Accept-Language": "en"})
    assert lang(page.text) == "de"  # the page that was kept before went with the setting


def test_words_of_people_stay_as_they_are(cast):
    say(cast, "tom", "Please sign in first.")
    speak("de")
    assert "Please sign in first." in cast.browser(cast.rosa).get(page_of(cast)).text


def test_feeds_and_archives_speak_the_language_of_the_site(cast):
    say(cast, "tom", "A word.")
    speak("de", cast.tom, cast.ada)
    feed = cast.browser(cast.tom).get("/feeds/articles").text
    assert 'xml:lang="en"' in feed
    archive = cast.browser(cast.ada).get("/admin/export?format=html")
    assert '<html lang="en">' in archive.text
    assert "Kommentare" not in archive.text
    speak("de")
    assert 'xml:lang="de"' in cast.browser(cast.rosa).get("/feeds/articles").text
    archive = cast.browser(cast.ada).get("/admin/export?format=html")
    assert '<html lang="de">' in archive.text


def test_numbers_are_written_as_each_language_writes_them(cast):
    db.lock(cast.article.id)
    db.session.get_one(Article, cast.article.id).comment_count = 12_090
    db.commit()
    assert "12,090 comments" in cast.browser().get("/").text
    assert "12,090 comments" in cast.browser().get(page_of(cast)).text
    speak("de")
    assert "12.090 Kommentare" in cast.browser().get("/").text
    for language, said in (("en", "2,000 people were told."), ("de", "2.000 Personen wurden benachrichtigt.")):
        with cast.app.test_request_context("/"), force_locale(language):
            assert ngettext("%(num)s person was told.", "%(num)s people were told.", 2000) == said
            tell = "{{ ngettext('%(num)s of %(who)s', '%(num)s of %(who)s', 1000, who='<b>') }}"
            assert cast.app.jinja_env.from_string(tell).render() == f"1{said[1]}000 of &lt;b&gt;"


def test_dates_times_and_reasons(app_context):
    moment = datetime(2026, 3, 3, 17, 5, tzinfo=UTC)
    assert (show.day(moment), show.moment(moment)) == ("3 March 2026", "3 March 2026, 17:05")
    with force_locale("de"):
        assert (show.day(moment), show.moment(moment)) == ("3. März 2026", "3. März 2026, 17:05")
        assert show.language() == "de"
        assert in_words("Written by somebody.") == "Written by somebody."


def test_stock_messages_of_forms_are_translated(cast):
    speak("de", cast.ada)
    browser = cast.browser(cast.ada)
    page = browser.post("/admin/settings", name="x" * 121, edit_minutes="many", language="tlh").text
    for words in (
        "Keine gültige Auswahl.",
        "Keine gültige, ganze Zahl.",
        "Feld kann nicht länger als 120 Zeichen sein.",
    ):
        assert words in page
    assert "Not a valid" not in page


def test_a_new_site_begins_with_documents_in_its_language(app_context):
    assert sorted(choices.languages().items()) == [("de", "Deutsch"), ("en", "English")]
    for slug in SLUGS:
        assert starter(slug, "de") != starter(slug, "en")
    assert starter("rules", "de").count("\n1. ") == starter("rules", "en").count("\n1. ") == 1


def test_an_archive_carries_what_somebody_chose(cast):
    speak("de", cast.tom)
    lines = cast.browser(cast.ada).get("/admin/export?format=jsonl").text.splitlines()
    people = {line["username"]: line for line in map(json.loads, lines) if line["type"] == "person"}
    assert people["tom"]["language"] == "de"
    assert "language" not in people["rosa"]
    assert viewer_of(cast.tom.id).language == "de"
    assert db.session.scalar(select(Person.language).where(Person.username == "rosa")) == ""
