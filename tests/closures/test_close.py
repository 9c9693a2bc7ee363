"""End an exchange, a discussion, or what two people have to say to each other."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from forum import db
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.models import Comment
from forum.comments.writing import actions
from forum.errors import Conflict, Forbidden, Invalid
from forum.ledger.models import Entry
from forum.people.queries import viewer_of
from tests import factories
from tests.comments.talk import exchange, put, row, say


def closures() -> list[Closure]:
    return list(db.session.scalars(select(Closure).order_by(Closure.id)))


def comments() -> int:
    return db.session.scalars(select(func.count()).select_from(Comment)).one()


def end(cast, comment: int, actor=None, **values) -> int:
    made = closing.close_branch(viewer_of((actor or cast.quill).id), comment, Ending(**values))
    db.commit()
    return made.id


def may(writer, article, parent: int | None) -> bool:
    """Try to write and tell whether it went; nothing stays."""
    try:
        actions.post(writer, article.id, "May I?", parent_id=parent)
    except Conflict:
        return False
    finally:
        db.rollback()
    return True


def test_a_branch_is_closed_and_the_rest_is_open(cast):
    ids = exchange(cast)
    beside = say(cast.rosa, cast.article, parent=ids[1])
    end(cast, ids[2])
    assert [may(cast.rosa, cast.article, id) for id in ids] == [True, True, False, False, False, False]
    assert may(cast.rosa, cast.article, beside)
    assert may(cast.rosa, cast.article, None)


def test_moderators_too_are_silent_where_it_is_closed(cast):
    ids = exchange(cast)
    end(cast, ids[2])
    assert not may(cast.quill, cast.article, ids[3])
    assert not may(cast.ada, cast.article, ids[3])


def test_unless_the_closing_says_staff_may(cast):
    ids = exchange(cast)
    end(cast, ids[2], staff_may=True)
    assert may(cast.quill, cast.article, ids[3])
    assert may(cast.ida, cast.article, ids[3])  # the article's author moderates here
    assert not may(cast.tom, cast.article, ids[3])


def test_an_article_is_closed_for_everybody(cast):
    ids = exchange(cast)
    closing.close_article(cast.ida, cast.article.id, Ending(words="Thank you all."))
    db.commit()
    assert not any(may(cast.rosa, cast.article, parent) for parent in (None, *ids))
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert "Thank you all." in page
    assert "/reply" not in page


def test_the_words_stand_in_place_and_no_reply_link_under_them(cast):
    ids = exchange(cast)
    end(cast, ids[2], words="Let us <leave> it there.")
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert page.index(f'id="c-{ids[5]}"') < page.index("Let us &lt;leave&gt; it there.")
    assert f"/comments/{ids[1]}/reply" in page
    assert f"/comments/{ids[2]}/reply" not in page
    assert f"/comments/{ids[5]}/reply" not in page


class TestTwoPeople:
    """Its writer is one of them, and the nearest comment above that is not the writer's own is the other's."""

    @pytest.fixture
    def ended(self, cast):
        ids = exchange(cast)
        end(cast, ids[-1], people="two")
        return ids

    def test_they_no_longer_answer_each_other(self, cast, ended):
        assert not may(cast.tom, cast.article, ended[-1])
        assert not may(cast.ida, cast.article, ended[-2])

    def test_not_elsewhere_under_the_article_either(self, cast, ended):
        other = say(cast.tom, cast.article)
        assert not may(cast.ida, cast.article, other)

    def test_not_by_answering_oneself(self, cast, ended):
        # Tom answers his own comment, which answered Ida: the nearest that is not his own is hers.
        assert not may(cast.tom, cast.article, ended[2])

    def test_a_thread_of_ones_own_goes_on(self, cast, ended):
        assert may(cast.tom, cast.article, ended[0])
        assert may(cast.tom, cast.article, None)

    def test_others_go_on_with_both(self, cast, ended):
        assert may(cast.rosa, cast.article, ended[-1])
        assert may(cast.quill, cast.article, ended[-2])

    def test_both_answer_a_third(self, cast, ended):
        between = say(cast.rosa, cast.article, parent=ended[-1])
        assert may(cast.tom, cast.article, between)
        own = say(cast.tom, cast.article, parent=between)
        assert may(cast.tom, cast.article, own)

    def test_other_articles_are_not_concerned(self, cast, ended):
        other = factories.article(cast.otto)
        root = say(cast.tom, other)
        assert may(cast.ida, other, root)

    def test_readers_learn_only_that_it_has_ended(self, cast, ended):
        page = cast.browser().get(f"/articles/{cast.article.slug}").text
        assert "This exchange has ended." in page
        about = cast.browser().get(f"/closures/{closures()[0].id}").text
        assert "Tom" not in about

    def test_editing_stays_open(self, cast, ended):
        actions.edit(cast.tom, ended[-2], "Put better.")
        db.commit()

    def test_three_people_are_not_two(self, cast):
        root = say(cast.rosa, cast.article)
        with pytest.raises(Invalid):
            end(cast, root, people="two")
        db.rollback()


def test_once_more_means_once(cast):
    ids = exchange(cast)
    end(cast, ids[-1], actor=cast.ida, once=True)
    assert closures()[0].once_id == cast.tom.id
    assert closures()[0].took_part
    last = say(cast.tom, cast.article, "My last word.", parent=ids[-1])
    assert not may(cast.tom, cast.article, last)
    assert not may(cast.tom, cast.article, ids[-1])


def test_once_more_between_two(cast):
    ids = exchange(cast)
    end(cast, ids[-1], actor=cast.ida, people="two", once=True)
    assert not may(cast.ida, cast.article, ids[-2])
    say(cast.tom, cast.article, "My last word.", parent=ids[-1])
    assert not may(cast.tom, cast.article, ids[-1])


def test_until_a_moment(cast):
    ids = exchange(cast)
    end(cast, ids[2], until=now() + timedelta(hours=1))
    assert not may(cast.tom, cast.article, ids[3])
    with time_machine.travel(now() + timedelta(hours=2), tick=True):
        assert may(cast.tom, cast.article, ids[3])
        assert f"/comments/{ids[3]}/reply" in cast.browser().get(f"/articles/{cast.article.slug}").text


@pytest.mark.parametrize(
    "until",
    [
        *("yesterday", "2001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:00", "0001-01-01T00:00+23:00"),
        *("9999-12-31", "9999-12-31T00:00:00Z", "2199-01-01T00:00:00Z"),
    ],
)
def test_an_impossible_end_is_refused_with_the_words(cast, until):
    ids = exchange(cast)
    answer = cast.browser(cast.quill).post(f"/comments/{ids[2]}/close", words="Enough.", people="all", until=until)
    assert answer.status_code == 422
    assert "Enough." in answer.text
    assert closures() == []


def test_the_contract_of_scripts(cast):
    ids = exchange(cast)
    until = (now() + timedelta(days=1)).isoformat()
    browser = cast.browser(cast.quill)
    answer = browser.post(f"/comments/{ids[2]}/close", words="Enough.", people="all", until=until, reply="A last word.")
    assert answer.status_code == 303
    made = closures()[0]
    assert (made.branch_id, made.words, made.closed_by_id) == (ids[2], "Enough.", cast.quill.id)
    assert row(made.at_id).parent_id == ids[2]
    assert row(made.at_id).closure_count == 1
    assert browser.post(f"/articles/{cast.article.slug}/close", words="All of it.").status_code == 303
    assert (closures()[1].branch_id, closures()[1].person_a_id) == (None, None)


def test_the_form_proposes_where_the_run_begins(cast):
    first = say(cast.rosa, cast.article, "Begins.")
    ids = [say(cast.tom, cast.article, parent=first)]
    for number in range(3):
        ids.append(say(cast.tom if number % 2 else cast.ida, cast.article, parent=ids[-1]))
    browser = cast.browser(cast.quill)
    page = browser.get(f"/comments/{ids[-1]}/close").text
    assert 'value="two" checked' in page
    assert f'<option selected value="{ids[0]}"' in page
    assert browser.post(f"/comments/{ids[-1]}/close", reach="branch", start=str(ids[1])).status_code == 303
    assert closures()[0].branch_id == ids[1]
    assert browser.post(f"/comments/{ids[-1]}/close", reach="thread").status_code == 303
    assert closures()[1].branch_id == first


@pytest.mark.parametrize("fields", [
    {"reach": "branch", "start": "abc"}, {"reach": "branch", "start": "999999"}, {"reach": "banana"},
    {"people": "three"}, {"people": "all", "words": "x" * 1001}, {"people": "all", "reply": "x" * 10_001},
])  # fmt: skip
def test_what_the_form_does_not_offer_is_refused(cast, fields):
    ids = exchange(cast)
    answer = cast.browser(cast.quill).post(f"/comments/{ids[2]}/close", **{"words": "Kept words.", **fields})
    assert answer.status_code == 422
    assert ("Kept words." in answer.text) or "words" in fields
    assert closures() == []
    assert comments() == len(ids)


def test_two_people_cannot_close_an_article(cast):
    answer = cast.browser(cast.quill).post(f"/articles/{cast.article.slug}/close", people="two")
    assert answer.status_code == 422


@pytest.mark.parametrize("name", ["tom", "rosa", "otto", "sven"])
def test_a_person_who_may_not_close_is_refused(cast, name):
    ids = exchange(cast)
    browser = cast.browser(getattr(cast, name))
    for address in (f"/comments/{ids[2]}/close", f"/articles/{cast.article.slug}/close"):
        assert browser.get(address).status_code == 403
        answer = browser.post(address, words="Silence!")
        assert answer.status_code == 403
        assert "Silence!" in answer.text
    assert closures() == []


def test_visitors_are_asked_to_sign_in(cast):
    ids = exchange(cast)
    assert cast.browser().get(f"/comments/{ids[2]}/close").status_code == 303


def test_forged_posts_change_nothing(cast):
    ids = exchange(cast)
    browser = cast.browser(cast.quill)
    assert browser.forge(f"/comments/{ids[2]}/close", words="Forged.").status_code == 403
    assert browser.forge(f"/articles/{cast.article.slug}/close", words="Forged.").status_code == 403
    made = end(cast, ids[2])
    assert browser.forge(f"/closures/{made}/reopen").status_code == 403
    assert browser.forge(f"/closures/{made}/undo").status_code == 403
    assert [closure.reopened_at for closure in closures()] == [None]


class TestReplyAndClose:
    """One act: both happen or neither."""

    def test_both(self, cast):
        ids = exchange(cast)
        end(cast, ids[-2], actor=cast.ida, reply="This is my last word.", start_id=ids[0])
        reply = closures()[0].at_id
        assert "This is my last word." in row(reply).html
        assert not may(cast.tom, cast.article, reply)

    def test_neither_where_the_reply_is_refused(self, cast):
        ids = exchange(cast)
        end(cast, ids[2], words="It was quicker.")
        answer = cast.browser(cast.ida).post(f"/comments/{ids[4]}/close", words="Mine.", people="two", reply="My word.")
        assert answer.status_code == 409
        assert "It was quicker." in answer.text
        assert "My word." in answer.text
        assert "Mine." in answer.text
        assert (len(closures()), comments()) == (1, len(ids))

    def test_neither_where_the_closing_is_refused(self, cast):
        ids = exchange(cast)
        for fields in ({"people": "two"}, {"people": "all"}):
            with pytest.raises(Forbidden):
                end(cast, ids[-1], actor=cast.tom, reply="My word.", **fields)
            db.rollback()
        with pytest.raises(Invalid):
            end(cast, ids[2], reply="My word.", start_id=ids[4])
        db.rollback()
        assert (closures(), comments()) == ([], len(ids))

    def test_sent_twice_it_happens_once(self, cast):
        ids = exchange(cast)
        browser = cast.browser(cast.ida)
        fields = {"words": "Enough.", "reach": "two", "reply": "My last word.", "key": "k1"}
        first = browser.post(f"/comments/{ids[-2]}/close", **fields)
        assert browser.post(f"/comments/{ids[-2]}/close", **fields).location == first.location
        assert (len(closures()), comments()) == (1, len(ids) + 1)


def test_the_same_is_not_closed_twice(cast):
    ids = exchange(cast)
    end(cast, ids[2], words="First.")
    answer = cast.browser(cast.quill).post(f"/comments/{ids[2]}/close", words="Second.", people="all")
    assert answer.status_code == 409
    assert "First." in answer.text
    assert "Second." in answer.text
    closing.close_article(cast.ida, cast.article.id, Ending())
    db.commit()
    with pytest.raises(Conflict):
        closing.close_article(cast.ida, cast.article.id, Ending())
    db.rollback()
    assert len(closures()) == 2


def test_undone_within_ten_minutes_without_a_trace(cast):
    ids = exchange(cast)
    browser = cast.browser(cast.quill)
    answer = browser.post(f"/comments/{ids[2]}/close", words="A slip.", people="all")
    made = closures()[0].id
    assert f'action="/closures/{made}/undo"' in browser.get(f"/articles/{cast.article.slug}").text
    assert answer.status_code == 303
    assert browser.post(f"/closures/{made}/undo").status_code == 303
    assert closures() == []
    assert {row(id).closure_count for id in ids} == {0}
    assert "A slip." not in cast.browser().get(f"/articles/{cast.article.slug}").text
    assert cast.browser().get(f"/closures/{made}").status_code == 404
    assert db.session.scalars(select(Entry.act).where(Entry.act == "closure.undo")).all() == ["closure.undo"]


def test_later_or_by_others_it_is_reopened_not_undone(cast):
    ids = exchange(cast)
    made = end(cast, ids[2])
    assert cast.browser(cast.ada).post(f"/closures/{made}/undo").status_code == 403
    assert cast.browser(cast.tom).post(f"/closures/{made}/undo").status_code == 403
    with time_machine.travel(now() + timedelta(minutes=11), tick=True):
        assert cast.browser(cast.quill).post(f"/closures/{made}/undo").status_code == 403
        assert cast.browser(cast.ada).post(f"/closures/{made}/reopen", reason="Calmer now.").status_code == 303
    assert may(cast.tom, cast.article, ids[3])
    assert "Calmer now." in cast.browser().get(f"/closures/{made}").text


def test_reopening_one_leaves_the_other(cast):
    ids = exchange(cast)
    outer, inner = end(cast, ids[1]), end(cast, ids[3])
    assert [row(id).closure_count for id in ids] == [0, 1, 1, 2, 2, 2]
    closing.reopen(cast.quill, outer, "")
    db.commit()
    assert [may(cast.rosa, cast.article, id) for id in ids] == [True, True, True, False, False, False]
    closing.reopen(cast.quill, inner, "")
    db.commit()
    assert {row(id).closure_count for id in ids} == {0}
    assert may(cast.rosa, cast.article, ids[-1])


def test_a_reply_inherits_what_covers_it(cast):
    ids = exchange(cast)
    end(cast, ids[1], staff_may=True)
    reply = say(cast.quill, cast.article, parent=ids[2])
    assert row(reply).closure_count == 1


def test_reopening_twice_is_a_conflict(cast):
    ids = exchange(cast)
    made = end(cast, ids[2])
    browser = cast.browser(cast.quill)
    assert browser.post(f"/closures/{made}/reopen", reason="").status_code == 303
    assert browser.get(f"/closures/{made}/reopen").status_code == 409
    answer = browser.post(f"/closures/{made}/reopen", reason="Once again.")
    assert answer.status_code == 409
    assert "Once again." in answer.text
    assert row(ids[2]).closure_count == 0


def test_an_ended_one_is_taken_out_of_the_counts_once(cast):
    ids = exchange(cast)
    made = end(cast, ids[2], until=now() + timedelta(hours=1))
    with time_machine.travel(now() + timedelta(hours=2), tick=True):
        closing.reopen(cast.quill, made, "")
        db.commit()
    assert {row(id).closure_count for id in ids} == {0}


def test_editing_is_closed_and_deleting_is_not(cast):
    ids = exchange(cast)
    end(cast, ids[2])
    with pytest.raises(Conflict):
        actions.edit(cast.tom, ids[2], "Changed.")
    db.rollback()
    actions.withdraw(cast.tom, ids[2])
    db.commit()
    assert row(ids[2]).status == "withdrawn"


def test_the_note_is_for_moderators(cast):
    ids = exchange(cast)
    made = end(cast, ids[2], note="The third time this week.")
    assert "third time" in cast.browser(cast.ada).get(f"/closures/{made}").text
    for person in (cast.tom, None):
        assert "third time" not in cast.browser(person).get(f"/closures/{made}").text


def test_the_person_who_took_part_is_said_to_have(cast):
    ids = exchange(cast)
    end(cast, ids[2], actor=cast.ida)
    assert "who took part" in cast.browser().get(f"/articles/{cast.article.slug}").text


def test_a_sealed_comment_is_not_quoted_on_the_form(cast):
    ids = exchange(cast)
    put(ids[2], "sealed")
    assert "Turn 2." not in cast.browser(cast.quill).get(f"/comments/{ids[2]}/close").text


def test_a_closing_under_a_draft_is_not_found(cast):
    ids = exchange(cast)
    made = end(cast, ids[2])
    db.lock(cast.article.id)
    cast.article.status = "draft"
    db.commit()
    for address in (f"/closures/{made}", f"/closures/{made}/reopen"):
        assert cast.browser(cast.rosa).get(address).status_code == 404
    assert cast.browser(cast.rosa).post(f"/closures/{made}/undo").status_code == 404


def test_authors_find_their_own_in_the_list(cast):
    ids = exchange(cast)
    end(cast, ids[2], words="Under Ida's article.")
    assert "Under Ida" in cast.browser(cast.ida).get("/moderation/closures").text
    assert "Under Ida" in cast.browser(cast.quill).get("/moderation/closures").text
    assert "Under Ida" not in cast.browser(cast.otto).get("/moderation/closures").text
    assert cast.browser(cast.tom).get("/moderation/closures").status_code == 403
