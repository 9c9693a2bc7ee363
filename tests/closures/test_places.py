"""Closures of every place, for everyone and for one person: what each closes, and that none undoes another."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum import db
from forum.articles.models import Article, Tag
from forum.clock import now
from forum.closures.models import Closure
from forum.comments import consistency
from forum.comments.ending import actions as closing
from forum.comments.ending.counting import count, lapse_some
from forum.comments.ending.request import Ending
from forum.comments.writing import actions
from forum.errors import Conflict, Forbidden, Invalid, NotFound
from forum.people.queries import viewer_of
from forum.policy import NOBODY
from tests import factories
from tests.comments.talk import let, say
from tests.people.members import member

PLACES = ("site", "tag", "article", "branch")
HOUR = timedelta(hours=1)
STATES: dict[str, dict[str, timedelta]] = {
    "from now on": {},
    "for an hour": {"until": HOUR},
    "over": {"begins_at": -2 * HOUR, "until": -HOUR},
    "to come": {"begins_at": HOUR},
    "to come for an hour": {"begins_at": HOUR, "until": 2 * HOUR},
    "begun": {"begins_at": -HOUR, "until": HOUR},
}
HOLDING = {"from now on", "for an hour", "begun"}
WRITERS = ("tom", "rosa", "quill", "guest")


@dataclass(frozen=True)
class Kind:
    """A closure of a place, for everyone or for Tom."""

    place: str
    people: str

    def covers(self, spot: str, writer: str) -> bool:
        """Tell whether somebody may not write in a spot because of it."""
        where = {
            "site": {"branch", "article", "tagged", "other"},
            "tag": {"branch", "article", "tagged"},
            "article": {"branch", "article"},
            "branch": {"branch"},
        }
        return spot in where[self.place] and (self.people == "all" or writer == "tom")


KINDS = [Kind(place, people) for place in PLACES for people in ("all", "one")]


class Ground:
    """Ida's article with a branch in it, another with the same tag, and one without; where people try to write."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast
        let(who_may_comment="guests")
        self.article = cast.article.id
        tagged, other = factories.article(cast.ida, "Of the town too").id, factories.article(cast.ida, "Of the sea").id
        db.lock(self.article, tagged)
        tag = Tag(slug="town", name="Town")
        for id in (self.article, tagged):
            db.session.get_one(Article, id).tags = [tag]
        db.commit()
        self.tag = tag.id
        self.root = say(cast.rosa, cast.article)
        self.branch = say(cast.ida, cast.article, parent=self.root)
        self.inside = say(cast.rosa, cast.article, parent=self.branch)
        self.spots = {
            "branch": (self.article, self.inside),
            "article": (self.article, self.root),
            "tagged": (tagged, None),
            "other": (other, None),
        }
        self.people = {name: viewer_of(cast.ids()[name]) for name in WRITERS[:3]} | {"guest": NOBODY}
        self.tom = cast.tom.id

    def make(self, kind: Kind, **moments: timedelta) -> int:
        """Let an admin make a closure, as it would be with these moments from now."""
        begins = moments.pop("begins_at", timedelta())
        end = now() + moments["until"] if "until" in moments else None
        person = "tom" if kind.people == "one" else ""
        values = {"people": kind.people, "person": person, "words": f"{kind.place}, {kind.people}"}
        if begins > timedelta():
            values |= {"begins": now() + begins}
        if end is None or end > now():
            values |= {"until": end}
        made = self._close(kind, Ending(**values))
        if begins < timedelta():  # it was made in the past
            made.created_at = made.begins_at = now() + begins
            made.until = end
        db.commit()
        return made.id

    def _close(self, kind: Kind, ending: Ending) -> Closure:
        ada = viewer_of(self.cast.ada.id)
        assert ada
        if kind.place == "site":
            return closing.close_many(ada, None, ending)
        if kind.place == "tag":
            return closing.close_many(ada, self.tag, ending)
        if kind.place == "article":
            return closing.close_article(ada, self.article, ending)
        values = {**vars(ending), "start_id": self.branch}
        return closing.close_branch(ada, self.inside, Ending(**values))

    def may(self, writer: str, spot: str) -> bool:
        """Try to write and tell whether it went; nothing stays."""
        article, parent = self.spots[spot]
        named = {"guest_name": "Moss"} if writer == "guest" else {}
        try:
            actions.post(self.people[writer], article, "May I?", parent_id=parent, **named)
        except Conflict as refused:
            assert refused.words
            return False
        finally:
            db.rollback()
        return True

    def agrees(self, kinds: Iterable[Kind]) -> None:
        """Compare who may write where with what these closures cover."""
        kinds = list(kinds)
        for spot, writer in itertools.product(self.spots, WRITERS):
            expected = not any(kind.covers(spot, writer) for kind in kinds)
            assert self.may(writer, spot) is expected, (spot, writer, kinds)


