"""What moderation removed without leaving a place is told where it was, by rule, without a name or a text."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from forum import db
from forum.clock import now
from forum.comments.models import Comment
from forum.comments.reading.traces import _TRACES, OF_ARTICLE, removed
from forum.comments.writing import actions as comments
from forum.moderation import actions, erasing
from tests import factories
from tests.comments.talk import counted, pour, put, say
from tests.moderation import scene

WORDS = "A word nobody reads any more"


def told(cast, address=""):
    """Return the lines of a page that tell of removals."""
    page = cast.browser().get(address or f"/articles/{cast.article.slug}").text
    assert WORDS not in page
    return re.findall(r'<p class="removed">(.*?)</p>', page, re.S)


def answers(cast, number, parent):
    return [say(cast.tom, cast.article, WORDS, parent) for _ in range(number)]


def test_replies_are_told_by_rule_and_come_back_with_an_undo(cast):
    first = say(cast.ida, cast.article, "What do you think?")
    one, two, three = answers(cast, 3, first)
    say(cast.rosa, cast.article, "I like it.", first)
    decisions = [scene.decide(cast.quill, id, "hide", rule) for id, rule in ((one, "4"), (two, "2"), (three, "4"))]
    assert told(cast) == ["1 reply removed, rule 2 ·&nbsp;2 replies removed, rule 4"]
    assert told(cast, f"/comments/{first}/branch") == told(cast)
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert "Tom" not in page
    assert page.index('class="removed"') < page.rindex("I like it.")
    for made in decisions:
        actions.undo(scene.actor(cast.quill), made)
        db.commit()
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert 'class="removed"' not in page and page.count(f"<p>{WORDS}</p>") == 3


def test_threads_are_told_where_the_discussion_ends(cast):
    for id in answers(cast, 2, None):
        scene.decide(cast.quill, id, "hide", "1")
    assert told(cast) == ["2 comments removed, rule 1"]
    say(cast.rosa, cast.article, "A good morning.")
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert page.rindex("A good morning.") < page.index('class="removed"')


def test_a_removed_branch_is_told_as_a_whole(cast):
    first = say(cast.ida, cast.article, "What do you think?")
    top = answers(cast, 1, first)[0]
    below = answers(cast, 1, answers(cast, 1, top)[0])[0]
    scene.decide(cast.quill, top, "hide-replies", "3")
    assert told(cast) == ["3 replies removed, rule 3"]
    assert told(cast, f"/comments/{below}") == []


def test_what_has_a_place_stands_as_ever_and_is_not_told_twice(cast):
    first = answers(cast, 1, None)[0]
    say(cast.rosa, cast.article, "An answer", first)
    scene.decide(cast.quill, first, "hide", "4")
    assert told(cast) == []


def sealed(cast, id):
    put(id, "sealed")


def by_law(cast, id):
    put(id, "hidden")


def erased(cast, id):
    erasing.erase_comment(scene.actor(cast.ada), id, "4")
    db.commit()


def removed_then_erased(cast, id):
    scene.decide(cast.quill, id, "hide", "2")
    erasing.erase_comment(scene.actor(cast.ada), id, "")
    db.commit()


def spam(cast, id):
    scene.decide(cast.quill, id, "spam", "")


def spam_erased(cast, id):
    spam(cast, id)
    erased(cast, id)


def deleted(cast, id):
    comments.withdraw(scene.actor(cast.tom), id)
    db.commit()


def deleted_long_ago(cast, id):
    deleted(cast, id)
    assert erasing.erase_withdrawn(now() + timedelta(days=31)) == 1
    db.commit()


def held(cast, id):
    db.lock()
    db.session.execute(update(Comment).where(Comment.id == id).values(held_reason="links"))
    db.commit()
    put(id, "held")


def held_then_removed(cast, id):
    held(cast, id)
    scene.decide(cast.quill, id, "hide", "4")


def held_then_erased(cast, id):
    held(cast, id)
    erased(cast, id)


def hidden_by_reports_then_removed(cast, id):
    held(cast, id)
    db.lock()
    db.session.execute(update(Comment).where(Comment.id == id).values(held_reason="reported"))
    db.commit()
    scene.decide(cast.quill, id, "hide", "4")


@pytest.mark.parametrize(
    ("act", "line"),
    [
        (sealed, "1 reply removed"),
        (by_law, "1 reply removed"),
        (erased, "1 reply removed, rule 4"),
        (removed_then_erased, "1 reply removed, rule 2"),
        (hidden_by_reports_then_removed, "1 reply removed, rule 4"),
        (spam, ""),
        (spam_erased, ""),
        (deleted, ""),
        (deleted_long_ago, ""),
        (held, ""),
        (held_then_removed, ""),  # no reader ever saw it
        (held_then_erased, ""),
    ],
)
def test_what_is_told(cast, act, line):
    first = say(cast.ida, cast.article, "What do you think?")
    act(cast, answers(cast, 1, first)[0])
    assert told(cast) == ([line] if line else [])


def test_a_rule_without_a_number_is_told_in_its_first_words(cast):
    first = say(cast.ida, cast.article, "What do you think?")
    put(answers(cast, 1, first)[0], "hidden", "Be <kind> to each other" + "!" * 100)
    assert told(cast) == [f"1 reply removed, rule Be &lt;kind&gt; to each other{'!' * 37}"]


def test_moderators_see_the_comments_themselves(cast):
    first = say(cast.ida, cast.article, "What do you think?")
    gone = answers(cast, 1, first)[0]
    scene.decide(cast.quill, gone, "hide", "4")
    page = cast.browser(cast.quill).get(f"/articles/{cast.article.slug}").text
    assert f'id="c-{gone}"' in page and 'class="removed"' not in page
    assert 'class="removed"' in cast.browser(cast.tom).get(f"/articles/{cast.article.slug}").text


def test_levels_and_counts_are_as_without_it(cast):
    first = say(cast.ida, cast.article, "What do you think?")
    gone = answers(cast, 1, first)[0]
    say(cast.rosa, cast.article, "I like it.", first)
    scene.decide(cast.quill, gone, "hide", "4")
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert re.findall(r'data-level="(\d)"', page) == ["0", "0"]
    assert "2 comments" in page and 'class="branches"' not in page


def test_however_many_were_removed_one_statement_reads_them_by_their_index(cast):
    pour(factories.article(cast.otto), [cast.tom], [n - n % 10 if n % 10 else None for n in range(10_000)])
    ids = pour(cast.article, [cast.ida, cast.tom], [None, *[0] * 500, *[None] * 250])
    db.lock(cast.article.id)
    gone = update(Comment).where(Comment.id > ids[0])
    db.session.execute(gone.values(status="hidden", rule="4. No advertising."))
    db.session.execute(update(Comment).where(Comment.id == ids[0]).values(reply_count=0))
    db.session.execute(text("ANALYZE"))
    db.commit()
    article = cast.article.id
    with counted() as sent:
        found = removed(article, ids[:1], is_end=True)
    assert found == {ids[0]: (("4", 500),), OF_ARTICLE: (("4", 250),)}
    assert len(sent) == 1
    plan = explained(article, ids[0])
    assert not re.findall(r"SCAN c\b|SCAN r\b|Seq Scan", plan), plan
    assert plan.count("ix_comments_traces") >= 2, plan


def explained(article, root):
    """Return how the database would read it."""
    statement = _TRACES.text.replace(":roots", f"({root})").replace(":reported", "'reported'")
    statement = statement.replace(":article", str(article)).replace(":ended", str(article))
    how = "EXPLAIN QUERY PLAN" if db.engine().dialect.name == "sqlite" else "EXPLAIN"
    with db.engine().connect() as connection:
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{how} {statement}"))
