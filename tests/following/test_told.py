"""Who is told of what others write: answers, what is followed, once each, never of oneself or what one cannot read."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from forum import db, policy
from forum.articles import actions as articles
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment
from forum.comments.writing import actions as writing
from forum.following import audience, inbox
from forum.moderation import actions as moderation
from forum.moderation import erasing
from forum.notifications import queries, subscriptions
from forum.notifications.models import Notice, Subscription
from forum.people.models import Person
from forum.policy import NOBODY, CommentStatus
from forum.worker.loop import Loop
from tests import factories
from tests.comments.talk import counted, let, put, say
from tests.moderation.scene import actor, decide
from tests.worker import resting

PERSON = {
    "role": "reader",
    "about": "",
    "hides_comments": False,
    "former_names": [],
    "suspension_reason": "",
    "created_at": now(),
    "approved_at": now(),
}


@pytest.fixture
def talk(cast):
    """Tom wrote under Ida's article, which she follows, and Rosa answered; both hear of answers."""
    follow(cast.ida, "article", cast.article.id)
    first = say(cast.tom, cast.article)
    return cast, first, say(cast.rosa, cast.article, parent=first)


def work(cast):
    """Let a worker do what is due."""
    resting.work(cast.app)


def told(person):
    """Return what somebody was told: kind, comment and whether it is new, the newest first."""
    return [(row.kind, row.comment_id) for row in queries.notices(person.id).items]


def page(cast, person):
    return cast.browser(person).get("/notices").text


def follow(person, kind, subject):
    subscriptions.follow(actor(person), kind, subject)
    db.commit()


def test_an_answer_is_told_to_whom_it_answers_and_an_articles_author_hears_of_every_comment(talk):
    cast, first, answer = talk
    work(cast)
    assert told(cast.tom) == [("answer", answer)]
    assert told(cast.rosa) == []
    assert told(cast.ida) == [("comment", answer), ("comment", first)]
    assert "<bdi>Rosa</bdi> answered you under" in page(cast, cast.tom)
    assert f'/comments/{answer}"' in page(cast, cast.tom)
    assert "<bdi>Rosa</bdi> and 1 other wrote under your article" in page(cast, cast.ida)


def test_nobody_hears_of_themselves(cast):
    follow(cast.ida, "article", cast.article.id)
    first = say(cast.ida, cast.article)
    say(cast.ida, cast.article, parent=first)
    work(cast)
    assert told(cast.ida) == []


def test_one_comment_is_told_once_for_the_strongest_reason(talk):
    cast, first, answer = talk
    follow(cast.rosa, "article", cast.article.id)
    follow(cast.rosa, "branch", first)
    reply = say(cast.tom, cast.article, parent=answer)
    work(cast)
    assert told(cast.rosa) == [("answer", reply)]


def test_a_person_who_follows_an_exchange_hears_of_all_below_it_and_of_nothing_beside(talk):
    cast, first, answer = talk
    follow(cast.quill, "branch", first)  # now: what was written before is told to nobody
    deeper = say(cast.tom, cast.article, parent=answer)
    deepest = say(cast.rosa, cast.article, parent=deeper)
    say(cast.otto, cast.article)
    work(cast)
    assert told(cast.quill) == [("comment", deepest), ("comment", deeper)]


def test_the_box_that_is_not_ticked_is_remembered(cast):
    browser = cast.browser(cast.tom)
    url = f"/articles/{cast.article.slug}"
    assert re.search(r'<input[^>]*checked[^>]*name="answers"', browser.get(url).text)
    browser.post(f"{url}/comments", body="Tell me nothing.", asked="1")
    db.session.expire_all()
    assert not cast.tom.follows_answers
    assert not re.search(r'<input[^>]*checked[^>]*name="answers"', browser.get(url).text)
    first = db.session.scalars(select(Comment.id)).one()
    say(cast.rosa, cast.article, parent=first)
    work(cast)
    assert told(cast.tom) == []
    browser.post(f"{url}/comments", body="Tell me again.", asked="1", answers="y")
    db.session.expire_all()
    assert cast.tom.follows_answers
    assert queries.follows(cast.tom.id, "answers", first + 2)


def test_a_form_that_does_not_ask_leaves_what_was_remembered(cast):
    cast.browser(cast.tom).post(f"/articles/{cast.article.slug}/comments", body="By a script.")
    db.session.expire_all()
    assert cast.tom.follows_answers


