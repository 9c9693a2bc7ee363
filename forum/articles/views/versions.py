"""The earlier versions of an article: a list, what each changed, and the ways to bring one back or erase it."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.articles import actions, queries, versions
from forum.articles.moved import not_found
from forum.articles.queries import ArticleView
from forum.articles.views import blueprint
from forum.clock import now
from forum.errors import NotFound


@blueprint.get("/articles/<slug>/versions")
def list_versions(slug: str) -> str:
    """List the earlier versions of an article, newest first."""
    article = _readable(slug)
    found = versions.listed(article.id, everything=_everything(article), before=web.number("before"))
    return web.render("articles/versions.html", article=article, found=found)


@blueprint.get("/articles/<slug>/versions/<int:id>")
def version(slug: str, id: int) -> str:
    """Show what became of an earlier version."""
    article = _readable(slug)
    found = versions.change(article.id, id, everything=_everything(article))
    if found is None:
        raise NotFound()
    restores, erases = policy.may_edit_article(web.viewer(), article), policy.may_erase(web.viewer())
    writing = queries.writing(slug) if restores else None
    kept = writing.changes if writing else None
    shown = {"article": article, "change": found, "restores": restores, "erases": erases, "kept": kept}
    return web.render("articles/version.html", "", **shown)


@blueprint.post("/articles/<slug>/versions/<int:id>/restore")
@web.private(policy.may_write_articles)
def restore_version(slug: str, id: int) -> Response:
    """Give an article the words of an earlier version."""
    actions.restore(web.viewer(), _readable(slug).id, id)
    db.commit()
    web.say(_("The article says again what it said then. What it said until now is an earlier version."))
    return web.other_page(url_for(".edit", slug=slug))


@blueprint.post("/articles/<slug>/versions/<int:id>/erase")
@web.private(policy.may_erase)
def erase_version(slug: str, id: int) -> Response:
    """Erase the words of an earlier version."""
    article = _readable(slug)
    if versions.change(article.id, id, everything=True) is None:
        raise NotFound()
    actions.erase_article_version(web.viewer(), id)
    db.commit()
    db.checkpoint()
    web.say(_("The earlier version is gone for good."))
    return web.other_page(url_for(".list_versions", slug=slug))


def _readable(slug: str) -> ArticleView:
    article = queries.article(slug)
    if article is None or not policy.may_read_article(web.viewer(), article, now()):
        raise not_found(web.viewer(), slug)
    policy.may_see_article_versions(web.viewer(), article).require()
    return article


def _everything(article: ArticleView) -> bool:
    """Tell whether the viewer sees also what no reader could read."""
    return bool(policy.may_edit_article(web.viewer(), article))
