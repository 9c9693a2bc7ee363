"""What stands around an article: before, after, on its subjects, by its author; new at once on pages that are kept."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from werkzeug.test import TestResponse

from forum import db
from forum.articles import actions
from forum.articles.actions import check_words
from forum.articles.models import Article, Tag
from forum.clock import now
from forum.people.queries import viewer_of
from tests import factories
from tests.cast import Cast
from tests.comments.talk import say


def tagged(cast: Cast, title: str, *names: str, author: str = "ida", days: int = 2, **values: object) -> Article:
    """Publish an article with tags."""
    moment = now() - timedelta(days=days)
    db.lock()
    found = {tag.name: tag for tag in db.session.query(Tag).all()}
    tags = [found.get(name) or Tag(slug=name.lower(), name=name) for name in names]
    made = factories.new_article(getattr(cast, author), title, **{"published_at": moment, "tags": tags, **values})
    db.commit()
    return made


def visited(cast: Cast, article: Article) -> TestResponse:
    """Return an article's page as a visitor without any cookie gets it, which is kept."""
    answer = Context().run(cast.app.test_client().get, f"/articles/{article.slug}")
    db.session.expire_all()
    return answer


def around(cast: Cast, article: Article) -> str:
    """Return what a visitor's page shows around an article."""
    return visited(cast, article).text.partition('<nav class="around"')[2].partition("</nav>")[0]


@pytest.fixture
def bench(cast: Cast) -> Article:
    """Return an article about the square."""
    return tagged(cast, "A bench", "Square", days=5)


def test_before_and_after_on_the_subject_and_by_the_author(cast, bench):
    tagged(
        cast, "A fountain", "Square", author="otto", days=9, source_name="The Post", source_url="https://post.example/1"
    )
    tagged(cast, "A lamp", author="otto", days=4)
    tagged(cast, "A tree", days=30)
    tagged(cast, "Not yet", "Square", status="draft", published_at=None)
    tagged(cast, "Tomorrow", "Square", days=-1)
    shown = around(cast, bench)
    subject, _, others = shown.partition("Also by Ida")
    others, _, beside = others.partition('class="beside"')
    assert "A fountain" in subject and "The Post" in subject and '/tags/square"' in subject
    assert "A tree" in others and cast.article.title in others and "A lamp" not in others
    assert beside.index("A fountain") < beside.index("A lamp")
    assert "Not yet" not in shown and "Tomorrow" not in shown


def test_nothing_stands_around_what_is_alone_or_a_draft(cast):
    assert around(cast, cast.article) == ""
    draft = tagged(cast, "A draft", status="draft", published_at=None)
    assert 'class="around"' not in cast.browser(cast.ida).get(f"/articles/{draft.slug}").text


def rename(cast: Cast, article: Article) -> None:
    seen = viewer_of(cast.ida.id)
    assert seen is not None
    actions.edit(seen, article.id, check_words("A seat", "Other words.", ["Square"]))


def untag(cast: Cast, article: Article) -> None:
    seen = viewer_of(cast.ida.id)
    assert seen is not None
    actions.edit(seen, article.id, check_words(article.title, article.source, []))


def take_back(cast: Cast, article: Article) -> None:
    seen = viewer_of(cast.ida.id)
    assert seen is not None
    actions.unpublish(seen, article.id)


@pytest.mark.parametrize(
    ("act", "gone", "new"),
    [(rename, "A bench", "A seat"), (untag, "More on this subject", ""), (take_back, "A bench", "")],
)
def test_a_page_that_is_kept_changes_with_other_articles(
    cast: Cast, bench: Article, act: Callable[[Cast, Article], None], gone: str, new: str
) -> None:
    fountain = tagged(cast, "A fountain", "Square", author="otto")
    assert gone in around(cast, fountain)
    act(cast, bench)
    db.commit()
    shown = around(cast, fountain)
    assert gone not in shown and new in shown


def test_a_comment_elsewhere_and_a_draft_change_no_page(cast, bench):
    before = visited(cast, bench).headers["ETag"]
    say(cast.tom, cast.article, "Good morning.")
    draft = tagged(cast, "A draft", "Square", status="draft", published_at=None)
    rename_draft = check_words("Another", "Words.", ["Square", "Trees"])
    actions.edit(viewer_of(cast.ida.id), draft.id, rename_draft)
    db.commit()
    assert visited(cast, bench).headers["ETag"] == before


def test_a_scheduled_article_stands_there_from_its_moment_on(cast, bench):
    tagged(cast, "Tomorrow", "Square", published_at=datetime(2035, 5, 1, tzinfo=UTC))
    assert "Tomorrow" not in around(cast, bench)
    with time_machine.travel(datetime(2035, 5, 1, 0, 1, tzinfo=UTC)):
        assert "Tomorrow" in around(cast, bench)


def test_subjects_and_months_say_how_many_articles_they_have(cast, bench):
    tagged(cast, "A fountain", "Square", "Water", days=40)
    tagged(cast, "Hidden", "Secret", status="draft", published_at=None)
    visitor = cast.browser()
    subjects, months = visitor.get("/tags").text, visitor.get("/archive").text
    assert subjects.index('Square</bdi></a> <span class="hint">2 articles') < subjects.index(
        'Water</bdi></a> <span class="hint">1 article'
    )
    assert "Secret" not in subjects
    assert sum(int(part.split()[0]) for part in months.split('<span class="hint">')[1:]) == 3


def test_subjects_stand_where_people_look_for_them(cast):
    wanted = {"title": "Names", "body": "Words.", "tags": "Zoo, \u00d6fen, Oper, apples", "act": "publish"}
    assert cast.browser(cast.ida).post("/articles/new", **wanted).status_code == 303
    page, export = cast.browser().get("/tags").text, cast.browser(cast.ada).get("/admin/export").text
    names = ("apples", "\u00d6fen", "Oper", "Zoo")
    for places in ([page.index(f"<bdi>{name}</bdi>") for name in names], [export.index(f">{name}<") for name in names]):
        assert places == sorted(places)
    offered = cast.browser(cast.ada).get(f"/admin/people/{cast.rosa.id}/tags").text
    assert [offered.index(name) for name in names] == sorted(map(offered.index, names))


@pytest.mark.parametrize("name", ["\u00d6fen", "\u00f6fen", "OFEN"])
def test_a_subject_is_found_where_its_name_is_its_address(cast, name):
    wanted = {"title": "Names", "body": "Words.", "tags": "\u00d6fen", "act": "publish"}
    assert cast.browser(cast.ida).post("/articles/new", **wanted).status_code == 303
    answer = cast.browser().get(f"/tags/{name}?from=1")
    assert (answer.status_code, answer.location) == (308, "/tags/ofen?from=1")


def test_no_subject_yet(cast):
    assert "No article has a subject yet." in cast.browser().get("/tags").text
