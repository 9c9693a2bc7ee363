"""Read: the article with its discussion, a branch, a permalink, somebody's comments, earlier versions."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from forum import policy, web
from forum.clock import now
from forum.comments import labels, menu, queries
from forum.comments.queries import CommentView
from forum.comments.reading import page_rows
from forum.comments.reading.views import cached, seen
from forum.comments.reading.views.joined import render_around
from forum.comments.views import article_of, blueprint, known_comment, readable_heading
from forum.comments.writing.forms import CommentForm
from forum.errors import NotFound
from forum.notifications import queries as notices
from forum.people import queries as people
from forum.policy import NOBODY, ArticleFacts, CommentStatus, ModeratedFacts


@blueprint.get("/articles/<slug>")
def article(slug: str) -> Response:
    """Show an article and a page of its threads."""
    found = readable_heading(slug)
    newest = request.args.get("order") == "newest"
    try:
        discussion = cached.discussion(found, newest=newest, from_id=web.number("from"), everything=_everything(found))
    except NotFound:  # there is no such thread to begin with
        return web.other_page(url_for("comments.article", slug=slug))
    cached.changes_at(discussion.until)
    actor = web.viewer()
    seen.mark(actor, found.id, discussion.ids, itself=True)
    arrived = seen.visit(actor, found.id, discussion.newest, newest=newest)
    box = menu.box_under(actor, web.site(), found, discussion.closures)
    # A guest's page leads to the form, so that it holds no token and is the same for all of them.
    form = CommentForm(answers=actor.follows_answers) if box.verdict and not box.guest else None
    shown = {"article": found, "box": box, "form": form, "waiting": queries.waiting(actor, found.id)}
    shown |= {"between": menu.between(actor, found, discussion.closures), "arrived": arrived}
    shown |= {"is_out": _is_out(found), "about": discussion.about}
    shown["tools"] = menu.article_tools(actor, found, discussion.closed_id)
    shown["follows"] = actor.id is not None and notices.follows(actor.id, "article", found.id)
    return render_around("comments/article.html", "discussion", discussion.piece, **shown)


@blueprint.get("/comments/<int:id>")
def permalink(id: int) -> str | Response:
    """Lead to the page that shows a comment; one without a place is shown on a page of its own to those who may."""
    comment = known_comment(id)
    if not policy.has_place(comment.status, comment.reply_count):
        return _alone(comment)
    anchor = f"c-{id}"
    everything = bool(policy.may_moderate(web.viewer(), comment.article))
    if not page_rows.is_among_shown(comment.article_id, comment.root_id, comment.pos, everything):
        branch: dict[str, Any] = {"id": comment.root_id, "from": id}
        return web.other_page(url_for("comments.branch", **branch, _anchor=anchor))
    on_first = page_rows.first_page_has(comment.article_id, comment.root_id, everything)
    start: dict[str, Any] = {} if on_first else {"from": comment.root_id}
    return web.other_page(url_for("comments.article", slug=comment.article_slug, **start, _anchor=anchor))


@blueprint.get("/comments/<int:id>/branch")
def branch(id: int) -> Response:
    """Show the branch of a comment, from a row of it on."""
    top = known_comment(id)
    found = readable_heading(top.article_slug)
    first = known_comment(web.number("from") or id)
    if not labels.is_in_branch(first, top):
        raise NotFound()
    shown = cached.branch(found, top, first, everything=_everything(found))
    cached.changes_at(shown.page.until)
    seen.mark(web.viewer(), found.id, shown.ids)
    arrived = seen.visit(web.viewer(), found.id, shown.newest)
    between = menu.between(web.viewer(), found, shown.page.closures)
    values = {"article": found, "top": top, "page": shown.page, "between": between, "is_out": _is_out(found)}
    values["arrived"] = arrived
    return render_around("comments/branch.html", "rows", shown.piece, **values)


@blueprint.get("/comments/<int:id>/more")
def more(id: int) -> Response | str:
    """List what this viewer may do with a comment, each no with its reason."""
    comment = known_comment(id)
    listed = menu.items(web.viewer(), web.site(), comment)
    return web.render("comments/more.html", "comments/_more.html", comment=comment, items=listed)


@blueprint.get("/comments/<int:id>/history")
def history(id: int) -> str:
    """Show the earlier versions of a comment to its writer and the moderators."""
    comment = known_comment(id)
    readable = policy.may_see(web.viewer(), comment, comment.article)
    if comment.status == CommentStatus.SEALED and not readable:
        raise NotFound()
    policy.may_see_revisions(web.viewer(), comment.article, comment).require()
    if not readable:
        raise NotFound()
    erases = policy.may_erase(web.viewer())
    versions, older = queries.versions(comment, web.number("before"))
    return web.render("comments/history.html", comment=comment, versions=versions, older=older, erases=erases)


@blueprint.get("/people/<name>/comments")
def by_person(name: str) -> str:
    """List what somebody published, unless they keep the list to themselves."""
    person = people.profile(web.viewer(), name)
    if person is None or not person.lists_comments:
        raise NotFound()
    found = queries.by_person(person.id, before=web.number("before"))
    return web.render("comments/by_person.html", person=person, comments=found)


@blueprint.get("/latest")
def latest() -> str:
    """Show the newest comments of the whole site, each with where it stands."""
    found = queries.latest(web.number("before"))
    return web.render("comments/latest.html", comments=found, older=len(found) == queries.LISTED)


def _alone(comment: CommentView) -> str:
    undo = policy.may_undo_withdraw(web.viewer(), comment, now())
    return web.render(
        "comments/alone.html",
        undo=undo,
        comment=comment,
        waiting=comment.status == CommentStatus.HELD,
        article=article_of(comment),
    )


def _is_out(found: ArticleFacts) -> bool:
    """Tell whether an article is for everybody, so that feeds and search engines may be told of it."""
    return bool(policy.may_read_article(NOBODY, found, now()))


def _everything(found: ModeratedFacts) -> bool:
    return bool(policy.may_moderate(web.viewer(), found))


from forum.comments.reading.views import news  # noqa: E402 -- it puts its page on the blueprint