def test_what_waits_for_approval_is_told_when_it_is_published(cast):
    let(who_may_comment="guests")
    first = say(cast.tom, cast.article)
    held = writing.post(NOBODY, cast.article.id, "By a guest.", parent_id=first, guest_name="Wanda").id
    db.commit()
    work(cast)
    assert told(cast.tom) == []
    decide(cast.quill, held, "keep")
    work(cast)
    assert told(cast.tom) == [("answer", held)]
    assert "<bdi>Wanda</bdi> answered you" in page(cast, cast.tom)


@pytest.mark.parametrize("way", ["hide", "spam", "withdraw", "erase", "draft"])
def test_what_nobody_may_read_any_more_is_told_to_nobody(talk, way):
    cast, _first, answer = talk
    if way == "draft":
        articles.unpublish(actor(cast.ida), cast.article.id)
        db.commit()
    else:
        vanish(cast, answer, way)
    work(cast)
    assert told(cast.tom) == []


@pytest.mark.parametrize("way", ["hide", "spam", "withdraw", "erase"])
def test_a_notice_that_nobody_read_goes_with_what_it_tells_of(talk, way):
    cast, _first, answer = talk
    work(cast)
    vanish(cast, answer, way)
    assert told(cast.tom) == []
    assert queries.unseen(cast.tom.id) == 0


@pytest.mark.parametrize("way", ["hide", "withdraw"])
def test_one_that_was_read_shows_no_word_of_it_afterwards(talk, way):
    cast, _first, answer = talk
    work(cast)
    cast.browser(cast.tom).post("/notices/read", up_to=10**6)
    vanish(cast, answer, way)
    assert told(cast.tom) == [("answer", answer)]
    shown = page(cast, cast.tom)
    assert "answered you" not in shown


def test_what_comes_back_is_told_to_those_who_had_not_read_it_and_to_nobody_twice(talk):
    cast, first, _answer = talk
    follow(cast.quill, "branch", first)
    answer = say(cast.rosa, cast.article, "Once more.", parent=first)
    work(cast)
    cast.browser(cast.tom).post("/notices/read", up_to=10**6)
    decision = moderation.decide(actor(cast.ida), answer, "hide", "1").id
    db.commit()
    moderation.undo(actor(cast.ida), decision)
    db.commit()
    assert told(cast.quill) == []
    work(cast)
    assert told(cast.tom)[0] == ("answer", answer)
    assert queries.unseen(cast.tom.id) == 0
    assert told(cast.quill) == [("comment", answer)]


def vanish(cast, id, way):
    if way == "withdraw":
        writing.withdraw(actor(cast.rosa), id)
    elif way == "erase":
        erasing.erase_comment(actor(cast.ada), id)
    else:
        moderation.decide(actor(cast.quill), id, way, "1" if way == "hide" else "")
    db.commit()


def test_accounts_that_are_off_or_wait_hear_nothing_and_suspended_ones_do(cast):
    for person in (cast.sven, cast.nele, cast.dora):
        db.lock()
        db.session.add(Subscription(person_id=person.id, kind="article", subject_id=cast.article.id))
        db.commit()
    say(cast.tom, cast.article)
    work(cast)
    assert [bool(told(person)) for person in (cast.sven, cast.nele, cast.dora)] == [True, False, False]
    people = (cast.sven, cast.nele, cast.dora, cast.tom)
    assert [policy.is_told(person, cast.tom.id) for person in people] == [bool(told(person)) for person in people]


def test_paused_and_ended_is_heard_of_no_more(talk):
    cast, first, _answer = talk
    browser = cast.browser(cast.quill)
    browser.post(f"/follow/branch/{first}")
    id = db.session.scalars(select(Subscription.id).where(Subscription.person_id == cast.quill.id)).one()
    answer = browser.post(f"/following/{id}/pause?before={id + 1}")
    assert (answer.status_code, answer.location) == (303, f"/following?before={id + 1}#followed-{id}"), "no jump"
    shown = browser.get(answer.location).text
    assert "Paused. You are told nothing of it until you resume it." in shown
    assert f'action="/following/{id}/resume?before={id + 1}"' in shown
    assert f'Resume<span class="for-ears"> {cast.article.title}</span>' in shown, "each button says of what"
    say(cast.otto, cast.article, parent=first)
    work(cast)
    assert told(cast.quill) == []
    browser.post(f"/following/{id}/resume")
    heard = say(cast.otto, cast.article, "Another remark.", parent=first)
    work(cast)
    assert told(cast.quill) == [("comment", heard)]
    browser.post(f"/following/{id}/end")
    say(cast.otto, cast.article, "A third remark.", parent=first)
    work(cast)
    assert told(cast.quill) == [("comment", heard)]


