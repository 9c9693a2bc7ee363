"""The page that searches articles and comments. It shows what everybody may read, no matter who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from flask_babel import gettext as _

from forum import policy, web
from forum.articles import lists
from forum.articles import queries as articles
from forum.articles.naming import tag_slug
from forum.clock import is_usable, now
from forum.people import queries as people
from forum.policy import NOBODY
from forum.search import asked, queries
from forum.search.asked import Asked
from forum.search.forms import SearchForm
from forum.search.queries import Found, Scope
from forum.text.words import one_line
from forum.web.guards import network

blueprint = Blueprint("search", __name__)
FIELDS = ("author", "subject", "article", "since", "until", "order")
LONGEST_NAME = 120  # characters of a filter that are read


def is_asking() -> bool:
    """Tell whether the page has something to look for."""
    return bool(request.args.get("q", "").strip())


@blueprint.get("/search")
@web.limited("60 per minute", by=network, when=is_asking, method="GET")
def search() -> str:
    """Show the form and, where something is asked, what it finds; what was not understood is said beside it."""
    typed = request.args.get("q", "")
    form = SearchForm(request.args)
    form.order.data = "best" if form.order.data == "best" else "newest"
    question, told = asked.read(typed), _Told()
    scope = _scope(form, told)
    _tell_of(question, told)
    found = None
    if is_asking() and not question.is_empty and not told.wrong:
        found = _found(question, scope, form.order.data)
    return web.render(
        "search/search.html",
        q=typed[: asked.LONGEST],
        form=form,
        told=told,
        found=found,
        following=_following(found),
        is_behind=found is not None and queries.is_behind(),
    )


@dataclass
class _Told:
    """What is said about the question: `wrong` stands for results, `notes` beside them; `article` names the one."""

    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    article: str = ""


def _found(question: Asked, scope: Scope, order: str) -> Found:
    before = web.number("after")
    if order == "best":
        return queries.best(question, scope, before, min(web.number("start") or 0, queries.RANKED))
    return queries.newest(question, scope, before)


def _following(found: Found | None) -> dict[str, Any] | None:
    """Return the arguments of the next page's address, None where there is none."""
    if found is None or (found.next is None and found.start is None):
        return None
    kept = {name: request.args[name] for name in ("q", *FIELDS) if request.args.get(name)}
    where = {"after": found.next or web.number("after"), "start": found.start}
    return {**kept, "q": kept["q"][: asked.LONGEST], **where}


def _tell_of(question: Asked, told: _Told) -> None:
    if not is_asking():
        return
    if question.is_empty and question.unwanted:
        told.wrong.append(_("Please say also what to look for, not only what to leave out."))
    elif question.is_empty:
        told.wrong.append(_("There is no word in that. Please type a word or a part of a sentence."))
    if question.is_cut:
        note = _("That is too long: only the first %(number)s words and phrases are looked for.", number=asked.MOST)
        told.notes.append(note)


def _scope(form: SearchForm, told: _Told) -> Scope:
    author_id, tag_id, article_id = _author(form, told), _subject(form, told), _article(form, told)
    since, until = _day(form, "since", told), _day(form, "until", told)
    if since and until and since > until:
        told.wrong.append(_("The first day is after the last one, so nothing can be found."))
    return Scope(author_id, article_id, tag_id, since, until + timedelta(days=1) if until else None)


def _author(form: SearchForm, told: _Told) -> int | None:
    name = one_line((form.author.data or "")[:LONGEST_NAME])
    person = people.profile(NOBODY, people.sign_in_name(name)) if name else None
    if name and person is None:
        told.wrong.append(_("There is nobody with the sign-in name %(name)s.", name=name))
    elif person is not None and not person.lists_comments:
        told.wrong.append(_("%(name)s does not have their comments listed.", name=person.display_name))
    return person.id if person else None


def _subject(form: SearchForm, told: _Told) -> int | None:
    name = one_line((form.subject.data or "")[:LONGEST_NAME])
    tag = (lists.tag(name) or lists.tag(tag_slug(name))) if name else None
    if name and tag is None:
        told.wrong.append(_("There is no subject %(name)s.", name=name))
    return tag.id if tag else None


def _article(form: SearchForm, told: _Told) -> int | None:
    slug = one_line((form.article.data or "")[:LONGEST_NAME])
    article = articles.heading(slug) if slug else None
    if article is not None and policy.may_read_article(NOBODY, article, now()):
        told.article = article.title
        return article.id
    if slug:
        told.wrong.append(_("There is no article with the address %(name)s.", name=slug))
    return None


def _day(form: SearchForm, name: str, told: _Told) -> datetime | None:
    chosen = form[name]
    typed = request.args.get(chosen.name, "").strip()
    if not typed:
        return None
    first = datetime.combine(chosen.data, time(), ZoneInfo(web.site().timezone)) if chosen.data else None
    if first is None or not is_usable(first):
        told.wrong.append(_("%(day)s is no day. Please write it as in 2024-12-31.", day=one_line(typed[:20])))
        return None
    return first
