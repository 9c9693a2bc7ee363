"""The letters to the senders of notices of law, through a real mail server."""

from __future__ import annotations

from forum import db
from forum.clock import now
from forum.legal import actions, deciding
from forum.site.models import Site
from tests.legal.scene import decided, do, filed, newest, sent
from tests.mail.fixtures import Mailing
from tests.moderation.scene import write

NORA = "nora@post.example"


def bodies(mailing: Mailing) -> list[str]:
    """Return what the letters say, in the order in which they came."""
    return [one.raw.decode("utf-8", "replace").replace("=\r\n", "") for one in mailing.server.received]


def test_a_receipt_comes_without_a_typed_word(mailing: Mailing) -> None:
    cast = mailing.cast
    comment = write(cast.tom, cast.article)
    answer = sent(cast.browser(), f"/comments/{comment}", why="Buy my pills.", name="Pills\r\nBcc: all@post.example")
    assert answer.status_code == 303
    assert mailing.work() == [NORA]
    (letter,) = bodies(mailing)
    assert newest().reference in letter and "/report/" in letter
    assert "ills" not in letter and "Bcc:" not in letter


def test_a_hostile_address_is_refused(mailing: Mailing) -> None:
    cast = mailing.cast
    comment = write(cast.tom, cast.article)
    for email in ("a@b.example\r\nBcc: x@y.example", "a@b.example, x@y.example", "<a@b.example>", "@"):
        assert sent(cast.browser(), f"/comments/{comment}", email=email).status_code == 422
    assert mailing.work() == []


def test_both_decisions_and_taking_one_back_are_told(mailing: Mailing) -> None:
    cast = mailing.cast
    for decision, words in (("hide", "was removed"), ("keep", "stays")):
        case_id = filed(write(cast.tom, cast.article, "A thief."))
        decided(cast.quill, case_id, decision, f"Because of {decision}.")
        assert NORA in mailing.work()
        letter = next(body for body in reversed(bodies(mailing)) if f"Because of {decision}." in body)
        assert words in letter and "Quill" not in letter
        do(cast.quill, deciding.undo_notice, case_id)
        assert NORA in mailing.work()
        assert any("looked at again" in body for body in bodies(mailing)[-2:])


def test_no_mail_goes_after_the_erasure(mailing: Mailing) -> None:
    cast = mailing.cast
    case_id = filed(write(cast.tom, cast.article))
    decided(cast.quill, case_id, "keep")
    db.lock()
    db.session.get_one(Site, 1).complainants_days = 0
    db.commit()
    actions.erase_complainants(now())
    db.commit()
    assert NORA not in mailing.work()
