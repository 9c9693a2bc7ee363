"""The page: what is found, how it is shown, narrowed down, ordered and paged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from forum import create_app, db
from forum.clock import now
from forum.comments.models import Comment
from forum.search import candidates, queries
from tests import factories
from tests.comments.talk import say
from tests.people.members import member

pytestmark = pytest.mark.both_kinds


def dated(comment_id, days):
    db.lock()
    db.session.get_one(Comment, comment_id).created_at = now() - timedelta(days=days)
    db.commit()


def test_a_comment_is_found_with_who_where_and_the_words_marked(cast, finder):
    made = say(cast.tom, cast.article, "We met at the *Alhambra* cinema, long <ago>.")
    finder.index()
    page = finder.page("alhambra cinema")
    assert finder.comments("alhambra cinema") == [made]
    assert "<mark>Alhambra</mark> <mark>cinema</mark>, long &lt;ago&gt;" in page
    assert "Comment by Tom" in page and "The library opens on Saturday" in page
    assert 'content="noindex"' in page


def test_an_article_is_found_by_title_text_and_source(cast, finder):
    factories.article(cast.otto, "A bench for the square", "It should face the *poplars*.")
    finder.index()
    for q in ("bench", "poplars", '"bench for the square"', "bench poplars"):
        assert finder.articles(q) == ["a-bench-for-the-square"], q
    assert "A <mark>bench</mark> for the square" in finder.page("bench")


def test_all_words_are_wanted_phrases_follow_and_minus_leaves_out(cast, finder):
    first = say(cast.tom, cast.article, "Red apples and green pears.")
    second = say(cast.rosa, cast.article, "Green apples.")
    finder.index()
    assert finder.comments("apples") == [second, first]
    assert finder.comments("green apples") == [second, first]
    assert finder.comments('"green apples"') == [second]
    assert finder.comments("apples -pears") == [second]
    assert finder.comments('apples -"red apples"') == [second]
    assert finder.comments("apples bananas") == []


def test_beginnings_are_found_with_a_star_and_of_the_last_word(cast, finder):
    made = say(cast.tom, cast.article, "Moderation is work.")
    finder.index()
    for q in ("moder", "mod*", "mod* work", "work moder"):
        assert finder.comments(q) == [made], q
    for q in ("moder work", '"moder"', "moder ", "mod"):
        assert finder.comments(q) == [], q


def test_narrowed_down_by_who_subject_article_and_days(cast, finder):
    other = factories.article(cast.otto, "Another piece")
    factories.tag("boats", other)
    old = say(cast.tom, cast.article, "A herring.")
    new = say(cast.rosa, other, "A herring, too.")
    dated(old, 40)
    finder.index()
    assert finder.comments("herring") == [new, old]
    assert finder.comments("herring", author="tom") == [old]
    assert finder.comments("herring", subject="boats") == [new]
    assert finder.comments("herring", article=cast.article.slug) == [old]
    middle = f"{now() - timedelta(days=20):%Y-%m-%d}"
    assert finder.comments("herring", since=middle) == [new]
    assert finder.comments("herring", until=middle) == [old]
    assert finder.comments("herring", until=middle, author="rosa") == []
    assert "Nothing was found there." in finder.page("herring", until=middle, author="rosa")


@pytest.mark.parametrize("typed", ["Küche", "küche", "kuche", "KÜCHE"])
def test_a_subject_is_typed_as_its_name_or_its_address(cast, finder, typed):
    wanted = {"title": "Two pots", "body": "A herring.", "tags": "Küche, C++", "act": "publish"}
    assert cast.browser(cast.ida).post("/articles/new", **wanted).status_code == 303
    finder.index()
    assert finder.articles("herring", subject=typed) == ["two-pots"]
    assert finder.articles("herring", subject="C++") == ["two-pots"]


@pytest.mark.parametrize("typed", ["Ida-Brandt", "ida-brandt", "IDA-BRANDT", " Ida Brandt "])
def test_an_author_is_found_in_whatever_case_the_name_is_typed(cast, finder, typed):
    made = say(member("Ida-Brandt", "Ida Brandt"), cast.article, "A herring.")
    finder.index()
    assert finder.comments("herring", author=typed) == [made]


@pytest.mark.parametrize(
    "narrowed, said",
    [
        ({"author": "nobody-here"}, "There is nobody with the sign-in name nobody-here."),
        ({"subject": "trains"}, "There is no subject trains."),
        ({"article": "x'\"%"}, "There is no article with the address x&#39;&#34;%."),
        ({"since": "yesterday"}, "yesterday is no day."),
        ({"until": "0001-01-01"}, "0001-01-01 is no day."),
        ({"until": "9999-12-31"}, "9999-12-31 is no day."),
        ({"since": "2021-09-18", "until": "2021-09-17"}, "The first day is after the last one"),
    ],
)
def test_what_is_not_known_is_said(cast, finder, narrowed, said):
    made = say(cast.tom, cast.article, "A herring.")
    finder.index()
    page = finder.page("herring", **narrowed)
    assert said in page
    assert f"/comments/{made}" not in page


def test_a_person_who_does_not_list_their_comments_is_no_filter(cast, finder):
    say(cast.tom, cast.article, "A herring.")
    db.lock()
    cast.tom.hides_comments = True
    db.commit()
    finder.index()
    assert "does not have their comments listed" in finder.page("herring", author="tom")
    assert len(finder.comments("herring")) == 1


def test_an_empty_page_and_a_question_without_words(cast, finder):
    assert "What was found" not in finder.page("")
    assert "There is no word in that." in finder.page("?!")
    assert "say also what to look for" in finder.page("-herring")
    assert "Nothing was found." in finder.page("herring")


def test_pages_follow_each_other_newest_first(cast, finder):
    made = [say(cast.tom, cast.article, f"Herring number {number}.") for number in range(45)]
    dated(made[3], 3000)
    finder.index()
    seen, address = [], "/search?q=herring"
    while address:
        page = cast.browser().get(address).text
        seen += [int(id) for id in re.findall(r'result-where"><a href="/comments/(\d+)"', page)]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else None
    assert seen == [*[id for id in made[::-1] if id != made[3]], made[3]]


def test_best_first_and_its_pages(cast, finder, monkeypatch):
    vague = say(cast.tom, cast.article, "A herring. " + "And so on and on. " * 100 + "A boat.")
    near = say(cast.tom, cast.article, "A herring boat.")
    rest = [say(cast.rosa, cast.article, f"Boat and {'so on and ' * 20} herring {number}.") for number in range(21)]
    finder.index()
    first = finder.comments("herring boat", order="best")
    assert first[0] == near and vague not in first
    second = finder.comments("herring boat", order="best", start=20)
    assert second[-1] == vague and {*first, *second} == {near, vague, *rest}
    assert "the best of the newest" not in finder.page("herring boat", order="best")
    monkeypatch.setattr(queries, "RANKED", 5)
    assert "the best of the newest" in finder.page("herring boat", order="best")


def test_a_page_that_looked_at_enough_says_how_far_and_goes_on(cast, finder, monkeypatch):
    found = say(cast.tom, cast.article, "To be or not to be.")
    for number in range(30):
        say(cast.rosa, cast.article, f"Not or be, to {number}.")
    finder.index()
    monkeypatch.setattr(queries, "READ", 21)
    page = finder.page('"to be or not"')
    assert "was looked through" in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert f"/comments/{found}" in cast.browser().get(following[1].replace("&amp;", "&")).text


def test_the_best_are_looked_for_further_back_where_none_was_found(cast, finder, monkeypatch):
    found = say(cast.tom, cast.article, "To be or not to be.")
    for number in range(30):
        say(cast.rosa, cast.article, f"Not or be, to {number}.")
    finder.index()
    monkeypatch.setattr(queries, "READ", 21)
    page = finder.page('"to be or not"', order="best")
    assert "was looked through" in page and "Nothing was found" not in page
    following = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert "order=best" in following and f"/comments/{found}" in cast.browser().get(following).text


def test_of_long_texts_fewer_are_read_for_a_page(cast, finder, monkeypatch):
    made = [factories.article(cast.ida, f"Herring {number}", "and so on " * 100).slug for number in range(5)]
    finder.index()
    monkeypatch.setattr(queries, "LETTERS", 1500)
    seen, address = [], "/search?q=herring"
    while address:
        page = cast.browser().get(address).text
        some = re.findall(r'result-where"><a href="/articles/([^"]+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        assert len(some) <= 2 and bool(following) == ("was looked through" in page)
        seen += some
        address = following[1].replace("&amp;", "&") if following else None
    assert seen == made[::-1]


@pytest.mark.parametrize("order", ["newest", "best"])
def test_beginnings_that_many_words_have_are_found_together(cast, finder, monkeypatch, order):
    monkeypatch.setattr(candidates, "NEWEST", 10)
    old = [say(cast.tom, cast.article, f"Mackerel{number} herring{number}.") for number in range(3)]
    for number in range(60):
        say(cast.rosa, cast.article, f"Herring{number} herringbone{number}.")
    finder.index()
    for frequent in (100, 1):  # the index is asked for all letters, or for the first three
        monkeypatch.setattr(candidates, "FREQUENT", frequent)
        assert sorted(finder.comments("herri* mack*", order=order)) == old
        assert finder.comments("herri* nowhere*", order=order) == []


def test_much_that_waits_is_said(cast, finder, monkeypatch):
    say(cast.tom, cast.article, "A herring.")
    finder.index()
    assert "cannot be found yet" not in finder.page("herring")
    monkeypatch.setattr(queries, "_WAITING", 2)
    for _ in range(3):
        say(cast.tom, cast.article, "A boat.")
    assert "cannot be found yet" in finder.page("herring")


@pytest.mark.parametrize("parameter", ["after", "start"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "9" * 30, "20240101T000000000000-1", "'", "7" * 1000])
def test_an_unknown_place_is_answered(cast, finder, parameter, value):
    say(cast.tom, cast.article, "A herring.")
    finder.index()
    for order in ("newest", "best", "x"):
        finder.page("herring", order=order, **{parameter: value})


def test_a_reader_who_narrows_down_without_a_word_is_asked_for_one(cast, finder):
    asked = "Type what to look for there."
    assert asked in finder.page("", author="tom") and asked not in finder.page("") + finder.page("bench", author="tom")
    assert 'aria-describedby="search-hint" autofocus>' in finder.page("")
    assert "autofocus" not in finder.page("bench")


def test_a_reader_who_asks_very_often_is_asked_to_wait(cast, database, settings, tmp_path):
    made = create_app(replace(settings, instance=tmp_path / "limits", database_url=database, rate_limits=True))
    visitor, statuses = made.test_client(), []
    for number in range(65):
        answer = visitor.get(f"/search?q=herring+{number}")
        statuses.append(answer.status_code)
    assert statuses == [200] * 60 + [429] * 5
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert visitor.get("/search").status_code == 200  # the empty form costs nothing
    with made.app_context():
        db.engine().dispose()
