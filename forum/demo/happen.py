"""Write what happened to the demo's comments: an edit, reports, a removal, an end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from forum.articles.models import Article
from forum.cases import actions as cases
from forum.cases.models import Flag
from forum.closures.models import Closure
from forum.comments.ending import notices
from forum.comments.models import Comment, Revision, Source
from forum.db import session
from forum.demo import events
from forum.demo.script import ago
from forum.demo.story import Story
from forum.moderation.models import Decision
from forum.moderation.notices import WORDS, cause
from forum.notifications.models import Notice
from forum.people.queries import viewer_of
from forum.policy import CommentStatus
from forum.text.words import excerpt


def everything(story: Story) -> None:
    """Write all of `events`; the comments stand already."""
    cases.follow(story.comments.values())
    _edit(story)
    for report in events.REPORTS:
        _report(story, report)
    _remove(story)
    _end(story)


def _edit(story: Story) -> None:
    edit = events.EDIT
    comment, moment = story.comments[edit.comment], story.at(ago(edit.when))
    comment.edited_at = moment
    session.add(Revision(comment_id=comment.id, source=edit.before, editor_id=comment.author_id, replaced_at=moment))
    story.did("comment.edit", moment, **_ids(comment, comment.author_id))


def _report(story: Story, report: events.Report) -> None:
    comment, reader, moment = story.comments[report.comment], story.people[report.reader], story.at(ago(report.when))
    source = session.get_one(Source, comment.id)
    flag = Flag(
        comment_id=comment.id,
        person_id=reader.id,
        reason=report.reason,
        note=report.note,
        format=source.format,
        source=source.source,
        created_at=moment,
    )
    session.add(flag)
    session.flush()
    cases.follow([comment])
    details = {"reason": report.reason, "note": report.note}
    story.did("flag.add", moment, **_ids(comment, reader.id), person_id=comment.author_id, details=details)


def _remove(story: Story) -> None:
    removal = events.REMOVAL
    comment, moment = story.comments[removal.comment], story.at(ago(removal.when))
    moderator = story.people[removal.moderator]
    comment.rule = removal.rule
    decision = Decision(
        comment_id=comment.id,
        moderator_id=moderator.id,
        decision="hide",
        rule=removal.rule,
        note=removal.note,
        before={str(comment.id): CommentStatus.PUBLISHED},
        created_at=moment,
    )
    session.add(decision)
    session.flush()
    cases.decide([comment], decision.id, decision.decision, moderator.id, moment)
    _tell_of_removal(comment, decision)
    details = {"decision": decision.decision, "note": decision.note, "before": decision.before}
    ids = {**_ids(comment, moderator.id), "person_id": comment.author_id}
    story.did("comment.hide", moment, **ids, rule=removal.rule, details=details)


def _tell_of_removal(comment: Comment, decision: Decision) -> None:
    """Leave the notices of `moderation.notices`, with the date of the decision."""
    title = session.get_one(Article, comment.article_id).title
    shared = {"title": title, "rule": decision.rule, "by": "moderator"}
    words = {**shared, "words": excerpt(comment.html, WORDS), "more": 0, "cause": cause(decision)}
    _tell(comment.author_id, "removed", comment, decision.created_at, words)
    for reporter in session.scalars(select(Flag.person_id).where(Flag.decision_id == decision.id)):
        _tell(reporter, "report-answered", comment, decision.created_at, {**shared, "outcome": "removed"})


def _end(story: Story) -> None:
    ending = events.ENDING
    branch, last, moment = story.comments[ending.branch], story.comments[ending.at], story.at(ago(ending.when))
    writer = story.people[ending.writer]
    closure = Closure(
        article_id=branch.article_id,
        branch_id=branch.id,
        at_id=last.id,
        words=ending.words,
        closed_by_id=writer.id,
        took_part=True,
        created_at=moment,
    )
    session.add(closure)
    session.flush()
    details = {"words": ending.words, "reason": ""}
    story.did("closure.make", moment, **_ids(branch, writer.id), closure_id=closure.id, details=details)


def tell_of_ending(story: Story) -> None:
    """Tell those concerned; call it when the places of comments are known, for these say who wrote in the branch."""
    closure = session.scalars(select(Closure)).one()
    closer = viewer_of(story.people[events.ENDING.writer].id)
    assert closer is not None
    notices.after_closing(closer, closure, session.get_one(Article, closure.article_id))


def _tell(person_id: int | None, kind: str, comment: Comment, moment: datetime, details: dict[str, Any]) -> None:
    assert person_id is not None
    ids = {"article_id": comment.article_id, "comment_id": comment.id}
    session.add(Notice(person_id=person_id, kind=kind, **ids, details=details, created_at=moment))


def _ids(comment: Comment, actor_id: int | None) -> dict[str, int | None]:
    return {"actor_id": actor_id, "article_id": comment.article_id, "comment_id": comment.id}
