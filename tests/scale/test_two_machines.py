"""Two machines behind nginx: one site. PostgreSQL and Redis are all they share; readers are sent to either in turn."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from forum import config, create_app, db
from forum.people import passwords
from forum.people.models import Person
from tests import factories
from tests.cast import Cast
from tests.redis_server import RedisServer
from tests.scale.conftest import Fresh
from tests.scale.machines import SECRET, Answer, Browser, Fields, Machines, temporary

PASSWORD = "four words nobody guesses"
READERS = ("Ulla", "Vera", "Walt", "Xeno")


class Site:
    """The site of this file: its machines, its people's cookies, and its article."""

    def __init__(self, machines: Machines, redis: RedisServer, cast: Cast) -> None:
        self.machines, self.redis = machines, redis
        others = map(factories.person, ("Olga", *READERS))
        people = [cast.ida, cast.tom, cast.rosa, cast.quill, cast.ada, *others]
        self._cookies = {person.display_name: cast.browser(person).cookie for person in people}
        self.ids = {person.display_name: person.id for person in people}
        self.page = f"/articles/{cast.article.slug}"

    def browser(self, name: str = "") -> Browser:
        """Return a browser in which somebody is signed in, or a visitor's."""
        return self.machines.browser(self._cookies[name] if name else "")

    def say(self, name: str, body: str, via: int | None = None, answering: int = 0) -> int:
        """Post a comment and return its id."""
        place = f"/comments/{answering}/reply" if answering else f"{self.page}/comments"
        answer = self.browser(name).post(place, via, body=body)
        assert answer.status == 303, answer.text
        return int(re.findall(r"\d+", answer.headers["location"])[-1])


@pytest.fixture(scope="module")
def site(fresh: Fresh, settings: config.Settings) -> Iterator[Site]:
    """Yield a site of two machines; the tests of this file go on with what those before them left."""
    database = fresh()
    with temporary() as folder, RedisServer() as redis:
        app = create_app(replace(settings, instance=folder, database_url=database, secret_key=SECRET))
        with app.app_context():
            cast = Cast(app)
            db.lock()
            db.session.get_one(Person, cast.tom.id).password_hash = passwords.hashed(PASSWORD)
            db.commit()
            with Machines(folder, database, redis.url).running() as machines:
                made = Site(machines, redis, cast)
                db.session.remove()
                yield made
            db.engine().dispose()


def change_settings(site: Site, via: int, **changes: str) -> Answer:
    """Send the form of the settings as the admin found it, but for some changes."""
    ada = site.browser("Ada")
    fields = Fields(ada.get("/admin/settings", via).text).values
    return ada.post("/admin/settings", via, token=fields.pop("csrf_token"), **{**fields, **changes})


def promote(site: Site, name: str, via: int) -> Answer:
    """Make somebody a moderator, which is shown beside what they wrote."""
    ada = site.browser("Ada")
    token = ada.token("/admin/people", via)
    return ada.post(f"/admin/people/{site.ids[name]}/role", via, token=token, role="moderator")


WRITES: dict[str, Callable[[Site, int, int], Answer]] = {
    "a comment": lambda site, first, via: site.browser("Rosa").post(f"{site.page}/comments", via, body="Another."),
    "a reply": lambda site, first, via: site.browser("Rosa").post(f"/comments/{first}/reply", via, body="But no."),
    "an edit": lambda site, first, via: site.browser("Tom").post(f"/comments/{first}/edit", via, body="Better."),
    "a deletion": lambda site, first, via: site.browser("Tom").post(f"/comments/{first}/withdraw", via),
    "a removal": lambda site, first, via: site.browser("Quill").post(
        f"/moderation/queue/{first}", via, decision="hide", reason="1"
    ),
    "a closed branch": lambda site, first, via: site.browser("Quill").post(
        f"/comments/{first}/close", via, words="Enough of this.", people="all"
    ),
    "a new name": lambda site, first, via: site.browser("Tom").post(
        "/people/tom/edit", via, display_name=f"Tom {first}", about=""
    ),
    "a new role": lambda site, first, via: promote(site, "Olga", via),
    "a setting": lambda site, first, via: change_settings(site, via, tagline=f"A line of number {first}"),
    "an erased text": lambda site, first, via: site.browser("Ada").post(
        f"/moderation/comments/{first}/erase", via, reason="1"
    ),
}


