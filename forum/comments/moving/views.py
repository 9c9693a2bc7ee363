"""Move a comment with its replies, or a whole discussion: choose where to, read what will happen, and do it."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.articles import queries as articles
from forum.articles.queries import ArticleView
from forum.comments import queries
from forum.comments.models import Move
from forum.comments.moving import actions, extent, merging, targets
from forum.comments.moving.forms import MergeForm, MoveForm
from forum.comments.moving.targets import Target
from forum.comments.queries import CommentView
from forum.comments.views import article_of, blueprint, known_comment, readable_article
from forum.errors import Conflict, Forbidden, Invalid


@blueprint.route("/comments/<int:id>/move", methods=["GET", "POST"])
def move(id: int) -> str | tuple[str, int] | Response:
    """Move a comment with everything below it; the first POST shows what will happen, the second does it."""
    comment = known_comment(id)
    policy.may_move(web.viewer(), comment.article).require()
    form = MoveForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _form_page(comment, form)
    try:
        web.checked(form)
        target = _target(comment, form)
        if not form.confirm.data:
            return _confirmation(comment, form, target)
        made = _moved(id, form, target)
    except (Invalid, Conflict, Forbidden) as error:
        db.rollback()
        web.show_errors(form, error)
        return _form_page(comment, form, error.words if isinstance(error, Conflict) else ""), error.status
    said = web.ngettext("%(num)s comment was moved.", "%(num)s comments were moved.", made.comment_count)
    undo = url_for("comments.undo_move", id=made.id)
    db.commit()
    web.say(said, undo=undo)
    return web.other_page(url_for("comments.permalink", id=id))


@blueprint.post("/moves/<int:id>/undo")
def undo_move(id: int) -> Response:
    """Move a branch back to where it was."""
    comment_id = actions.undo_move(web.viewer(), id).comment_id
    db.commit()
    web.say(_("Moved back to where it was."))
    return web.other_page(url_for("comments.permalink", id=comment_id))


@blueprint.post("/moves/<int:id>/undo-all")
def undo_merge(id: int) -> Response:
    """Move a whole discussion back to where it was."""
    article_id = merging.undo_merge(web.viewer(), id).from_article_id
    db.commit()
    web.say(_("Moved back to where it was."))
    back = articles.article_by_id(article_id)
    return web.other_page(url_for("comments.article", slug=back.slug) if back else "/")


@blueprint.route("/articles/<slug>/move", methods=["GET", "POST"])
def merge(slug: str) -> str | tuple[str, int] | Response:
    """Move all comments of an article to another, and close the discussion here."""
    article = readable_article(slug)
    policy.may_move(web.viewer(), article).require()
    form = MergeForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _merge_page(article, form)
    try:
        web.checked(form)
        target = targets.read(web.viewer(), form.address.data or "", web.is_ours)
        if target.parent_id is not None:
            raise Invalid({"address": _("This is a comment. Give the address of the article itself.")})
        if not form.confirm.data:
            extents = extent.of_article(web.viewer(), article.id, target.article_id)
            return _merge_page(article, form, target=target, extent=extents)
        made = merging.merge(web.viewer(), article.id, target.article_id, form.reason.data or "")
    except (Invalid, Conflict, Forbidden) as error:
        db.rollback()
        web.show_errors(form, error)
        return _merge_page(article, form), error.status
    undo = url_for("comments.undo_merge", id=made.id)
    db.commit()
    web.say(_("All comments were moved here."), undo=undo)
    return web.other_page(url_for("comments.article", slug=target.slug))


def _target(comment: CommentView, form: MoveForm) -> Target | None:
    """Return the place that was chosen, None for a new article. Raises Invalid, and what refuses such a move."""
    actor = web.viewer()
    if form.place.data == "article":
        policy.may_write_articles(actor).require()
        if not (form.title.data or "").strip():
            raise Invalid({"title": _("Please give the new article a title.")})
        return None
    if form.place.data == "thread":
        target = Target(comment.article_id, comment.article_slug, comment.article_title)
    elif form.place.data == "there":
        target = targets.read(actor, form.address.data or "", web.is_ours)
    else:
        raise Invalid({"place": _("Choose where to move it.")})
    actions.check_move(actor, comment.id, target.article_id, target.parent_id)
    return target


def _moved(id: int, form: MoveForm, target: Target | None) -> Move:
    actor, reason = web.viewer(), form.reason.data or ""
    if target is None:
        return actions.split(actor, id, form.title.data or "", reason)
    return actions.move(actor, id, target.article_id, target.parent_id, reason)


def _form_page(comment: CommentView, form: MoveForm, words: str = "") -> str:
    writes = bool(policy.may_write_articles(web.viewer()))
    shown: dict[str, Any] = {"comment": comment, "article": article_of(comment), "form": form, "words": words}
    return web.render("comments/move.html", writes=writes, **shown)


def _confirmation(comment: CommentView, form: MoveForm, target: Target | None) -> str:
    found = extent.of_branch(web.viewer(), comment.id, target.article_id if target else None)
    above = queries.facts(comment.parent_id) if comment.parent_id else None
    from_name = above.name if above and policy.may_see(web.viewer(), above, above.article) else ""
    shown: dict[str, Any] = {"comment": comment, "form": form, "target": target}
    shown |= {"extent": found, "from_name": from_name}
    return web.render("comments/move_confirm.html", **shown)


def _merge_page(article: ArticleView, form: MergeForm, **shown: Any) -> str:
    return web.render("comments/merge.html", article=article, form=form, **shown)
