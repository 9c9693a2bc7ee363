"""Cases follow what people report, write, delete and decide: a table of acts and of what is then to be decided."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from forum import db
from forum.cases.models import Case, Flag
from forum.comments.writing import actions as comments
from forum.errors import Conflict, Forbidden, Invalid, NotFound
from forum.ledger import queries as ledger
from forum.moderation import actions, consistency, erasing
from forum.moderation.models import Decision
from forum.moderation.seen import seen_mark
from forum.people import actions as people
from tests.cast import Cast
from tests.moderation import scene

Steps = Callable[[Cast, int], None]


def cases_of(comment_id: int) -> list[tuple[str, str, int, str | None, int]]:
    """Return the cases of a comment: state, queue, number of reports, outcome, priority; oldest first."""
    db.session.expire_all()
    query = select(Case).where(Case.comment_id == comment_id).order_by(Case.id)
    return [
        (case.state, case.queue, case.report_count, case.outcome, case.priority) for case in db.session.scalars(query)
    ]


def sound() -> bool:
    """Tell whether open cases are what reports and comments say."""
    return consistency.differences()[1] == []


def undo_last() -> None:
    """Mark nothing; undone is what was decided last."""
    newest = db.session.scalars(select(Decision).order_by(Decision.id.desc())).first()
    assert newest is not None
    who = newest.moderator_id
    assert who is not None
    actions.undo(scene.viewer_of(who), newest.id)  # type: ignore[arg-type]
    db.commit()


def report(who: str, reason: str = "abuse") -> Steps:
    """Report the comment as one of the cast, or as a guest."""
    return lambda cast, key: void(scene.report(getattr(cast, who) if who else None, key, reason))


def decide(decision: str, rule: str = "1") -> Steps:
    """Decide as Quill."""
    return lambda cast, key: void(scene.decide(cast.quill, key, decision, rule))


def withdraw(cast: Cast, key: int) -> None:
    """Delete it as its writer."""
    comments.withdraw(scene.actor(cast.tom), key)
    db.commit()


def bring_back(cast: Cast, key: int) -> None:
    """Take the deletion back."""
    comments.undo_withdraw(scene.actor(cast.tom), key)
    db.commit()


def edit(cast: Cast, key: int) -> None:
    """Write something else."""
    comments.edit(scene.actor(cast.tom), key, "Something else.")
    db.commit()


def erase(cast: Cast, key: int) -> None:
    """Take it away for good."""
    erasing.erase_comment(scene.actor(cast.ada), key)
    db.commit()


def undo(cast: Cast, key: int) -> None:
    """Take the last decision back."""
    undo_last()


def restore(cast: Cast, key: int) -> None:
    """Decide anew, of what was shown after the first decision."""
    newest = db.session.scalars(select(Decision.id).order_by(Decision.id.desc())).first()
    actions.decide(scene.actor(cast.quill), key, "keep", seen=seen_mark(newest, None))
    db.commit()


def void(value: object) -> None:
    """Return nothing."""


TABLE: list[tuple[str, list[Steps], list[tuple[str, str, int, str | None, int]]]] = [
    ("nobody reported", [], []),
    ("reported", [report("rosa")], [("open", "reported", 1, None, 3)]),
    ("reported by two and a guest", [report("rosa"), report("otto"), report("")], [("open", "reported", 3, None, 3)]),
    ("danger goes first", [report("rosa"), report("otto", "danger")], [("open", "reported", 2, None, 1)]),
    ("then what is illegal", [report("rosa", "illegal"), report("otto")], [("open", "reported", 2, None, 2)]),
    ("kept", [report("rosa"), decide("keep")], [("decided", "reported", 1, "keep", 3)]),
    ("removed", [report("rosa"), decide("hide")], [("decided", "reported", 1, "hide", 3)]),
    ("removed as spam", [report("rosa", "danger"), decide("spam")], [("decided", "reported", 1, "spam", 1)]),
    ("nobody had asked", [decide("hide")], [("decided", "unasked", 0, "hide", 3)]),
    ("undone", [report("rosa"), decide("hide"), undo], [("open", "reported", 1, None, 3)]),
    ("nobody had asked, undone", [decide("hide"), undo], [("gone", "unasked", 0, None, 3)]),
    (
        "kept and reported anew",
        [report("rosa"), decide("keep"), report("otto")],
        [("decided", "reported", 1, "keep", 3), ("open", "reported", 1, None, 3)],
    ),
    (
        "the first decision taken back then",
        [report("rosa", "danger"), decide("keep"), report("otto"), undo],
        [("gone", "reported", 1, None, 1), ("open", "reported", 2, None, 1)],
    ),
    ("deleted by its writer", [report("rosa"), withdraw], [("gone", "reported", 1, None, 3)]),
    ("deleted and brought back", [report("rosa"), withdraw, bring_back], [("open", "reported", 1, None, 3)]),
    ("deleted and brought back unreported", [withdraw, bring_back], []),
    ("edited", [report("rosa"), edit], [("open", "reported", 1, None, 3)]),
    ("erased", [report("rosa"), erase], [("gone", "reported", 1, None, 3)]),
    ("decided, then erased", [report("rosa"), decide("hide"), erase], [("decided", "reported", 1, "hide", 3)]),
    (
        "removed, then restored",
        [decide("hide"), restore],
        [("decided", "unasked", 0, "hide", 3), ("decided", "unasked", 0, "keep", 3)],
    ),
]


@pytest.mark.parametrize(("steps", "wanted"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_has_to_be_decided_after_each_act(cast: Cast, steps: list[Steps], wanted: list[object]) -> None:
    key = scene.write(cast.tom, cast.article)
    for step in steps:
        step(cast, key)
    assert cases_of(key) == wanted
    assert sound()
    assert all(flag.case_id for flag in db.session.scalars(select(Flag)))


def test_a_guests_comment_waits_is_published_and_waits_again(cast: Cast) -> None:
    scene.let_guests_write()
    key = scene.write(None, cast.article)
    assert cases_of(key) == [("open", "waiting", 0, None, 3)]
    made = scene.decide(cast.quill, key, "keep")
    assert cases_of(key) == [("decided", "waiting", 0, "keep", 3)]
    actions.undo(scene.actor(cast.quill), made)
    db.commit()
    assert cases_of(key) == [("open", "waiting", 0, None, 3)]
    assert sound()


def test_a_branch_answers_every_case_in_it_and_gives_them_back(cast: Cast) -> None:
    top = scene.write(cast.tom, cast.article)
    below = [scene.write(cast.otto, cast.article, f"Reply {number}", top) for number in range(3)]
    for key in below:
        scene.report(cast.rosa, key)
    made = scene.decide(cast.quill, top, "hide-replies")
    assert [cases_of(key)[0][:4] for key in below] == [("decided", "reported", 1, "hide-replies")] * 3
    actions.undo(scene.actor(cast.quill), made)
    db.commit()
    assert [cases_of(key) for key in below] == [[("open", "reported", 1, None, 3)]] * 3
    assert [case[0] for case in cases_of(top)] == ["gone"]
    assert sound()


def test_reports_say_where_they_come_from(cast: Cast) -> None:
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key)
    scene.report(None, key)
    assert list(db.session.scalars(select(Flag.reporter).order_by(Flag.id))) == ["person", "guest"]


def test_accounts_wait_are_approved_refused_and_wait_again(cast: Cast) -> None:
    ada, nele = scene.actor(cast.ada), cast.nele.id

    def states() -> list[tuple[str, str | None]]:
        query = select(Case.state, Case.outcome).where(Case.person_id == nele, Case.kind == "account")
        return [tuple(row) for row in db.session.execute(query.order_by(Case.id))]

    assert states() == [("open", None)]
    people.deactivate(ada, nele)
    db.commit()
    assert states() == [("decided", "refuse")]
    people.reactivate(ada, nele)
    db.commit()
    assert states() == [("decided", "refuse"), ("open", None)]
    people.approve(ada, nele)
    db.commit()
    assert states() == [("decided", "refuse"), ("decided", "approve")]
    assert sound()


def test_a_newcomer_waits_where_the_site_asks_for_it(cast: Cast) -> None:
    db.lock(site=db.Hold.EXCLUSIVE)
    db.session.get_one(scene.Site, 1).sign_up = "approval"
    db.commit()
    person = people.sign_up("newcomer", "", "a long enough sentence for it")
    db.commit()
    assert db.session.scalar(select(Case.queue).where(Case.person_id == person.id)) == "accounts"


def test_many_are_decided_at_once_each_with_entry_notice_and_undo(cast: Cast) -> None:
    keys = [scene.write(cast.tom, cast.article, f"Spam {number}") for number in range(3)]
    for key in keys:
        scene.report(cast.rosa, key, "spam")
    own = scene.write(cast.quill, cast.article, "My own")
    elsewhere = scene.write(cast.tom, scene.another_article(cast))
    before = len(ledger.acts(limit=100))
    seen: dict[int, str | None] = dict.fromkeys([*keys, own, elsewhere], seen_mark(None, None))
    seen[keys[2]] = "7-0"
    done = actions.decide_many(scene.actor(cast.quill), cast.article.id, seen, "spam")
    db.commit()
    assert sorted(done.made) == keys[:2]
    assert {key: type(refusal) for key, refusal in done.refused.items()} == {
        keys[2]: Conflict,
        own: Forbidden,
        elsewhere: NotFound,
    }
    assert [act.act for act in ledger.acts(limit=len(ledger.acts(limit=100)) - before)] == ["comment.spam"] * 2
    assert [kind for kind, _ in scene.told(cast.tom)] == ["spam"] * 2
    assert [scene.status(key) for key in keys] == ["spam", "spam", "published"]
    made = done.made[keys[0]].id
    actions.undo(scene.actor(cast.quill), made)
    db.commit()
    assert [scene.status(key) for key in keys] == ["published", "spam", "published"]
    assert sound()


def test_deciding_many_is_refused_whole_where_the_rule_is_wrong(cast: Cast) -> None:
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key)
    with pytest.raises(Invalid):
        actions.decide_many(scene.actor(cast.quill), cast.article.id, {key: None}, "hide", "99")
    with pytest.raises(Invalid):
        actions.decide_many(scene.actor(cast.quill), cast.article.id, dict.fromkeys(range(1, 102)), "keep")
    with pytest.raises(NotFound):
        actions.decide_many(scene.actor(cast.otto), cast.article.id, {key: None}, "keep")
    db.rollback()
    assert cases_of(key) == [("open", "reported", 1, None, 3)]


def test_of_those_who_decide_at_once_one_wins_and_the_others_are_told(app, cast: Cast) -> None:
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key)
    quill, ada, mark = scene.actor(cast.quill), scene.actor(cast.ada), seen_mark(None, None)

    def decided(number: int) -> str:
        with app.app_context():
            try:
                who = quill if number % 2 else ada
                actions.decide(who, key, ["keep", "hide", "spam"][number % 3], "1", seen=mark)
                db.commit()
                return "decided"
            except Conflict as conflict:
                db.rollback()
                return str(conflict.reason)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(6) as together:
        answers = list(together.map(decided, range(6)))
    assert answers.count("decided") == 1
    assert all(
        answer == "decided" or answer.startswith(("Quill decided", "Quill removed", "Ada decided", "Ada removed"))
        for answer in answers
    )
    assert (scene.decisions(), len(cases_of(key)), cases_of(key)[0][0]) == (1, 1, "decided")
    assert sound()