@pytest.fixture
def ground(cast: Any) -> Ground:
    return Ground(cast)


def test_what_each_closes_and_when(ground: Ground) -> None:
    for kind, (state, moments) in itertools.product(KINDS, STATES.items()):
        made = ground.make(kind, **moments)
        spots = {"site": "other", "tag": "tagged", "article": "article", "branch": "branch"}
        holds = state in HOLDING
        assert ground.may("tom", spots[kind.place]) is not holds, (kind, state)
        assert ground.may("rosa", spots[kind.place]) is not (holds and kind.people == "all"), (kind, state)
        db.lock(ground.article)
        count(db.session.get_one(Closure, made), -1)
        db.session.delete(db.session.get_one(Closure, made))
        db.commit()
    for kind in KINDS:
        made = ground.make(kind)
        ground.agrees([kind])
        closing.undo(viewer_of(ground.cast.ada.id), made)
        db.commit()
    ground.agrees([])
    assert consistency.differences(ground.article) == ([], [])


def test_overlapping_ones_never_undo_each_other(ground: Ground) -> None:
    """All of them at once, opened again one by one; and each pair in either order."""
    ada = viewer_of(ground.cast.ada.id)
    assert ada
    for first, second in itertools.permutations(KINDS, 2):
        made = {
            kind: ground.make(kind, **STATES["for an hour" if kind is first else "from now on"])
            for kind in (first, second)
        }
        closing.reopen(ada, made[first], "")
        db.commit()
        for spot, writer in (("branch", "tom"), ("tagged", "tom"), ("branch", "rosa"), ("other", "rosa")):
            assert ground.may(writer, spot) is not second.covers(spot, writer), (first, second, spot, writer)
        closing.undo(ada, made[second])
        db.commit()
    made = {kind: ground.make(kind) for kind in KINDS}
    standing = list(KINDS)
    for kind in (KINDS[number] for number in (3, 0, 5, 6, 1, 4, 7, 2)):
        ground.agrees(standing)
        closing.reopen(ada, made[kind], "")
        db.commit()
        standing.remove(kind)
    ground.agrees([])
    assert consistency.differences(ground.article) == ([], [])


def test_the_end_of_one_leaves_the_others(ground: Ground) -> None:
    made = [ground.make(kind, **STATES["for an hour"]) for kind in KINDS]
    db.lock()
    for id in made[:6]:
        db.session.get_one(Closure, id).until = now() - HOUR / 60
    db.commit()
    ground.agrees(KINDS[6:])
    while lapse_some(now()):
        db.commit()
    ground.agrees(KINDS[6:])
    lapsed = db.session.scalars(select(Closure.id).where(Closure.lapsed_at.is_not(None)))
    assert set(lapsed) == set(made[:6])
    assert consistency.differences(ground.article) == ([], [])


def test_a_tag_that_is_added_closes_and_taken_off_opens(ground: Ground) -> None:
    ground.make(Kind("tag", "all"))
    other, _ = ground.spots["other"]
    assert ground.may("tom", "other") and not ground.may("tom", "tagged")
    for id, tags in ((other, ["town"]), (ground.spots["tagged"][0], [])):
        db.lock(id)
        db.session.get_one(Article, id).tags = list(db.session.scalars(select(Tag).where(Tag.slug.in_(tags))))
        db.commit()
    assert not ground.may("tom", "other") and ground.may("tom", "tagged")


def test_staff_may_where_it_says_so(ground: Ground) -> None:
    ada = viewer_of(ground.cast.ada.id)
    assert ada
    closing.close_many(ada, None, Ending(words="Repairs.", staff_may=True))
    db.commit()
    assert ground.may("quill", "other") and not ground.may("rosa", "other")


