"""The form in which an article is written, and what is done with an article from there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, session, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.articles import actions, queries
from forum.articles.actions import TextChanged, Words, check_words
from forum.articles.forms import ArticleForm
from forum.articles.models import Article
from forum.articles.moved import not_found
from forum.articles.naming import split_tags
from forum.articles.queries import Writing
from forum.articles.views import blueprint
from forum.clock import is_usable, now
from forum.errors import Invalid
from forum.pictures import views as pictures

PREVIEWS = "60 per minute"  # a script asks for one whenever its writer pauses


def is_preview() -> bool:
    """Tell whether the form asks to be shown what its text would look like."""
    return request.form.get("act") == "preview"


@blueprint.route("/articles/new", methods=["GET", "POST"])
@web.private(policy.may_write_articles)
@web.limited(PREVIEWS, when=is_preview)
@web.limited(pictures.PICTURES, when=pictures.is_sent)
def new() -> web.Page:
    """Write an article: preview it, keep it as a draft, publish it, or set a time for it."""
    form = ArticleForm(request.form)
    if request.method == "GET":
        return _first_page(form)
    if is_preview():
        return _preview(form)
    try:
        if pictures.put_into(form, "markdown"):
            return _page(form)
        made, is_new = actions.create_once(web.viewer(), _words(form))
        # The same words again may be another wish: "Publish now" after "Save as a draft".
        is_done = not is_new and policy.is_out(made, now())
        return _sent_again(form, made) if is_done else _released(form, made)
    except Invalid as error:
        return again(form, error)


@blueprint.route("/articles/<slug>/edit", methods=["GET", "POST"])
@web.private(policy.may_write_articles)
@web.limited(PREVIEWS, when=is_preview)
@web.limited(pictures.PICTURES, when=pictures.is_sent)
def edit(slug: str) -> web.Page:
    """Change an article. Where another person saved other words meanwhile, show both texts instead."""
    article = own(slug)
    if request.method == "GET":
        return _first_page(_filled(article), article)
    form = ArticleForm(request.form)
    if is_preview():
        return _preview(form, article)
    updated = form.updated_words.data or "" if form.updated.data else None
    try:
        if pictures.put_into(form, article.format):
            return _page(form, article)
        words = _words(form, article.format)
        return _released(form, actions.edit(web.viewer(), article.id, words, form.seen.data, updated))
    except Invalid as error:
        return again(form, error, article)
    except TextChanged as error:
        return both(form, slug, error)


@blueprint.post("/articles/<slug>/publish")
@web.private(policy.may_write_articles)
def publish(slug: str) -> Response:
    """Publish a draft as it stands."""
    actions.publish(web.viewer(), own(slug).id)
    db.commit()
    web.say(_("The article is published."))
    return web.other_page(url_for("comments.article", slug=slug))


@blueprint.post("/articles/<slug>/unpublish")
@web.private(policy.may_write_articles)
def unpublish(slug: str) -> Response:
    """Make an article a draft again."""
    article = own(slug)
    actions.unpublish(web.viewer(), article.id)
    db.commit()
    undo = url_for(".publish", slug=slug) if article.is_out else ""
    web.say(_("The article is a draft again. Nobody but you sees it, nor its comments."), undo=undo)
    return web.other_page(url_for(".edit", slug=slug))


@blueprint.post("/articles/<slug>/delete")
@web.private(policy.may_write_articles)
def delete(slug: str) -> Response:
    """Delete a draft that was never published."""
    actions.delete(web.viewer(), own(slug).id)
    db.commit()
    web.say(_("The draft is deleted."))
    return web.other_page(url_for(".home"))


def own(slug: str) -> Writing:
    """Return the article with this address for its form. Raises NotFound, Moved and Forbidden."""
    article = queries.writing(slug)
    if article is None or not policy.may_read_article(web.viewer(), article, now()):
        raise not_found(web.viewer(), slug)
    policy.may_edit_article(web.viewer(), article).require()
    return article


def _words(form: ArticleForm, format: str = "markdown", *, complete: bool = True) -> Words:
    typed = {name: value or "" for name, value in (web.checked(form) if complete else form).data.items()}
    return check_words(
        *(typed["title"], typed["body"], split_tags(typed["tags"]), typed["source_name"], typed["source_url"]),
        format=format,
        standfirst=typed["standfirst"],
        foreword=typed["foreword"],
        afterword=typed["afterword"],
        slug=typed["slug"] if "slug" in request.form else None,  # a form without the field leaves it as it is
        complete=complete,
    )


def _preview(form: ArticleForm, article: Writing | None = None) -> str:
    words = _words(form, article.format if article else "markdown", complete=False)
    if web.wants_fragment():
        return web.render("articles/form.html", "articles/_preview.html", preview=words)
    return _page(form, article, preview=words)


def _sent_again(form: ArticleForm, article: Article) -> Response:
    """Answer a form whose words are published already: what it chooses otherwise this time is saved."""
    before = _choices(article)
    _choose(form, article)
    slug, is_other = article.slug, _choices(article) != before
    db.commit()
    if is_other:
        web.say(_("Your changes are saved."))
    if _act() != "publish":
        web.say(_("This article is published already."))
    elif not is_other:
        web.say(_("You saved these words a moment ago, so they were not saved a second time."))
    return web.other_page(url_for("comments.article", slug=slug))


def _choices(article: Article) -> tuple[str, int | None, int | None]:
    return article.lead, article.auto_close_days, article.auto_close_silent_days


def _choose(form: ArticleForm, article: Article) -> None:
    """Save what stands in the form beside the words; a form without such a field leaves it as it is."""
    if "auto_close_days" in request.form:
        actions.set_auto_close(web.viewer(), article.id, form.auto_close_days.data, form.auto_close_silent_days.data)
    if "lead" in request.form:
        actions.set_lead(web.viewer(), article.id, form.lead.data or "")


def _released(form: ArticleForm, saved: Article) -> Response:
    _choose(form, saved)
    if _act() == "publish":
        actions.publish(web.viewer(), saved.id)
    if _act() == "schedule":
        actions.schedule(web.viewer(), saved.id, _chosen(form))
    article_id, slug = saved.id, saved.slug
    db.commit()
    article = queries.article_by_id(article_id)
    if article is not None and article.is_out:
        web.say(_("The article is published.") if _act() == "publish" else _("Your changes are saved."))
        return web.other_page(url_for("comments.article", slug=slug))
    scheduled = article is not None and article.is_scheduled
    web.say(
        _("The article will be published at that time.") if scheduled else _("The draft is saved. Only you see it.")
    )
    return web.other_page(url_for(".edit", slug=slug))


def _chosen(form: ArticleForm) -> datetime:
    local = form.published_at.data
    if local is None or not is_usable(local.replace(tzinfo=UTC)):
        raise Invalid({"published_at": _("Please choose a date and a time.")})
    return local.replace(tzinfo=_zone()).astimezone(UTC)


def _filled(article: Writing) -> ArticleForm:
    form = ArticleForm(obj=article)
    local = article.published_at.astimezone(_zone()) if article.published_at and article.is_scheduled else None
    form.published_at.data = local
    if article.changes:
        form.process(MultiDict(article.changes.fields))
    form.seen.data = article.mark
    return form


def _first_page(form: ArticleForm, article: Writing | None = None) -> str:
    """Show the form to a person who begins to write in it: its first box, or the text, takes the keys.

    A message has them first: two of a page may not ask for them.
    """
    box = form.body if article else form.title
    if "_flashes" not in session:
        box.render_kw = {"autofocus": True}
    return _page(form, article)


def _page(form: ArticleForm, article: Writing | None = None, **shown: Any) -> str:
    return web.render("articles/form.html", form=form, article=article, zone=web.site().timezone, **shown)


def again(form: ArticleForm, error: Invalid, article: Writing | None = None) -> tuple[str, int]:
    """Give the form back with what is wrong in it."""
    db.rollback()
    web.show_errors(form, error)
    return _page(form, article), 422


def both(form: ArticleForm, slug: str, error: TextChanged) -> tuple[str, int]:
    """Give the form back beside what somebody else saved meanwhile."""
    db.rollback()
    other = own(slug)
    form.seen.data = other.mark
    return _page(form, other, other=other, reason=error.reason), 409


def _act() -> str:
    return request.form.get("act", "save")


def _zone() -> ZoneInfo:
    return ZoneInfo(web.site().timezone)
