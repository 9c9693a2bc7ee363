"""Ask a program elsewhere about a comment: read in one transaction, asked without any, and ended in the next one."""

from __future__ import annotations

from flask import url_for

from forum import db
from forum.jobs.actions import Taken
from forum.moderation import checking
from forum.process import settings
from forum.screening.outside import NoAnswer, ask

TRIES = 3  # a check that does not answer so often is decided by FORUM_CHECK_FAILURE


def check_comment(job: Taken) -> None:
    """Ask about a comment, and do what the answer says. Raises NoAnswer while another try is left."""
    comment_id, edited = int(job.subject["comment"]), bool(job.subject.get("edited"))
    asked = checking.question(comment_id, edited=edited)
    db.commit()  # nothing is held open while a server elsewhere thinks
    if asked is None:
        return
    process = settings()
    asked["address"] = url_for("comments.permalink", id=comment_id, _external=True)
    try:
        decision = ask(process.check_url, process.check_secret, asked, private=process.check_private)
    except NoAnswer:
        if job.attempts < TRIES:
            raise
        decision = process.check_failure
    checking.answer(comment_id, decision, asked["text"], edited=edited)
