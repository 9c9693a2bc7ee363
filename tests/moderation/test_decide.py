"""Decide: keep, remove, remove with replies, spam; two moderators at once."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from forum import db
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.comments.writing import actions as comments
from forum.moderation.models import Decision
from forum.notifications import queries as notifications
from tests.moderation import scene


@pytest.fixture
def reported(cast):
    """Return a comment of Tom's that Rosa reported."""
    key = scene.write(cast.tom, cast.article, "Cheap lamps, best price.")
    scene.report(cast.rosa, key)
    return key


def seen(page):
    """Return what a page's form says it showed."""
    return re.search(r'name="seen" value="([^"]*)"', page)[1]


def test_remove(cast, reported):
    answer = cast.browser(cast.quill).post(f"/moderation/queue/{reported}", decision="hide", reason="1", note="again")
    assert (answer.status_code, answer.location) == (303, "/moderation/queue")
    assert scene.status(reported) == "hidden"
    made = db.session.query(Decision).one()
    assert made.rule.startswith("1. ") and made.note == "again"
    act = scene.last_act()
    assert (act.act, act.rule, act.actor_id, act.person_id) == ("comment.hide", made.rule, cast.quill.id, cast.tom.id)


def test_the_rule_is_shown_in_its_place(cast, reported):
    scene.decide(cast.quill, reported, "hide")
    assert db.session.get(Comment, reported).rule.startswith("1. ")


def test_the_writer_hears_what_and_why_but_not_from_whom(cast, reported):
    scene.decide(cast.quill, reported, "hide")
    notice = notifications.notices(cast.tom.id).items[0]
    assert (notice.kind, notice.by, notice.words) == ("removed", "moderator", "Cheap lamps, best price.")
    assert notice.rule.startswith("1. ")
    page = cast.browser(cast.tom).get("/notices").text
    assert "Quill" not in page and "Rosa" not in page


def test_an_author_decides_under_their_own_article_and_is_called_so(cast, reported):
    answer = cast.browser(cast.ida).post(f"/moderation/queue/{reported}", decision="hide", reason="1")
    assert answer.status_code == 303
    assert notifications.notices(cast.tom.id).items[0].by == "author"


def test_reporters_hear_what_became_of_it(cast, reported):
    scene.report(cast.otto, reported, "spam")
    scene.decide(cast.quill, reported, "hide")
    assert scene.told(cast.rosa) == scene.told(cast.otto) == [("report-answered", "removed")]


def test_keep_answers_the_reports_and_says_nothing_to_the_writer(cast, reported):
    answer = cast.browser(cast.quill).post(f"/moderation/queue/{reported}", decision="keep")
    assert answer.status_code == 303
    assert scene.status(reported) == "published"
    assert scene.told(cast.rosa) == [("report-answered", "kept")]
    assert scene.told(cast.tom) == []
    assert scene.last_act().act == "comment.keep"


def test_spam(cast, reported):
    cast.browser(cast.quill).post(f"/moderation/queue/{reported}", decision="spam")
    assert scene.status(reported) == "spam"
    assert scene.told(cast.tom) == [("spam", "")]
    assert scene.last_act().act == "comment.spam"


def test_remove_with_replies_takes_the_whole_branch(cast, reported):
    below = scene.write(cast.rosa, cast.article, "How much?", reported)
    deeper = scene.write(cast.tom, cast.article, "Nine.", below)
    beside = scene.write(cast.rosa, cast.article, "Something else")
    scene.report(cast.otto, deeper)
    scene.decide(cast.quill, reported, "hide-replies")
    assert [scene.status(key) for key in (reported, below, deeper, beside)] == ["hidden"] * 3 + ["published"]
    assert db.session.get_one(Article, cast.article.id).comment_count == 1
    assert scene.told(cast.otto) == [("report-answered", "removed")]
    notice = notifications.notices(cast.tom.id).items[0]
    assert (notice.kind, notice.comment_id, notice.more) == ("removed", reported, 1)


def test_publishing_what_waited(cast):
    scene.let_guests_write()
    key = scene.write(None, cast.article, "May I come in?")
    answer = cast.browser(cast.quill).post(f"/moderation/queue/{key}", decision="keep", back="tab=waiting")
    assert answer.location == "/moderation/queue?tab=waiting"
    assert scene.status(key) == "published"
    assert scene.last_act().act == "comment.approve"
    assert "May I come in?" in cast.browser().get("/articles/the-library-opens-on-saturday").text


def test_a_rule_is_needed_to_remove_and_the_note_is_given_back(cast, reported):
    answer = cast.browser(cast.quill).post(f"/moderation/queue/{reported}", decision="hide", note="typed for an hour")
    assert answer.status_code == 422
    assert "typed for an hour" in answer.text
    assert "Please choose the rule" in answer.text
    assert scene.status(reported) == "published"


@pytest.mark.parametrize(
    "fields", [{"decision": "burn"}, {}, {"decision": "hide", "reason": "99"}, {"decision": "keep", "note": "x" * 1001}]
)
def test_what_does_not_fit_is_refused(cast, reported, fields):
    assert cast.browser(cast.quill).post(f"/moderation/queue/{reported}", **fields).status_code == 422
    assert scene.decisions() == 0


