"""Let the people of the demo follow what they wrote and be told of answers, as the site's own worker would."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from forum.clock import now
from forum.db import session, write
from forum.demo.story import Story
from forum.following.telling import tell_of_comments
from forum.jobs.actions import Taken
from forum.notifications import subscriptions
from forum.notifications.models import Notice
from forum.policy import CommentStatus

READ_AFTER = timedelta(days=1)  # what is older was read by everybody


def everything(story: Story) -> None:
    """Write who follows what and what they were told; the discussions stand already, and so do their trees."""
    for article in story.articles.values():
        write(subscriptions.new(article.author_id, "article", article.id, article.created_at))
    comments = sorted(story.comments.values(), key=lambda comment: comment.created_at)
    for comment in comments:
        if comment.author_id is not None:
            write(subscriptions.new(comment.author_id, "answers", comment.id, comment.created_at))
    for comment in comments:
        if comment.status == CommentStatus.PUBLISHED:
            moment = comment.created_at
            tell_of_comments([Taken(0, "comments.tell", {"comments": [comment.id]}, 1, moment, moment)])
    old = update(Notice).where(Notice.key.is_not(None), Notice.created_at < now() - READ_AFTER)
    session.execute(old.values(seen_at=Notice.created_at), execution_options={"synchronize_session": False})
