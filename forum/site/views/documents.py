"""The rules, the privacy page and the contact page, and the pages on which admins write them."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from forum import web
from forum.errors import Invalid, NotFound
from forum.process import checks_outside, offers_mail
from forum.site import actions, privacy, queries
from forum.site.forms import DocumentForm
from forum.site.queries import DocumentView
from forum.site.starters import SLUGS
from forum.site.views import blueprint
from forum.site.views.admin import admins_only
from forum.text import rendering
from forum.text.addresses import is_mail_address
from forum.text.links import safe_link


@blueprint.get("/rules")
def rules() -> str:
    """Show the rules of the site."""
    return web.render("site/document.html", title=titles()["rules"], document=_document("rules"))


@blueprint.get("/privacy", endpoint="privacy")
def privacy_page() -> str:
    """Show what is stored about people here, as it follows from the settings in force."""
    facts = privacy.facts(web.site(), offers_mail(), queries.keeps_addresses(), checks_outside())
    return web.render("site/document.html", title=titles()["privacy"], document=_document("privacy"), facts=facts)


@blueprint.get("/contact")
def contact() -> str:
    """Show how to reach the people who run the site."""
    reach = web.site().contact
    link = safe_link(reach) or (safe_link(f"mailto:{reach}") if is_mail_address(reach) else None)
    document = _document("contact")
    shown: dict[str, Any] = {"reach": reach, "link": link, "unreachable": not reach and document.is_starter}
    return web.render("site/document.html", title=titles()["contact"], document=document, **shown)


@blueprint.get("/admin/documents")
@admins_only
def documents() -> str:
    """List the texts of the site."""
    return web.render("site/documents.html", documents=[_document(slug) for slug in SLUGS], titles=titles())


@blueprint.route("/admin/documents/<slug>", methods=["GET", "POST"])
@admins_only
def edit_document(slug: str) -> web.Page:
    """Write a text of the site: preview it, or publish it as its new version."""
    document = _document(slug)
    form = DocumentForm(request.form)
    if request.method == "GET":
        form.source.data = _older(slug, document).source
        return _page(slug, document, form)
    if "preview" in request.form and form.validate():
        return _page(slug, document, form, preview=rendering.render(str(form.source.data), article=True))
    saved = web.attempt(form, lambda: actions.save_document(web.viewer(), slug, str(form.source.data)))
    if isinstance(saved, Invalid):
        return _page(slug, document, form), 422
    web.say(_("The text is published."))
    return web.other_page(url_for(f"site.{slug}"))


def titles() -> dict[str, str]:
    """Return the titles of the documents, by slug."""
    return {"rules": _("Rules"), "privacy": _("Privacy"), "contact": _("Contact")}


def _document(slug: str) -> DocumentView:
    found = queries.document(slug)
    if found is None:
        raise NotFound
    return found


def _older(slug: str, document: DocumentView) -> DocumentView:
    wanted = web.number("version")
    return (queries.version(slug, wanted) if wanted else None) or document


def _page(slug: str, document: DocumentView, form: DocumentForm, preview: str = "") -> str:
    return web.render(
        "site/edit_document.html",
        document=document,
        title=titles()[slug],
        form=form,
        preview=rendering.stored(preview) if preview else None,
        versions=queries.versions(slug),
    )