def test_nobody_decides_about_their_own_comment(cast):
    key = scene.write(cast.quill, cast.article)
    scene.report(cast.rosa, key)
    assert cast.browser(cast.quill).post(f"/moderation/queue/{key}", decision="keep").status_code == 403
    assert scene.decisions() == 0


def test_a_forged_decision_changes_nothing(cast, reported):
    assert (
        cast.browser(cast.quill).forge(f"/moderation/queue/{reported}", decision="hide", reason="1").status_code == 403
    )
    assert scene.status(reported) == "published"


@pytest.mark.parametrize("with_page", [True, False])
def test_the_second_of_two_moderators_learns_who_was_first(cast, reported, with_page):
    late = cast.browser(cast.ada)
    fields = {"seen": seen(late.get(f"/moderation/queue?case={scene.case_of(reported)}").text)} if with_page else {}
    scene.decide(cast.quill, reported, "keep")
    answer = late.post(f"/moderation/queue/{reported}", decision="hide", reason="1", note="mine", **fields)
    assert answer.status_code == 409
    assert "Quill decided to keep this on" in answer.text
    assert "mine" in answer.text
    assert (scene.status(reported), scene.decisions()) == ("published", 1)


def test_of_two_at_the_same_moment_one_wins(cast, reported):
    browsers, gate = [cast.browser(cast.quill), cast.browser(cast.ada)], threading.Barrier(2)

    def act(browser, decision):
        gate.wait()
        with cast.app.app_context():
            return browser.post(f"/moderation/queue/{reported}", decision=decision, reason="1").status_code

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(act, browsers, ("keep", "hide")))
    assert answers == [303, 409]
    assert scene.decisions() == 1


def test_having_seen_the_first_decision_one_can_decide_anew(cast, reported):
    scene.decide(cast.quill, reported, "keep")
    browser = cast.browser(cast.ada)
    mark = seen(browser.get(f"/moderation/queue/{reported}").text)
    answer = browser.post(f"/moderation/queue/{reported}", decision="hide", reason="1", seen=mark)
    assert answer.status_code == 303
    assert scene.status(reported) == "hidden"


def test_a_text_that_changed_meanwhile_is_looked_at_again(cast, reported):
    browser = cast.browser(cast.quill)
    mark = seen(browser.get(f"/moderation/queue?case={scene.case_of(reported)}").text)
    comments.edit(scene.actor(cast.tom), reported, "Quite another text")
    db.commit()
    answer = browser.post(f"/moderation/queue/{reported}", decision="keep", seen=mark)
    assert answer.status_code == 409
    assert "Quite another text" in answer.text
    assert scene.decisions() == 0


def test_removing_twice_is_refused(cast, reported):
    scene.decide(cast.quill, reported, "hide")
    browser = cast.browser(cast.quill)
    mark = seen(browser.get(f"/moderation/queue/{reported}").text)
    answer = browser.post(f"/moderation/queue/{reported}", decision="hide", reason="1", seen=mark)
    assert answer.status_code == 409


def test_taken_down_is_gone_at_once(cast, reported):
    scene.decide(cast.quill, reported, "hide")
    for address in ("/articles/the-library-opens-on-saturday", f"/comments/{reported}", f"/comments/{reported}/branch"):
        assert "Cheap lamps" not in cast.browser(cast.rosa).client.get(address, follow_redirects=True).text


def test_markup_in_notes_and_names_stays_text(cast, reported):
    scene.report(cast.otto, reported, note="<script>alert(1)</script>")
    for address in ("/moderation/queue", f"/moderation/queue/{reported}"):
        assert "<script>alert" not in cast.browser(cast.quill).get(address).text


def buttons(page):
    """Return the decisions that lie open on a case, not behind More, with their words."""
    open_ones = re.sub(r"<details.*?</details>", "", page, flags=re.S)
    return dict(re.findall(r'name="decision" value="([^"]*)">([^<]*)<', open_ones))


def test_a_removed_comment_is_restored_or_called_spam(cast, reported):
    browser = cast.browser(cast.quill)
    assert buttons(browser.get(f"/moderation/queue/{reported}").text) == {"keep": "Keep", "hide": "Remove"}
    scene.decide(cast.quill, reported, "hide")
    page = browser.get(f"/moderation/queue/{reported}").text
    assert buttons(page) == {"keep": "Restore", "spam": "Remove as spam"}
    assert "Quill removed it, <time" in page
    browser.post(f"/moderation/queue/{reported}", decision="spam", seen=seen(page))
    page = browser.get(f"/moderation/queue/{reported}").text
    assert buttons(page) == {"keep": "Restore", "hide": "Remove, but not as spam"}
    answer = browser.post(f"/moderation/queue/{reported}", decision="keep", seen=seen(page))
    assert "Restored Tom&#39;s comment under" in browser.get(answer.location).text