@pytest.mark.parametrize("write", WRITES)
def test_the_next_request_to_another_machine_shows(site: Site, write: str) -> None:
    first = site.say("Tom", f"A word before {write}.", via=0)
    visitor, member = site.browser(), site.browser("Rosa")
    if write == "a new role":
        site.say("Olga", "A word from below.")
    before = visitor.get(site.page, 1)
    assert f"A word before {write}." in before.text
    assert visitor.get(site.page, 0).body == before.body
    shown = member.get(site.page, 1).text
    answer = WRITES[write](site, first, 0)
    assert answer.status == 303, answer.text
    after = visitor.get(site.page, 1)
    assert after.body != before.body
    assert member.get(site.page, 1).text != shown
    for via in (0, None, None):
        assert visitor.get(site.page, via).body == after.body


def test_a_closed_article_takes_no_comment_at_the_other_machine(site: Site) -> None:
    """Closed through one: the form that was open at the other is refused, with the words and what was typed."""
    tom = site.browser("Tom")
    token = tom.token(f"{site.page}/comments", 1)
    assert site.browser("Quill").post(f"{site.page}/close", 0, words="Enough of it all.").status == 303
    refused = tom.post(f"{site.page}/comments", 1, token=token, body="One more word.")
    assert refused.status == 409
    assert "Enough of it all." in refused.text
    assert "One more word." in refused.text
    for via in (0, 1):
        page = site.browser().get(site.page, via).text
        assert "Enough of it all." in page
        assert "One more word." not in page
    found = re.search(r"/closures/(\d+)", site.browser("Quill").get(site.page, 1).text)
    assert found
    assert site.browser("Quill").post(f"/closures/{found[1]}/reopen", 1, reason="Go on.").status == 303
    assert tom.post(f"{site.page}/comments", 0, token=token, body="One more word.").status == 303


def test_both_name_the_same_bytes_by_the_same_mark(site: Site) -> None:
    site.say("Tom", "Of one mind.", via=0)
    visitor = site.browser()
    for packed in ("gzip", "identity"):
        first, second = (visitor.get(site.page, via, Accept_Encoding=packed) for via in (0, 1))
        assert first.headers["etag"] == second.headers["etag"]
        assert not first.headers["etag"].startswith("W/")
        assert first.body == second.body
        through = visitor.get(site.page, Accept_Encoding=packed)
        assert (through.headers["etag"], through.body) == (first.headers["etag"], first.body)
        for via in (0, 1, None):
            again = visitor.get(site.page, via, Accept_Encoding=packed, If_None_Match=first.headers["etag"])
            assert (again.status, again.body) == (304, b"")


def test_a_sign_in_and_its_tokens_are_good_everywhere(site: Site) -> None:
    """The form is got from one machine, sent to the other, and what follows goes to either."""
    browser = site.browser()
    token = browser.token("/sign-in", 0)
    assert browser.post("/sign-in", 1, token=token, username="tom", password=PASSWORD).status == 303
    place = f"{site.page}/comments"
    for via in (0, 1):
        assert "/people/tom" in browser.get(site.page, via).head
        assert browser.post(place, 1 - via, token=browser.token(place, via), body=f"From {via}.").status == 303
    assert browser.post("/sign-out", 0, token=browser.token(place, 1)).status == 303
    assert all("/people/tom" not in browser.get(site.page, via).head for via in (0, 1))


