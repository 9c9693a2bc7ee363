"""Pages of articles: the lists, and the form in which one is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.articles import actions, lists, queries
from forum.articles.actions import TextChanged, Words, check_words
from forum.articles.forms import ArticleForm
from forum.articles.naming import split_tags
from forum.articles.queries import Writing
from forum.clock import is_usable, now
from forum.errors import Invalid, NotFound
from forum.people import queries as people

blueprint = Blueprint("articles", __name__)
FEW_MONTHS = 12  # that the first page lists; a look at the database each


@blueprint.get("/")
def home() -> str:
    """Show what was published, newest first; above it a writer's own drafts and scheduled articles."""
    start = web.number("from")
    return web.render(
        "articles/home.html",
        listing=lists.listing(web.viewer(), start=start),
        start=start,
        own=[] if start else lists.unpublished(web.viewer()),
        months=[] if start else lists.months(_zone(), FEW_MONTHS + 1),
        few=FEW_MONTHS,
        month_name=month_name,
    )


@blueprint.get("/tags")
def tags() -> str:
    """List every subject that articles have, with their number."""
    return web.render("articles/tags.html", tags=lists.all_tags())


@blueprint.get("/tags/<tag>")
def tag(tag: str) -> str:
    """Show the articles of one subject."""
    found = lists.tag(tag)
    if found is None:
        raise NotFound()
    start = web.number("from")
    listing = lists.listing(web.viewer(), tag=found.slug, start=start)
    may_close = policy.may_close(web.viewer(), None, found.id)
    return web.render("articles/tag.html", tag=found, listing=listing, start=start, may_close=may_close)


@blueprint.get("/people/<name>/articles")
def by_person(name: str) -> str:
    """Show the articles of one person, to whoever may see the profile."""
    person = people.profile(web.viewer(), name)
    if person is None:
        raise NotFound()
    start = web.number("from")
    listing = lists.listing(web.viewer(), author=person.id, start=start)
    return web.render("articles/by_person.html", person=person, listing=listing, start=start)


@blueprint.get("/archive")
def archive() -> str:
    """List every month in which articles came out, with their number."""
    return web.render("articles/archive.html", months=lists.every_month(_zone()), month_name=month_name)


@blueprint.get("/archive/<int:year>/<int:month>")
def month(year: int, month: int) -> str:
    """Show the articles of one month; a month without any is no page, or there would be no end of them."""
    if not (1000 <= year <= 9000 and 1 <= month <= 12):
        raise NotFound()
    first = datetime(year, month, 1, tzinfo=_zone())
    after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=_zone())
    start = web.number("from")
    listing = lists.listing(web.viewer(), between=(first, after), start=start)
    if not listing.items:
        raise NotFound()
    return web.render("articles/month.html", name=month_name(first), at=first, listing=listing, start=start)


@blueprint.route("/articles/new", methods=["GET", "POST"])
@web.private(policy.may_write_articles)
def new() -> str | tuple[str, int] | Response:
    """Write an article: preview it, keep it as a draft, publish it, or set a time for it."""
    form = ArticleForm(request.form)
    if request.method == "GET":
        return _page(form)
    try:
        words = _words(form)
        if _act() == "preview":
            return _page(form, preview=words)
        article = actions.create(web.viewer(), words)
        return _released(form, article.id, article.slug)
    except Invalid as error:
        return _again(form, error)


@blueprint.route("/articles/<slug>/edit", methods=["GET", "POST"])
@web.private(policy.may_write_articles)
def edit(slug: str) -> str | tuple[str, int] | Response:
    """Change an article. Where another person saved other words meanwhile, show both texts instead."""
    article = _own(slug)
    if request.method == "GET":
        return _page(_filled(article), article)
    form = ArticleForm(request.form)
    try:
        words = _words(form, article.format)
        if _act() == "preview":
            return _page(form, article, preview=words)
        actions.edit(web.viewer(), article.id, words, form.seen.data)
        return _released(form, article.id, article.slug)
    except Invalid as error:
        return _again(form, error, article)
    except TextChanged as error:
        return _both(form, slug, error)


@blueprint.post("/articles/<slug>/publish")
@web.private(policy.may_write_articles)
def publish(slug: str) -> Response:
    """Publish a draft as it stands."""
    actions.publish(web.viewer(), _own(slug).id)
    db.commit()
    web.say(_("The article is published."))
    return web.other_page(url_for("comments.article", slug=slug))


@blueprint.post("/articles/<slug>/unpublish")
@web.private(policy.may_write_articles)
def unpublish(slug: str) -> Response:
    """Make an article a draft again."""
    article = _own(slug)
    actions.unpublish(web.viewer(), article.id)
    db.commit()
    undo = url_for(".publish", slug=slug) if article.is_out else ""
    web.say(_("The article is a draft again. Nobody but you sees it, nor its comments."), undo=undo)
    return web.other_page(url_for(".edit", slug=slug))


@blueprint.post("/articles/<slug>/delete")
@web.private(policy.may_write_articles)
def delete(slug: str) -> Response:
    """Delete a draft that was never published."""
    actions.delete(web.viewer(), _own(slug).id)
    db.commit()
    web.say(_("The draft is deleted."))
    return web.other_page(url_for(".home"))


def month_name(first: datetime) -> str:
    """Name a month in the language of the site: September 2021."""
    return str(format_datetime(first, "LLLL y"))


def _own(slug: str) -> Writing:
    article = queries.writing(slug)
    if article is None or not policy.may_read_article(web.viewer(), article, now()):
        raise NotFound()
    policy.may_edit_article(web.viewer(), article).require()
    return article


def _words(form: ArticleForm, format: str = "markdown") -> Words:
    web.checked(form)
    typed = form.data
    return check_words(
        typed["title"],
        typed["body"],
        split_tags(typed["tags"] or ""),
        typed["source_name"] or "",
        typed["source_url"] or "",
        format=format,
    )


def _released(form: ArticleForm, article_id: int, slug: str) -> Response:
    if "auto_close_days" in request.form:  # a form without the field leaves it as it is
        actions.set_auto_close(web.viewer(), article_id, form.auto_close_days.data, form.auto_close_silent_days.data)
    if _act() == "publish":
        actions.publish(web.viewer(), article_id)
    if _act() == "schedule":
        actions.schedule(web.viewer(), article_id, _chosen(form))
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
    form.seen.data = article.mark
    local = article.published_at.astimezone(_zone()) if article.published_at and article.is_scheduled else None
    form.published_at.data = local
    return form


def _page(form: ArticleForm, article: Writing | None = None, **shown: Any) -> str:
    return web.render("articles/form.html", form=form, article=article, zone=web.site().timezone, **shown)


def _again(form: ArticleForm, error: Invalid, article: Writing | None = None) -> tuple[str, int]:
    db.rollback()
    web.show_errors(form, error)
    return _page(form, article), 422


def _both(form: ArticleForm, slug: str, error: TextChanged) -> tuple[str, int]:
    db.rollback()
    other = _own(slug)
    form.seen.data = other.mark
    return _page(form, other, other=other, reason=error.reason), 409


def _act() -> str:
    return request.form.get("act", "save")


def _zone() -> ZoneInfo:
    return ZoneInfo(web.site().timezone)