@pytest.mark.parametrize(("name", "place", "refused"), [
    ("quill", "site", True), ("ida", "site", True), ("ada", "site", False),
    ("tom", "tag", True), ("ida", "tag", True), ("quill", "tag", False), ("ada", "tag", False),
])  # fmt: skip
def test_who_may_close_more_than_one_article(ground: Ground, name: str, place: str, refused: bool) -> None:
    actor, tag = viewer_of(ground.cast.ids()[name]), ground.tag if place == "tag" else None
    assert actor
    for person in ("", "rosa"):
        ending = Ending(words="Enough.", people="one" if person else "all", person=person)
        if refused:
            with pytest.raises(Forbidden):
                closing.close_many(actor, tag, ending)
            db.rollback()
        else:
            made = closing.close_many(actor, tag, ending)
            db.commit()
            closing.undo(actor, made.id)
            db.commit()


@pytest.mark.parametrize(("name", "person", "refused"), [
    ("ida", "tom", False), ("ida", "otto", False), ("ida", "quill", True), ("ida", "ada", True), ("ida", "ida", True),
    ("quill", "ida", False), ("quill", "ada", True), ("quill", "quill", True), ("ada", "quill", False),
    ("ada", "ada", True), ("tom", "rosa", True), ("otto", "tom", True),
])  # fmt: skip
def test_nobody_closes_it_for_their_superior_or_themselves(
    ground: Ground, name: str, person: str, refused: bool
) -> None:
    actor = viewer_of(ground.cast.ids()[name])
    assert actor
    ending = Ending(words="Enough.", people="one", person=person)
    if refused:
        with pytest.raises(Forbidden):
            closing.close_article(actor, ground.article, ending)
        db.rollback()
    else:
        assert closing.close_article(actor, ground.article, ending).person_b_id is None
        db.commit()


@pytest.mark.parametrize("typed", ["Ida-Brandt", "ida-brandt", " IDA-BRANDT "])
def test_the_person_is_named_in_capitals_or_small_letters(ground: Ground, typed: str) -> None:
    wanted = member("Ida-Brandt", "Ida Brandt")
    made = closing.close_article(
        viewer_of(ground.cast.ada.id), ground.article, Ending(words="Enough.", people="one", person=typed)
    )
    assert made.person_a_id == wanted.id


def test_the_person_does_not_open_it_again_nor_an_equal(ground: Ground) -> None:
    cast = ground.cast
    other = factories.person(role="moderator")
    made = closing.close_article(viewer_of(cast.ada.id), ground.article, Ending(people="one", person="quill"))
    db.commit()
    for person in (cast.quill, other, cast.ida):
        with pytest.raises(Forbidden):
            closing.reopen(viewer_of(person.id), made.id, "")
        db.rollback()
    closing.reopen(viewer_of(cast.ada.id), made.id, "Calmer.")
    db.commit()


def test_what_makes_no_sense_is_refused(ground: Ground) -> None:
    ada, soon = viewer_of(ground.cast.ada.id), now() + HOUR
    wrong = [
        {"people": "two"}, {"people": "one"}, {"people": "one", "person": "nobody-here"}, {"people": "three"},
        {"begins": soon, "until": soon}, {"begins": soon, "until": soon - HOUR / 2}, {"until": now() - HOUR},
        {"begins": now() + timedelta(days=9999)}, {"words": "x" * 1001},
    ]  # fmt: skip
    for values in wrong:
        with pytest.raises(Invalid):
            closing.close_many(ada, None, Ending(**values))
        db.rollback()
    with pytest.raises(NotFound):
        closing.close_many(ada, 4711, Ending())
    db.rollback()
    guest = say(None, ground.cast.article, parent=ground.root)
    with pytest.raises(Invalid):
        closing.close_branch(ada, guest, Ending(people="one"))
    db.rollback()


def test_the_same_is_closed_twice_only_at_another_time(ground: Ground) -> None:
    ada = viewer_of(ground.cast.ada.id)
    for kind in KINDS:
        ground.make(kind, until=HOUR)
        with pytest.raises(Conflict):
            ground.make(kind)
        db.rollback()
        ground.make(kind, begins_at=2 * HOUR)
        with pytest.raises(Conflict):
            ground.make(kind, begins_at=3 * HOUR, until=4 * HOUR)
        db.rollback()
    assert ada


def test_one_person_edits_nothing_there_and_the_others_do(ground: Ground) -> None:
    cast = ground.cast
    mine, hers = say(cast.tom, cast.article), say(cast.rosa, cast.article)
    ground.make(Kind("article", "one"))
    with pytest.raises(Conflict):
        actions.edit(viewer_of(cast.tom.id), mine, "Better said.")
    db.rollback()
    actions.edit(viewer_of(cast.rosa.id), hers, "Better said.")
    actions.withdraw(viewer_of(cast.tom.id), mine)
    db.commit()