def test_a_text_that_waits_for_signing_in_is_sent_from_any_machine(site: Site) -> None:
    browser = site.browser()
    place = f"{site.page}/comments"
    waits = browser.post(place, 0, token=browser.token("/sign-in", 0), body="Typed before signing in.")
    assert (waits.status, "Typed before signing in." in waits.text) == (403, True)
    held = {"next": place, "held-body": "Typed before signing in."}
    token = browser.token("/sign-in", 1)
    again = browser.post("/sign-in", 1, token=token, username="tom", password=PASSWORD, **held)
    assert (again.status, "Typed before signing in." in again.text) == (200, True)


def test_each_machine_exports_from_a_folder_of_its_own(site: Site) -> None:
    site.say("Tom", "To be found in the archive.", via=0)
    found = [site.browser("Ada").get("/admin/export?format=jsonl", via) for via in (0, 1, None)]
    assert [answer.status for answer in found] == [200, 200, 200]
    assert all("found in the archive" in answer.text for answer in found)


def test_no_byte_of_one_person_reaches_another(site: Site) -> None:
    """Members, staff and visitors read through nginx while others write: each answer names its own reader only."""
    hidden = site.say("Ulla", "A word that goes.")
    assert site.browser("Quill").post(f"/moderation/queue/{hidden}", decision="hide", reason="1").status == 303
    site.say("Ulla", "And its answer.", answering=site.say("Vera", "A word that stays."))
    names = (*READERS, "Quill", "Ada", "")
    done, wrong = threading.Event(), []

    def read(name: str) -> int:
        browser, number = site.browser(name), 0
        while not done.is_set():
            number += 1
            headers = {"Accept_Encoding": "gzip"} if number % 2 else {}
            answer = browser.get(site.page + ("?order=newest" if number % 3 == 0 else ""), **headers)
            body = gzip.decompress(answer.body) if number % 2 else answer.body
            page = replace(answer, body=body)
            shown = {other for other in names if other and f'/people/{other.lower()}"' in page.head}
            if shown != {name} - {""} or ("A word that goes." in page.text) != (name in ("Quill", "Ada")):
                wrong.append(f"{name or 'a visitor'} was shown {shown}")
            if not name and "csrf_token" in page.text:
                wrong.append("a visitor's page holds a token")
            if ("no-store" in page.headers["cache-control"]) != bool(name):
                wrong.append(f"{name or 'a visitor'}: {page.headers['cache-control']}")
        return number

    with ThreadPoolExecutor(2 * len(names)) as pool:
        asked = [pool.submit(read, name) for name in names for _ in range(2)]
        try:
            for number in range(12):
                site.say(READERS[number % len(READERS)], f"Number {number}.", via=(0, 1, None)[number % 3])
        finally:
            done.set()
        counts = [future.result() for future in asked]
    assert wrong == []
    assert min(counts) > 3


def test_limits_are_counted_together_and_without_redis_by_each(site: Site) -> None:
    def tries(via: tuple[int, ...], name: str) -> list[int]:
        browser = site.browser()
        token = browser.token("/sign-in", 0)
        return [browser.post("/sign-in", at, token=token, username=name, password="wrong").status for at in via]

    assert tries((0, 1) * 6, "walt") == [422] * 10 + [429] * 2
    assert site.browser().get("/readyz", 0).text == "ready\n"
    site.redis.stop()
    for via in (0, 1):
        ready = site.browser().get("/readyz", via)
        assert (ready.status, ready.text) == (200, "ready, but each process counts rate limits by itself\n")
        assert site.browser().get(site.page, via).status == 200
        assert site.browser("Rosa").get(site.page, via).status == 200
    site.say("Xeno", "Without Redis.", via=1)
    assert "Without Redis." in site.browser().get(site.page, 0).text
    assert tries((0,) * 11, "xeno") == [422] * 10 + [429]
    site.redis.start()


def test_a_machine_that_dies_is_not_missed(site: Site) -> None:
    site.machines.servers[1].kill()
    browser = site.browser("Vera")
    for _ in range(6):
        assert browser.get(site.page).status == 200
    site.say("Vera", "Still here.")
    assert "Still here." in site.browser().get(site.page).text