def test_new_articles_are_told_to_who_follows_their_author_a_tag_or_the_site(cast):
    draft = articles.create(actor(cast.ida), articles.check_words("Ferries", "Words.", ["Boats"]))
    db.commit()
    tag = draft.tags[0].id
    follow(cast.tom, "person", cast.ida.id)
    follow(cast.rosa, "tag", tag)
    follow(cast.quill, "site", 0)
    follow(cast.otto, "person", cast.otto.id)
    articles.publish(actor(cast.ida), draft.id)
    db.commit()
    work(cast)
    for person in (cast.tom, cast.rosa, cast.quill):
        assert told(person) == [("article", None)]
    assert told(cast.otto) == told(cast.ida) == []
    assert "<bdi>Ida</bdi> published <a" in page(cast, cast.tom)


def test_a_scheduled_article_is_told_when_it_comes_out_and_not_where_it_was_taken_back(cast):
    follow(cast.tom, "site", 0)
    moment = now() + timedelta(seconds=1)
    ids = []
    for title in ("One", "Two"):
        draft = articles.create(actor(cast.ida), articles.check_words(title, "Words."))
        ids.append(draft.id)
        articles.schedule(actor(cast.ida), draft.id, moment)
        db.commit()
    articles.unpublish(actor(cast.ida), ids[1])
    db.commit()
    work(cast)
    assert told(cast.tom) == []
    while now() <= moment + timedelta(seconds=0.1):
        threading.Event().wait(0.1)
    work(cast)
    rows = db.session.execute(select(Notice.kind, Notice.article_id).where(Notice.person_id == cast.tom.id)).all()
    assert rows == [("article", ids[0])]


def test_thousands_are_told_in_parts_and_each_once(cast, monkeypatch):
    db.lock()
    people = [{**PERSON, "id": 1000 + n, "username": f"heron{n}", "display_name": f"Heron {n}"} for n in range(1200)]
    db.session.execute(insert(Person), people)
    rows = [
        {"person_id": row["id"], "kind": "article", "subject_id": cast.article.id, "created_at": now()}
        for row in people
    ]
    db.session.execute(insert(Subscription), rows)
    db.commit()
    comment = say(cast.tom, cast.article)
    loop = Loop(cast.app, threading.Event())
    parts = []
    for _ in range(20):
        loop.once()
        parts.append(db.session.scalar(select(func.count()).select_from(Notice)))
        db.session.rollback()
    assert audience.AT_ONCE in parts
    assert parts[-1] == 1200
    seen = db.session.execute(select(Notice.person_id, Notice.comment_id)).all()
    assert len(set(seen)) == 1200
    assert {id for _, id in seen} == {comment}


def test_a_page_that_shows_it_marks_it_as_read_and_others_do_not(talk):
    cast, _first, _answer = talk
    other = factories.article(cast.otto)
    elsewhere = say(cast.tom, other)
    say(cast.rosa, other, parent=elsewhere)
    work(cast)
    browser = cast.browser(cast.tom)
    assert 'Notices <span class="count">(2)' in browser.get("/").text
    assert 'Menu <span class="count">(2)' in browser.get("/").text, "on phones the links stand behind this button"
    shown = browser.get(f"/articles/{cast.article.slug}").text
    assert 'Notices <span class="count">(1)' in shown
    assert queries.unseen(cast.tom.id) == 1
    assert 'Notices <span class="count">' not in browser.get(f"/comments/{elsewhere}/branch").text
    assert queries.unseen(cast.tom.id) == 0
    assert queries.unseen(cast.ida.id) == 2  # Ida has not looked


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_waits_for_no_writer_and_the_next_one_marks_it(talk):
    cast, _first, _answer = talk
    work(cast)
    browser, url = cast.browser(cast.tom), f"/articles/{cast.article.slug}"
    db.lock()  # by another connection than the page's
    assert browser.get(url).status_code == 200
    db.rollback()
    assert queries.unseen(cast.tom.id) == 1
    browser.get(url)
    assert queries.unseen(cast.tom.id) == 0


