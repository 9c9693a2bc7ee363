"""The links in the head and the foot of every page, with what waits behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import request, url_for
from flask_babel import gettext as _

from forum import policy, web
from forum.front.address import LONGEST, READ
from forum.site.queries import lets_guests_follow, mails_articles
from forum.site.views import blueprint

# Pages of which `from` names one of several; for all others it is not part of the address.
PAGED = ("articles.home", "articles.tag", "articles.month", "comments.article", "comments.branch")
DISCUSSIONS = ("comments.article", "comments.branch")
SIGNING_IN = ("people.sign_in", "people.sign_up")
NOT_BACK = ("people.forgot", "people.link_sent")
Count = Callable[[policy.Actor], int]
_counts: dict[str, Count] = {}  # by endpoint


def counted_at(endpoint: str) -> Callable[[Count], Count]:
    """Let a function say how many things wait for a person behind the link to an endpoint."""

    def register(count: Count) -> Count:
        _counts[endpoint] = count
        return count

    return register


@dataclass(frozen=True)
class HeadLink:
    """One link of the page's head, or a button that POSTs; `count` is shown behind it where it is not nought."""

    label: str
    url: str
    count: int = 0
    current: bool = False
    post: bool = False


@blueprint.app_template_global("head_links")
def head_links() -> list[HeadLink]:
    """Return what this viewer finds in the head of every page."""
    person = web.viewer()
    wanted: list[tuple[str, str, dict[str, Any]]] = [(_("Articles"), "articles.home", {})]
    if policy.may_write_articles(person):
        wanted.append((_("Write"), "articles.new", {}))
    if policy.may_open_desk(person):
        wanted.append((_("Queue"), "moderation.queue", {}))
    if policy.may_administer(person):
        wanted.append((_("Settings"), "site.settings", {}))
    if person.id is None:
        wanted += [
            (_("Sign in"), SIGNING_IN[0], {"back": leads_back()}),
            (_("Sign up"), SIGNING_IN[1], {"back": leads_back()}),
        ]
    else:
        wanted.append((_("Notices"), "following.notices", {}))
        wanted.append(
            (getattr(person, "display_name", ""), "people.profile", {"name": getattr(person, "username", "")})
        )
    links = [
        HeadLink(
            label,
            url_for(endpoint, **values),
            _counts[endpoint](person) if endpoint in _counts else 0,
            request.endpoint == endpoint and not request.view_args,
        )
        for label, endpoint, values in wanted
    ]
    if person.id is not None:
        links.append(HeadLink(_("Sign out"), url_for("people.sign_out"), post=True))
    return links


@blueprint.app_template_global("leads_back")
def leads_back() -> str | None:
    """Return the page to which signing in leads back: this one, or where a page of signing in leads already.

    None for pages that nobody wants to come back to, for what is no page, for an address that would make a link too
    long to be taken, and where the address is itself a secret, which is not handed on.
    """
    if request.endpoint in SIGNING_IN:
        return request.args.get("next") or request.args.get("back") or web.sent_value("next")
    reads = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    if not reads or "token" in (request.view_args or {}) or request.endpoint in NOT_BACK:
        return None
    if request.endpoint == "articles.home" and "from" not in request.args:
        return None  # as it is without
    there = _here()
    return there if len(quote(there)) < LONGEST // 2 else None


def _here() -> str:
    if request.endpoint not in DISCUSSIONS:
        return request.full_path.rstrip("?")
    # As everybody's kept page has it, whatever was asked for besides.
    read = {name: value for name, value in request.args.items() if name in READ}
    return url_for(request.endpoint, **{**(request.view_args or {}), **read})


@blueprint.app_template_global("canonical")
def canonical() -> str:
    """Return the one address of a public page: without what it does not read; empty where the site's is not set."""
    base = web.site().url.rstrip("/")
    if not base or not request.endpoint:
        return ""
    start = web.number("from") if request.endpoint in PAGED else None
    values: dict[str, Any] = {**(request.view_args or {}), **({"from": start} if start else {})}
    return base + url_for(request.endpoint, **values)


blueprint.add_app_template_global(mails_articles, "mails_articles")
blueprint.add_app_template_global(lets_guests_follow, "lets_guests_follow")


@blueprint.app_template_global("shows_history")
def shows_history() -> bool:
    """Tell whether the footer links the public history for this viewer."""
    return bool(policy.may_see_history(web.viewer(), web.site()))
