"""Every rule of `forum.policy`: its yes, its no, its reason; and that SQL and rules show the same."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from forum import db, policy
from forum.articles.models import Article as ArticleRow
from forum.articles.queries import article
from forum.articles.reach import within
from forum.comments import ancestry, queries
from forum.comments.models import Comment
from forum.comments.reading import page_rows, thread
from forum.errors import Conflict, Forbidden, SignInNeeded
from forum.people.queries import viewer_of
from forum.policy import NOBODY, CommentStatus, Nobody, Role, Verdict
from forum.policy.closing import is_in_force
from forum.policy.moderating import moderates
from forum.policy.reasons import Code, Reason
from tests import factories
from tests.comments.talk import put, row, say

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
GONE = [status for status in CommentStatus if status != CommentStatus.PUBLISHED]


@dataclass(frozen=True)
class Person:
    """One person; satisfies `policy.Actor` and `policy.PersonFacts`."""

    id: int
    role: str = Role.READER
    approved_at: datetime | None = NOW - DAY
    suspended_until: datetime | None = None
    suspension_reason: str = ""
    held_until: datetime | None = None
    slow_until: datetime | None = None
    slow_minutes: int = 0
    deactivated_at: datetime | None = None
    moderated_tags: frozenset[int] = frozenset()
    guest_comments: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Site:
    who_may_comment: str = "members"
    edit_minutes: int = 30
    public_history: bool = True


@dataclass(frozen=True)
class Article:
    author_id: int = 1
    status: str = "published"
    published_at: datetime | None = NOW - DAY
    closes_at: datetime | None = None
    tag_ids: frozenset[int] = frozenset({70, 71})


@dataclass(frozen=True)
class Said:
    id: int = 10
    author_id: int | None = 3
    status: str = "published"
    reply_count: int = 0
    created_at: datetime = NOW - MINUTE
    edited_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class Closed:
    id: int = 50
    article_id: int | None = 1
    tag_id: int | None = None
    branch_id: int | None = None
    person_a_id: int | None = None
    person_b_id: int | None = None
    words: str = "Enough."
    closed_by_id: int | None = 5
    staff_may: bool = False
    once_id: int | None = None
    once_used_at: datetime | None = None
    created_at: datetime = NOW - MINUTE
    begins_at: datetime | None = None
    until: datetime | None = None
    reopened_at: datetime | None = None
    concerned: Any = None


IDA = Person(1, Role.AUTHOR)  # wrote the article
OTTO = Person(2, Role.AUTHOR)
TOM, ROSA = Person(3), Person(4)
QUILL, ADA = Person(5, Role.MODERATOR), Person(6, Role.ADMIN)
SVEN = Person(7, suspended_until=NOW + DAY)
NELE = Person(9, approved_at=None)
ZORA = Person(11, moderated_tags=frozenset({71, 72}))  # moderates in a tag of the article
WIM = Person(12, moderated_tags=frozenset({73}))  # moderates in another tag
GUEST = Nobody(frozenset({10}))
ALL = {
    "nobody": NOBODY, "ida": IDA, "otto": OTTO, "tom": TOM, "rosa": ROSA, "quill": QUILL, "ada": ADA, "sven": SVEN,
    "nele": NELE, "zora": ZORA, "wim": WIM,
}  # fmt: skip
SANCTIONED = {
    f"{name} {what}": replace(one, **facts)
    for name, one in ALL.items() if isinstance(one, Person)
    for what, facts in {
        "switched off": {"deactivated_at": NOW}, "suspended": {"suspended_until": NOW + DAY},
        "waiting": {"approved_at": None},
    }.items()
}  # fmt: skip
DEMOTED = {
    name: replace(one, role=Role.READER, moderated_tags=frozenset())
    for name, one in ALL.items()
    if isinstance(one, Person)
}
OFF = {name: replace(one, deactivated_at=NOW) for name, one in ALL.items() if isinstance(one, Person)}
SITE, ARTICLE, SAID = Site(), Article(), Said()
DRAFT, LATER = Article(status="draft", published_at=None), Article(published_at=NOW + DAY)


def yes_for(rule: Any) -> set[str]:
    """Return for whom of the cast a rule says yes; every no has a reason that can be worded."""
    found = set()
    for name, person in ALL.items():
        verdict = rule(person)
        assert bool(verdict) or verdict.reason.code.words % verdict.reason.values, name
        if verdict:
            found.add(name)
    return found


def nobody_switched_off(rule: Any) -> bool:
    return not any(rule(person) for person in OFF.values())


def nobody_sanctioned(rule: Any) -> bool:
    """Tell whether a rule says no to everybody who is switched off, suspended or waits, whatever their role."""
    return not any(rule(person) for person in SANCTIONED.values())


def code(verdict: Verdict) -> Code | None:
    """Return the code of a no."""
    return verdict.reason.code if verdict.reason else None


MEMBERS = set(ALL) - {"nobody"}
STANDING = MEMBERS - {"sven", "nele"}


# Verdicts


def test_a_no_raises_what_it_means():
    policy.Verdict().require()
    with pytest.raises(Forbidden) as forbidden:
        policy.Verdict(Reason(Code.ONLY_ADMINS)).require()
    assert forbidden.value.reason == Reason(Code.ONLY_ADMINS)
    with pytest.raises(SignInNeeded):
        policy.Verdict(Reason(Code.SIGN_IN)).require()
    with pytest.raises(Conflict) as caught:
        policy.Verdict(Reason(Code.DISCUSSION_CLOSED, {"words": "Enough."})).require()
    assert caught.value.words == "Enough."


# Good standing

GONE_BY_TOM = Said(status="withdrawn", withdrawn_at=NOW)
# Every rule that asks about the actor and lets them change something, beside those for staff (below).
DEEDS = {
    "write": lambda one: policy.may_write(one, SITE),
    "comment": lambda one: policy.may_comment(one, SITE, ARTICLE, [], NOW),
    "reply": lambda one: policy.may_reply(one, SITE, ARTICLE, SAID, [], 3, NOW),
    "edit": lambda one: policy.may_edit(one, SITE, ARTICLE, Said(author_id=one.id), [], NOW),
    "undo a deletion": lambda one: policy.may_undo_withdraw(one, replace(GONE_BY_TOM, author_id=one.id), NOW),
    "report": lambda one: policy.may_flag(one, Said(author_id=99)),
    "close": lambda one: policy.may_close(one, ARTICLE),
    "reopen": lambda one: policy.may_change_closure(one, ARTICLE, Closed()),
    "undo a closing": lambda one: policy.may_undo_closure(one, ARTICLE, Closed(closed_by_id=one.id), NOW),
    "decide": lambda one: policy.may_decide(one, ARTICLE, Said(author_id=99)),
    "rename": lambda one: policy.may_rename(one, one.id, None, NOW),
    "change a profile": lambda one: policy.may_change_profile(one, one.id),
    "manage": lambda one: policy.may_manage(one, Person(99)),
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
def test_a_sanction_binds_everywhere(deed):
    rule = DEEDS[deed]
    assert any(rule(person) for person in ALL.values() if isinstance(person, Person))
    assert {code(rule(person)) for person in SANCTIONED.values()} == {
        Code.ACCOUNT_OFF, Code.SUSPENDED, Code.ACCOUNT_WAITS,
    }  # fmt: skip


@pytest.mark.parametrize("rule", [
    lambda one: policy.may_withdraw(one, Said(author_id=one.id)), lambda one: policy.may_change_account(one, one.id),
    lambda one: policy.may_read_article(one, replace(DRAFT, author_id=one.id), NOW),
])  # fmt: skip
def test_what_is_ones_own_stays_so_while_one_is_suspended(rule):
    assert all(bool(rule(one)) is ("off" not in name) for name, one in SANCTIONED.items())


def test_a_suspension_ends():
    assert policy.lasting(NOW + MINUTE, NOW) == NOW + MINUTE
    assert policy.lasting(NOW, NOW) is None
    assert policy.lasting(None, NOW) is None


# Reading


@pytest.mark.parametrize(("status", "replies", "placed"), [
    ("published", 0, True), ("published", 3, True),
    *((status, replies, replies > 0) for status in CommentStatus if status != "published" for replies in (0, 1)),
])  # fmt: skip
def test_what_has_a_place(status, replies, placed):
    assert policy.has_place(status, replies) is placed


def test_who_reads_an_article():
    assert yes_for(lambda one: policy.may_read_article(one, ARTICLE, NOW)) == set(ALL)
    assert yes_for(lambda one: policy.may_read_article(one, DRAFT, NOW)) == {"ida", "ada"}
    assert yes_for(lambda one: policy.may_read_article(one, LATER, NOW)) == {"ida", "ada"}
    assert nobody_switched_off(lambda one: policy.may_read_article(one, DRAFT, NOW))


HERE = {"ida", "zora", "quill", "ada"}  # who moderate under this article
READERS = {
    "published": set(ALL), "held": HERE | {"tom"}, "hidden": HERE | {"tom"}, "withdrawn": HERE, "spam": HERE,
    "sealed": {"ada"}, "erased": set(),
}  # fmt: skip


@pytest.mark.parametrize("status", CommentStatus)
def test_who_reads_a_comment(status):
    said = Said(status=status)
    assert yes_for(lambda one: policy.may_see(one, said, ARTICLE)) == READERS[status]
    assert yes_for(lambda one: policy.may_see_frame(one, said, ARTICLE)) == READERS[status]
    assert yes_for(lambda one: policy.may_see_frame(one, replace(said, reply_count=1), ARTICLE)) == set(ALL)


@pytest.mark.parametrize("status", GONE)
def test_the_switched_off_see_no_more_than_a_writer(status):
    own = {"held", "hidden"}
    for person in OFF.values():
        assert bool(policy.may_see(person, Said(status=status), ARTICLE)) is (person.id == 3 and status in own)


def test_a_guest_sees_their_own_while_it_waits():
    own = Said(author_id=None, status="held")
    assert policy.may_see(GUEST, own, ARTICLE)
    assert not policy.may_see(NOBODY, own, ARTICLE)
    assert not policy.may_see(TOM, own, ARTICLE)


def test_who_sees_the_history():
    assert yes_for(lambda one: policy.may_see_history(one, SITE)) == set(ALL)
    assert yes_for(lambda one: policy.may_see_history(one, Site(public_history=False))) == {"quill", "ada"}


# Writing


@pytest.mark.parametrize(("who", "expected"), [
    ("members", STANDING), ("guests", STANDING | {"nobody"}), ("nobody", set()),
])  # fmt: skip
def test_who_writes(who, expected):
    site = Site(who_may_comment=who)
    for rule in (
        lambda one: policy.may_write(one, site),
        lambda one: policy.may_comment(one, site, ARTICLE, [], NOW),
        lambda one: policy.may_reply(one, site, ARTICLE, SAID, [], 3, NOW),
    ):
        assert yes_for(rule) == expected
        assert nobody_switched_off(rule)


def test_a_visitor_is_asked_to_sign_in_where_that_would_help():
    assert policy.may_write(NOBODY, SITE).kind == "sign-in"
    assert policy.may_write(NOBODY, Site(who_may_comment="nobody")).kind == "forbidden"


@pytest.mark.parametrize("article", [DRAFT, LATER])
def test_nobody_writes_under_what_is_not_out(article):
    assert yes_for(lambda one: policy.may_comment(one, SITE, article, [], NOW)) == set()
    assert yes_for(lambda one: policy.may_reply(one, SITE, article, SAID, [], 3, NOW)) == set()


@pytest.mark.parametrize("status", GONE)
def test_nobody_answers_what_is_gone(status):
    verdict = policy.may_reply(ROSA, SITE, ARTICLE, Said(status=status), [], 3, NOW)
    assert (bool(verdict), verdict.kind) == (False, "closed")


def test_who_edits():
    rule = lambda one: policy.may_edit(one, SITE, ARTICLE, SAID, [], NOW)  # noqa: E731
    assert yes_for(rule) == {"tom"}
    assert nobody_switched_off(rule)
    own = {"author_id": 7}
    assert not policy.may_edit(SVEN, SITE, ARTICLE, Said(**own), [], NOW)


@pytest.mark.parametrize(("age", "minutes", "allowed"), [
    (timedelta(0), 30, True), (30 * MINUTE, 30, True), (31 * MINUTE, 30, False), (MINUTE, 0, False),
    (-MINUTE, 30, True),
])  # fmt: skip
def test_how_long_one_edits(age, minutes, allowed):
    said = Said(created_at=NOW - age)
    assert bool(policy.may_edit(TOM, Site(edit_minutes=minutes), ARTICLE, said, [], NOW)) is allowed


@pytest.mark.parametrize("status", CommentStatus)
def test_what_one_edits_and_deletes(status):
    said = Said(status=status, withdrawn_at=NOW if status == "withdrawn" else None)
    there = status in ("published", "held")
    assert bool(policy.may_edit(TOM, SITE, ARTICLE, said, [], NOW)) is there
    assert bool(policy.may_withdraw(TOM, said)) is there
    assert bool(policy.may_undo_withdraw(TOM, said, NOW)) is (status == "withdrawn")
    assert bool(policy.may_flag(ROSA, said)) is (status == "published")


@pytest.mark.parametrize(("person", "expected"), [
    (SVEN, Reason(Code.SUSPENDED, {"until": NOW + DAY})),
    (replace(SVEN, suspension_reason="Rule 2"), Reason(Code.SUSPENDED, {"until": NOW + DAY, "reason": "Rule 2"})),
    (NELE, Reason(Code.ACCOUNT_WAITS)), (OFF["tom"], Reason(Code.ACCOUNT_OFF)), (TOM, None),
])  # fmt: skip
def test_why_somebody_cannot_write(person, expected):
    assert policy.may_write(person, SITE).reason == expected


def test_why_a_writer_cannot_edit():
    late, open_ended = NOW + DAY, Site(edit_minutes=0)
    removed = Said(status="hidden")
    deleted = Said(status="withdrawn", withdrawn_at=NOW)
    for found, expected in (
        (policy.may_edit(TOM, SITE, ARTICLE, SAID, [], late), Reason(Code.EDITING_OVER, {"after": 30 * MINUTE})),
        (policy.may_edit(TOM, open_ended, ARTICLE, SAID, [], NOW), Reason(Code.EDITING_OFF)),
        (policy.may_edit(TOM, SITE, ARTICLE, removed, [], NOW), Reason(Code.COMMENT_REMOVED)),
        (policy.may_edit(TOM, SITE, ARTICLE, deleted, [], NOW), Reason(Code.COMMENT_DELETED)),
        (policy.may_edit(GUEST, SITE, ARTICLE, Said(author_id=None), [], NOW), Reason(Code.APPROVED_AS_IT_IS)),
        (policy.may_edit(ROSA, SITE, ARTICLE, SAID, [], NOW), Reason(Code.ONLY_WRITER_EDITS)),
    ):
        assert found.reason == expected


def test_what_is_switched_off_is_said():
    for rule in (
        policy.may_write_articles, policy.may_administer, policy.may_open_desk, policy.may_erase,
        lambda one: policy.may_moderate(one, ARTICLE), lambda one: policy.may_close(one, ARTICLE),
    ):  # fmt: skip
        assert {code(rule(person)) for person in OFF.values()} == {Code.ACCOUNT_OFF}


def test_a_guest_edits_what_waits_only():
    assert policy.may_edit(GUEST, SITE, ARTICLE, Said(author_id=None, status="held"), [], NOW)
    assert not policy.may_edit(GUEST, SITE, ARTICLE, Said(author_id=None), [], NOW)
    assert policy.may_withdraw(GUEST, Said(author_id=None))
    assert not policy.may_withdraw(NOBODY, Said(author_id=None))


def test_who_may_close_more_than_one_article():
    assert yes_for(lambda one: policy.may_close(one, None)) == {"ada"}
    assert yes_for(lambda one: policy.may_close(one, None, 7)) == {"quill", "ada"}
    assert yes_for(lambda one: policy.may_close(one, None, 71)) == {"zora", "quill", "ada"}
    closure = Closed(article_id=None, tag_id=7)
    assert yes_for(lambda one: policy.may_change_closure(one, None, closure)) == {"quill", "ada"}
    assert yes_for(lambda one: policy.may_change_closure(one, None, Closed(article_id=None))) == {"ada"}


def test_nobody_closes_it_for_themselves_nor_for_a_superior_alone():
    for person, who in ((TOM, HERE), (IDA, HERE - {"ida"}), (QUILL, {"ada"}), (ADA, set())):
        closure = Closed(person_a_id=person.id, concerned=person)
        assert yes_for(lambda one, person=person: policy.may_close(one, ARTICLE, person=person)) == who
        assert yes_for(lambda one, closure=closure: policy.may_change_closure(one, ARTICLE, closure)) == who


def test_who_reads_about_a_closure():
    for closure, who in (
        (Closed(), set(ALL)),
        (Closed(person_a_id=3, concerned=TOM), {"tom", *HERE}),
        (Closed(article_id=None, person_a_id=3, concerned=TOM), {"tom", "quill", "ada"}),
    ):
        article = ARTICLE if closure.article_id else None
        assert yes_for(lambda one, c=closure, a=article: policy.may_read_closure(one, a, c, NOW)) == who


def test_who_is_told_of_a_closure():
    one = Closed(person_a_id=3)
    assert policy.told_of_closure(one, ARTICLE, [4]) == {3}
    assert policy.told_of_closure(replace(one, article_id=None), None, []) == {3}
    assert policy.told_of_closure(replace(one, closed_by_id=3), ARTICLE, []) == set()
    assert policy.told_of_closure(Closed(article_id=None), None, []) == set()
    assert policy.told_of_closure(Closed(branch_id=10), ARTICLE, [4]) == {1, 4}


@pytest.mark.parametrize(("closure", "code"), [
    (Closed(), Code.DISCUSSION_CLOSED), (Closed(branch_id=9), Code.EXCHANGE_ENDED),
    (Closed(article_id=None), Code.SITE_CLOSED), (Closed(article_id=None, tag_id=7), Code.DISCUSSION_CLOSED),
    (Closed(person_a_id=3), Code.ONE_ENDED), (Closed(article_id=None, person_a_id=3), Code.ONE_ENDED),
    (Closed(person_a_id=3, person_b_id=4), Code.TWO_ENDED),
])  # fmt: skip
def test_what_a_closure_says_no_with(closure, code):
    verdict = policy.closes_reply(TOM, ARTICLE, [closure], 4, NOW)
    assert verdict.reason.code == code
    assert verdict.kind == "closed"
    free = {Code.ONE_ENDED, Code.TWO_ENDED}
    assert bool(policy.closes_reply(QUILL, ARTICLE, [closure], 4, NOW)) is (code in free)


def test_closures_bind_editing_but_not_those_of_two_people():
    assert not policy.may_edit(TOM, SITE, ARTICLE, SAID, [Closed(person_a_id=3)], NOW)
    assert not policy.may_edit(TOM, SITE, ARTICLE, SAID, [Closed()], NOW)
    assert policy.may_edit(TOM, SITE, ARTICLE, SAID, [Closed(person_a_id=3, person_b_id=4)], NOW)


def test_who_deletes_and_brings_back():
    assert yes_for(lambda one: policy.may_withdraw(one, SAID)) == {"tom"}
    gone = Said(status="withdrawn", withdrawn_at=NOW - 10 * MINUTE)
    assert yes_for(lambda one: policy.may_undo_withdraw(one, gone, NOW)) == {"tom"}
    assert not policy.may_undo_withdraw(TOM, gone, NOW + timedelta(seconds=1))
    assert nobody_switched_off(lambda one: policy.may_withdraw(one, SAID))
    assert nobody_switched_off(lambda one: policy.may_undo_withdraw(one, gone, NOW))
    assert code(policy.may_withdraw(ROSA, SAID)) == Code.ONLY_WRITER_DELETES


def test_who_reports():
    rule = lambda one: policy.may_flag(one, SAID)  # noqa: E731
    assert yes_for(rule) == (STANDING | {"nobody"}) - {"tom"}
    assert nobody_switched_off(rule)
    assert not policy.may_flag(GUEST, Said(author_id=None))


@pytest.mark.parametrize(("after", "replies", "shown"), [
    (None, 5, False), (MINUTE, 0, False), (10 * MINUTE, 0, False), (11 * MINUTE, 0, True), (MINUTE, 1, True),
])  # fmt: skip
def test_when_an_edit_shows(after, replies, shown):
    said = Said(edited_at=SAID.created_at + after if after is not None else None, reply_count=replies)
    assert policy.shows_edited(said) is shown


# Closing


def test_when_a_closure_holds():
    assert is_in_force(Closed(), NOW)
    assert is_in_force(Closed(until=NOW + MINUTE), NOW)
    assert not is_in_force(Closed(until=NOW), NOW)
    assert not is_in_force(Closed(reopened_at=NOW), NOW)
    assert is_in_force(Closed(begins_at=NOW), NOW)
    assert not is_in_force(Closed(begins_at=NOW + MINUTE), NOW)
    assert not is_in_force(Closed(begins_at=NOW - MINUTE, until=NOW), NOW)


def closes(actor: Any, closure: Closed, answered: int | None = 3) -> bool:
    return not policy.closes_reply(actor, ARTICLE, [closure], answered, NOW)


def test_closed_for_all_is_closed_for_moderators_too():
    for person in ALL.values():
        assert closes(person, Closed())
        assert closes(person, Closed(branch_id=10))


def test_staff_may_where_the_closure_says_so():
    assert {name for name, one in ALL.items() if not closes(one, Closed(staff_may=True))} == HERE
    assert all(closes(one, Closed(staff_may=True)) for one in OFF.values())


def test_once_more_is_for_one_person_and_once():
    closure = Closed(once_id=3)
    verdict = policy.closes_reply(TOM, ARTICLE, [closure], None, NOW)
    assert verdict
    assert verdict.once == closure
    assert closes(ROSA, closure)
    assert closes(NOBODY, replace(closure, once_id=None))
    assert closes(TOM, replace(closure, once_used_at=NOW))


@pytest.mark.parametrize(("actor", "answered", "closed"), [
    (TOM, 4, True), (ROSA, 3, True), (TOM, 1, False), (TOM, None, False), (QUILL, 3, False), (NOBODY, 3, False),
    (TOM, 3, False),
])  # fmt: skip
def test_two_people_do_not_answer_each_other(actor, answered, closed):
    assert closes(actor, Closed(person_a_id=3, person_b_id=4), answered) is closed


def test_one_open_door_does_not_open_another():
    closures = [Closed(id=1, once_id=3), Closed(id=2)]
    for order in itertools.permutations(closures):
        assert not policy.closes_reply(TOM, ARTICLE, order, None, NOW)


def test_a_no_says_what_is_closed_and_in_which_words():
    verdict = policy.closes_reply(TOM, ARTICLE, [Closed()], None, NOW)
    assert verdict.kind == "closed"
    assert verdict.reason == Reason(Code.DISCUSSION_CLOSED, {"words": "Enough."})
    assert code(policy.closes_reply(TOM, ARTICLE, [Closed(branch_id=1)], None, NOW)) == Code.EXCHANGE_ENDED


def test_who_closes_reopens_and_undoes():
    closure = Closed()
    assert {name for name, one in ALL.items() if moderates(one, ARTICLE)} == HERE
    assert yes_for(lambda one: policy.may_close(one, ARTICLE)) == HERE
    assert yes_for(lambda one: policy.may_change_closure(one, ARTICLE, closure)) == HERE
    assert yes_for(lambda one: policy.may_undo_closure(one, ARTICLE, closure, NOW)) == {"quill"}
    assert nobody_switched_off(lambda one: policy.may_close(one, ARTICLE))
    assert policy.may_close(NOBODY, ARTICLE).kind == "sign-in"


def test_reopening_is_done_once_and_undoing_for_ten_minutes():
    assert policy.may_change_closure(QUILL, ARTICLE, Closed(reopened_at=NOW)).kind == "closed"
    assert policy.undo_closes_at(Closed()) == NOW + 9 * MINUTE
    assert policy.may_undo_closure(QUILL, ARTICLE, Closed(), NOW + 9 * MINUTE)
    assert not policy.may_undo_closure(QUILL, ARTICLE, Closed(), NOW + 10 * MINUTE)


# Staff


@pytest.mark.parametrize(("rule", "expected"), [
    (policy.may_write_articles, {"ida", "otto", "quill", "ada"}),
    (lambda one: policy.may_edit_article(one, ARTICLE), {"ida", "ada"}),
    (lambda one: policy.may_moderate(one, ARTICLE), HERE),
    (policy.may_moderate_everywhere, {"quill", "ada"}),
    (policy.may_open_desk, {"ida", "otto", "zora", "wim", "quill", "ada"}),
    (lambda one: policy.may_decide(one, ARTICLE, SAID), HERE),
    (lambda one: policy.may_see_reporters(one, ARTICLE, SAID), {"zora", "quill", "ada"}),
    (lambda one: policy.may_undo_for(one, IDA.id), {"ida", "quill", "ada"}),
    (lambda one: policy.may_undo_for(one, ZORA.id), {"zora", "quill", "ada"}),
    (policy.may_erase, {"ada"}),
    (policy.may_administer, {"ada"}),
    (policy.may_see_former_names, {"quill", "ada"}),
])  # fmt: skip
def test_what_staff_may(rule, expected):
    assert yes_for(rule) == expected
    assert nobody_sanctioned(rule)
    assert not any(rule(person) for person in DEMOTED.values())


def test_a_tag_moderator_is_a_moderator_of_comments_only():
    for rule in (
        lambda one: policy.may_moderate_everywhere(one), lambda one: policy.may_see_record(one, TOM),
        lambda one: policy.may_read_notices(one), lambda one: policy.may_edit_article(one, ARTICLE),
        lambda one: policy.may_read_article(one, DRAFT, NOW), lambda one: policy.may_see_reporters_of(one, TOM.id),
        lambda one: policy.may_decide_objection(one, TOM, None, 3), lambda one: policy.may_see_former_names(one),
    ):  # fmt: skip
        assert not yes_for(rule) & {"zora", "wim"}


@pytest.mark.parametrize(("tags", "covered"), [({70}, False), ({71}, True), ({1, 72}, True), (set(), False)])
def test_taking_a_tag_from_an_article_takes_it_out_of_reach(tags, covered):
    assert policy.reach(ZORA).covers(Article(tag_ids=frozenset(tags))) is covered


def test_earlier_versions_are_for_the_writer_and_moderators():
    assert yes_for(lambda one: policy.may_see_revisions(one, ARTICLE, SAID)) == HERE | {"tom"}


@pytest.mark.parametrize(("author", "decides"), [
    (5, HERE - {"quill"}), (1, HERE - {"ida"}), (11, HERE - {"zora"}), (6, HERE),
])  # fmt: skip
def test_nobody_but_an_admin_decides_about_their_own(author, decides):
    assert yes_for(lambda one: policy.may_decide(one, ARTICLE, Said(author_id=author))) == decides


def test_nobody_sees_who_reported_them():
    assert not policy.may_see_reporters(QUILL, ARTICLE, Said(author_id=5))
    assert not policy.may_see_reporters(ZORA, ARTICLE, Said(author_id=11))


@pytest.mark.parametrize("status", ["erased", "sealed", "withdrawn"])
def test_there_is_nothing_to_decide_about_what_is_gone(status):
    assert policy.may_decide(QUILL, ARTICLE, Said(status=status)).kind == "closed"


# People


@pytest.mark.parametrize(("sign_up", "invited", "allowed", "at_once"), [
    ("open", False, True, True), ("approval", False, True, False), ("invitation", False, False, False),
    ("open", True, True, True), ("approval", True, True, True), ("invitation", True, True, True),
])  # fmt: skip
def test_who_signs_up(sign_up, invited, allowed, at_once):
    assert bool(policy.may_sign_up(sign_up, invited)) is allowed
    assert policy.is_approved_at_once(sign_up, invited) is at_once


def test_who_changes_an_account():
    assert yes_for(lambda one: policy.may_change_account(one, 3)) == {"tom"}
    assert nobody_switched_off(lambda one: policy.may_change_account(one, 3))


@pytest.mark.parametrize(("ago", "allowed"), [(None, True), (29 * DAY, False), (30 * DAY, True)])
def test_how_often_one_is_renamed(ago, allowed):
    renamed = NOW - ago if ago is not None else None
    verdict = policy.may_rename(TOM, 3, renamed, NOW)
    assert bool(verdict) is allowed
    assert allowed or verdict.reason == Reason(Code.RENAMED_LATELY, {"next": NOW + DAY})
    assert policy.may_rename(ADA, 3, NOW, NOW)
    assert not policy.may_rename(ROSA, 3, None, NOW)


def test_who_manages_people():
    assert yes_for(lambda one: policy.may_manage(one, TOM)) == {"ada"}
    assert not policy.may_manage(ADA, ADA)


def test_a_site_keeps_an_admin():
    assert not policy.may_stop_being_admin(ADA, 0)
    assert policy.may_stop_being_admin(ADA, 1)
    assert policy.may_stop_being_admin(TOM, 0)


def test_who_sees_a_profile():
    assert yes_for(lambda one: policy.may_see_profile(one, TOM)) == set(ALL)
    assert yes_for(lambda one: policy.may_see_profile(one, NELE)) == {"quill", "ada", "nele"}


def test_who_sees_what_somebody_wrote():
    assert yes_for(lambda one: policy.may_list_comments(one, TOM, hides=False)) == set(ALL)
    assert yes_for(lambda one: policy.may_list_comments(one, TOM, hides=True)) == {"quill", "ada", "tom"}


# The rules and the SQL

VIEWERS = ("nobody", "tom", "rosa", "ida", "otto", "zora", "wim", "quill", "ada", "sven", "nele")


@pytest.fixture
def comments(cast):
    """Return a comment by Tom in every state, with and without a reply by Rosa: (status, has a reply) -> id.

    Zora moderates in a tag of the article, Wim in another.
    """
    cast.zora, cast.wim = (factories.person(name) for name in ("Zora", "Wim"))
    factories.moderates(cast.zora, factories.tag("boats", cast.article))
    factories.moderates(cast.wim, factories.tag("books"))
    found: dict[tuple[str, bool], int] = {}
    for status, answered in itertools.product(CommentStatus, (False, True)):
        made = say(cast.tom, cast.article, f"Tom's {status} words.")
        if answered:
            say(cast.rosa, cast.article, parent=made)
        put(made, status)
        found[str(status), answered] = made
    return found


def test_sql_and_rule_agree_on_what_has_a_place(cast, comments):
    shown = set(db.session.scalars(select(Comment.id).where(page_rows.VISIBLE)))
    placed = set(db.session.scalars(text(f"SELECT id FROM comments WHERE {ancestry.PLACED}")))
    everybody = db.session.scalars(select(Comment)).all()
    assert shown == placed == {one.id for one in everybody if policy.has_place(one.status, one.reply_count)}
    assert len(shown) == 7 + 8  # Rosa's replies, and Tom's own: all that are answered, and the one published


@pytest.mark.parametrize("name", VIEWERS)
def test_pages_show_each_viewer_what_the_rules_say(cast, comments, name):
    person = None if name == "nobody" else getattr(cast, name)
    browser, actor = cast.browser(person), _actor(person)
    article_page = browser.get(f"/articles/{cast.article.slug}").text
    for (status, _answered), id in comments.items():
        facts = queries.facts(id)
        assert facts is not None
        reads = bool(policy.may_see(actor, facts, facts.article))
        knows = bool(policy.may_see_frame(actor, facts, facts.article))
        words = f"Tom&#39;s {status} words."
        answer = browser.get(f"/comments/{id}")
        assert answer.status_code in ((303, 200) if knows else (404,)), (status, name)
        if answer.status_code == 200:
            assert reads
            assert f"Tom's {status} words." in answer.text or words in answer.text
        # Moderators get an empty frame of what is sealed or erased too: something only they see may stand below it.
        assert (f'id="c-{id}"' in article_page) <= (knows or moderates(actor, facts.article)), (status, name)
        if policy.has_place(facts.status, facts.reply_count):
            assert f'id="c-{id}"' in article_page
    for status in CommentStatus:
        if f"Tom's {status} words." in article_page:
            assert any(
                policy.may_see(actor, queries.facts(comments[status, answered]), cast.article)
                for answered in (False, True)
            )


def test_rows_of_a_page_are_those_the_rules_let_readers_know_of(cast, comments):
    found = article(cast.article.slug)
    assert found is not None
    for everything in (False, True):
        shown = thread.article_page(found, newest=False, from_id=None, everything=everything)
        ids = {made.id for part in shown.threads for made in part.rows}
        placed = {id for id in comments.values() if policy.has_place(row(id).status, row(id).reply_count)}
        assert ids & set(comments.values()) == (set(comments.values()) if everything else placed)


@pytest.mark.parametrize("name", VIEWERS[1:])
def test_sql_and_rule_agree_on_where_somebody_moderates(cast, comments, name):
    """A list finds the articles that `Reach.covers`, also where an author moderates in a tag, or one has both tags."""
    other, both = factories.article(cast.otto, "The ferry is late"), factories.article(cast.rosa, "Boats and books")
    for tag in ("boats", "books"):
        factories.tag(tag, both)
    factories.moderates(cast.otto, factories.tag("books"))
    reach = policy.reach(_actor(getattr(cast, name)))
    found = set(db.session.scalars(select(ArticleRow.id).where(within(reach, ArticleRow.id))))
    everything = {one.id: one for one in db.session.scalars(select(ArticleRow))}
    assert set(everything) == {cast.article.id, other.id, both.id}
    assert found == {id for id, one in everything.items() if reach.covers(one)}


def _actor(person: Any) -> Any:
    return NOBODY if person is None else viewer_of(person.id)