def test_answers_of_one_conversation_are_one_line(talk):
    cast, first, answer = talk
    say(cast.quill, cast.article, parent=first)
    say(cast.otto, cast.article, parent=first)
    work(cast)
    (line,) = inbox.inbox(actor(cast.tom)).items
    assert (line.others, line.count) == (2, 3)
    assert line.links[0].comment_id == answer
    assert "and 2 others answered you under" in page(cast, cast.tom)


def test_hostile_words_and_names_are_text(cast):
    first = say(cast.tom, cast.article)
    say(cast.rosa, cast.article, "<script>alert(1)</script> & <b>bold</b>", parent=first)
    work(cast)
    shown = page(cast, cast.tom)
    assert "<script>alert" not in shown
    assert "<b>bold" not in shown


def test_following_lists_what_one_follows(talk):
    cast, _first, _answer = talk
    follow(cast.tom, "person", cast.ida.id)
    follow(cast.tom, "site", 0)
    shown = cast.browser(cast.tom).get("/following").text
    assert "Every new article here" in shown
    assert "New articles by" in shown
    assert "Answers to your comment under" in shown
    assert "Nothing yet." in cast.browser(cast.quill).get("/following").text


def test_one_follows_an_article_from_its_page_and_undoes_it(cast):
    browser = cast.browser(cast.tom)
    url = f"/articles/{cast.article.slug}"
    page = browser.get(url).text
    form = page.index(f'action="/follow/article/{cast.article.id}"')
    assert page.index("<h1 ") < page.index('id="write"') < form, "what to follow is read before the button"
    assert "Follow this discussion" in page[form:]
    answer = browser.post(f"/follow/article/{cast.article.id}")
    assert (answer.status_code, answer.location) == (303, url)
    after = browser.get(url).text
    assert "You follow this now. What is new is listed under Notices." in after
    assert f'action="/follow/article/{cast.article.id}/stop"' in after
    browser.post(f"/follow/article/{cast.article.id}/stop")
    assert not queries.follows(cast.tom.id, "article", cast.article.id)


@pytest.mark.parametrize(
    "url",
    [
        "/follow/nothing/1",
        "/follow/site/1",
        "/follow/article/0",
        "/follow/tag/99",
        "/follow/branch/99",
        "/follow/person/999",
    ],
)
def test_what_is_not_there_cannot_be_followed(cast, url):
    browser = cast.browser(cast.tom)
    assert browser.get(url).status_code == 404
    assert browser.post(url).status_code == 404
    assert browser.post(f"{url}/stop").status_code == 404


def test_every_reader_of_an_article_finds_the_way_to_follow_it(cast):
    link = f'<a rel="nofollow" href="/follow/article/{cast.article.id}">Follow this discussion</a>'
    assert link in cast.browser().get(f"/articles/{cast.article.slug}").text
    assert link in cast.browser(cast.tom).get(f"/articles/{cast.article.slug}").text
    draft = factories.article(cast.ida, "A draft", status="draft", published_at=None)
    assert "/follow/article/" not in cast.browser(cast.ida).get(f"/articles/{draft.slug}").text.split('id="write"')[0]


def test_a_draft_cannot_be_followed_by_others(cast):
    draft = factories.article(cast.ida, "A draft", status="draft", published_at=None)
    assert cast.browser(cast.tom).post(f"/follow/article/{draft.id}").status_code == 404
    assert cast.browser(cast.ida).get(f"/follow/article/{draft.id}").status_code == 200


def test_tags_of_drafts_and_people_who_wait_are_not_named(cast):
    articles.create(actor(cast.ida), articles.check_words("Ferries", "Words.", ["Secret"]))
    db.commit()
    browser = cast.browser(cast.tom)
    assert browser.get("/follow/tag/1").status_code == 404
    assert browser.get(f"/follow/person/{cast.nele.id}").status_code == 404


def test_forged_requests_follow_nothing(cast):
    browser = cast.browser(cast.tom)
    assert browser.forge(f"/follow/article/{cast.article.id}").status_code == 403
    assert db.session.scalars(select(Subscription).where(Subscription.person_id == cast.tom.id)).all() == []


