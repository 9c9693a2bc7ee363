"""A form that is sent twice at the same moment does once what it says: two connections, two threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from forum import db
from forum.articles import actions as articles
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.comments.writing import actions as comments
from forum.legal import actions as legal
from forum.legal.actions import Filing
from forum.legal.models import LegalNotice
from forum.people.queries import viewer_of
from forum.sanctions import actions as sanctions
from forum.sanctions.actions import Wanted
from forum.sanctions.models import Sanction
from tests.cast import Cast
from tests.legal.scene import SENDER
from tests.racing import Race

pytestmark = pytest.mark.both_kinds

ROUNDS = 8
Send = Callable[[str], Any]


def notice(about: str) -> Callable[[Cast], Send]:
    """Return how a notice of law is sent."""

    def prepared(cast: Cast) -> Send:
        address = about.format(slug=cast.article.slug)
        return lambda words: legal.file(Filing(address, "insult", words, **SENDER), lambda host: False)[0].id

    return prepared


def sanction(kind: str) -> Callable[[Cast], Send]:
    """Return how a moderator notes something about a person, or warns them."""

    def prepared(cast: Cast) -> Send:
        who, whom = viewer_of(cast.quill.id), cast.tom.id
        return lambda words: sanctions.sanction(who, whom, Wanted(kind, words=words, note=words)).id

    return prepared


def new_article(cast: Cast) -> Send:
    """Return how an author begins an article."""
    who = viewer_of(cast.ida.id)
    return lambda words: articles.create_once(who, articles.check_words("Once", words))[0].id


def comment(cast: Cast) -> Send:
    """Return how a member posts, with another key each time: Back and again."""
    who, article_id, keys = viewer_of(cast.tom.id), cast.article.id, iter(range(100))
    return lambda words: comments.post(who, article_id, words, key=f"k{next(keys)}").id


FORMS: dict[str, tuple[type[Any], Callable[[Cast], Send]]] = {
    "notice about nothing of ours": (LegalNotice, notice("what they said at the bridge")),
    "notice about an article": (LegalNotice, notice("/articles/{slug}")),
    "note": (Sanction, sanction("note")),
    "warning": (Sanction, sanction("warning")),
    "article": (Article, new_article),
    "comment": (Comment, comment),
}


@pytest.mark.parametrize("form", list(FORMS))
def test_a_form_that_is_sent_twice_at_once_is_one(cast: Cast, form: str) -> None:
    table, prepare = FORMS[form]
    send = prepare(cast)
    before = db.session.scalar(select(func.count()).select_from(table)) or 0
    db.rollback()
    for number in range(ROUNDS):
        act = lambda number=number: send(f"Words {number}.")  # noqa: E731
        results = Race(cast, lambda: None).run(None, one=act, other=act)
        assert not [one for one in results.values() if isinstance(one, Exception)], results
        assert results["one"] == results["other"]
    assert db.session.scalar(select(func.count()).select_from(table)) == before + ROUNDS
    db.rollback()