def test_an_author_follows_their_articles_by_setting(cast):
    first = articles.create(actor(cast.otto), articles.check_words("One", "Words.")).id
    db.commit()
    assert queries.follows(cast.otto.id, "article", first)
    db.lock()
    db.session.get_one(Person, cast.otto.id).follows_articles = False
    db.commit()
    second = articles.create(actor(cast.otto), articles.check_words("Two", "Words.")).id
    db.commit()
    assert not queries.follows(cast.otto.id, "article", second)


def test_one_sets_what_one_follows_by_itself(cast):
    browser = cast.browser(cast.ida)
    shown = browser.get("/following").text
    assert "Comments under articles that I write" in shown
    assert "Comments under articles that I write" not in cast.browser(cast.tom).get("/following").text
    browser.post("/following/settings", articles="1")
    db.session.expire_all()
    assert (cast.ida.follows_answers, cast.ida.follows_articles) == (False, True)
    cast.browser(cast.tom).post("/following/settings", answers="1", articles="1")
    db.session.expire_all()
    assert (cast.tom.follows_answers, cast.tom.follows_articles) == (True, True)


def test_tags_and_writers_have_a_way_to_follow_them(cast):
    draft = articles.create(actor(cast.ida), articles.check_words("Ferries", "Words.", ["Boats"]))
    articles.publish(actor(cast.ida), draft.id)
    db.commit()
    assert "/follow/tag/1" in cast.browser().get("/tags/boats").text
    assert f"/follow/person/{cast.ida.id}" in cast.browser().get("/people/ida").text
    assert f"/follow/person/{cast.ida.id}" not in cast.browser(cast.ida).get("/people/ida").text
    assert cast.browser().get("/follow/tag/1").status_code == 303
    assert "New articles about" in cast.browser(cast.tom).get("/follow/tag/1").text


WORDS = "a heron in the reeds"


@pytest.mark.parametrize("status", CommentStatus)
@pytest.mark.parametrize("read", [False, True])
def test_no_channel_of_this_room_tells_what_is_hidden(cast, status, read):
    """Whatever became of a comment, by an action or by hand, its words and its writer are told of one that is out."""
    first = say(cast.tom, cast.article)
    answer = say(cast.rosa, cast.article, WORDS, parent=first)
    work(cast)
    tom = cast.browser(cast.tom)
    if read:
        tom.post("/notices/read", up_to=10**6)
    follow(cast.tom, "branch", answer)
    put(answer, status)
    shown = tom.get("/notices").text + tom.get("/following").text + tom.get(f"/follow/branch/{answer}").text
    assert (WORDS in shown) is (status == CommentStatus.PUBLISHED)
    assert ("answered you" in shown) is (status == CommentStatus.PUBLISHED)


@pytest.mark.parametrize("status", ["draft", "scheduled"])
def test_no_channel_of_this_room_tells_of_an_article_that_is_not_out(cast, status):
    follow(cast.tom, "site", 0)
    draft = articles.create(actor(cast.ida), articles.check_words("Herons", "Words."))
    articles.publish(actor(cast.ida), draft.id)
    db.commit()
    work(cast)
    tom = cast.browser(cast.tom)
    assert "Herons" in tom.get("/notices").text
    if status == "draft":
        articles.unpublish(actor(cast.ida), draft.id)
        db.commit()
    else:
        db.lock()
        db.session.get_one(Article, draft.id).published_at = now() + timedelta(days=1)
        db.commit()
    assert "Herons" not in tom.get("/notices").text


def test_a_post_that_thousands_hear_of_sends_what_any_other_sends(cast):
    """The writer's request puts one job down, however many follow."""
    other = factories.article(cast.ida)
    db.lock()
    rows = [{**PERSON, "id": 5000 + n, "username": f"gull{n}", "display_name": f"Gull {n}"} for n in range(2000)]
    db.session.execute(insert(Person), rows)
    for person in rows:
        db.session.add(Subscription(person_id=person["id"], kind="article", subject_id=cast.article.id))
    db.commit()
    browser, sent = cast.browser(cast.tom), []
    for article in (other, cast.article, other, cast.article):
        with counted() as statements:
            browser.post(f"/articles/{article.slug}/comments", body=f"Words {len(sent)}.")
        sent.append([statement.split()[:3] for statement in statements])
    assert sent[2] == sent[3]
