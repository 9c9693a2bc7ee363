"""The settings of the site, its logo and its colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response as FlaskResponse
from flask import make_response, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum import db, mailserver, web
from forum.errors import Invalid, NotFound
from forum.site import actions, choices, colours, queries
from forum.site.actions import CHANGEABLE
from forum.site.forms import SettingsForm
from forum.site.logo import drawn_anew
from forum.site.queries import ChangeRow
from forum.site.views import blueprint
from forum.site.views.admin import admins_only
from forum.siteaddress import host_of

FOREVER = "public, max-age=31536000, immutable"  # their addresses carry a version


@dataclass(frozen=True)
class Told:
    """One change of the settings in words."""

    change: ChangeRow
    lines: list[tuple[str, str, str]]


@blueprint.route("/admin/settings", methods=["GET", "POST"])
@admins_only
def settings() -> web.Page:
    """Show the settings and change them."""
    form = _form()
    if request.method == "GET":
        return _page(form)
    change = web.attempt(form, lambda: actions.change_settings(web.viewer(), _typed(form)))
    if isinstance(change, Invalid):
        return _page(form), 422
    if change is None:
        web.say(_("Nothing was different, so nothing was changed."))
    else:
        with force_locale(web.next_language()):
            web.say(_("The settings are saved."), undo=url_for("site.undo_change", change_id=change.id))
    return web.other_page(url_for("site.settings"))


@blueprint.post("/admin/settings/<int:change_id>/undo")
@admins_only
def undo_change(change_id: int) -> Response:
    """Put back the values before a change."""
    actions.undo_change(web.viewer(), change_id)
    db.commit()
    with force_locale(web.next_language()):
        web.say(_("The change is undone."))
    return web.other_page(url_for("site.settings"))


@blueprint.get("/logo")
def logo() -> FlaskResponse:
    """Send the logo."""
    picture = queries.logo()
    if picture is None:
        raise NotFound
    return _cached(picture, "image/png", web.site().logo_hash)


@blueprint.get("/accent.css")
def accent_css() -> FlaskResponse:
    """Send the CSS rule that replaces the shipped accent with the site's colour."""
    return _cached(colours.stylesheet(web.site().accent).encode(), "text/css", str(web.site().version))


def fixed() -> dict[str, tuple[str, str]]:
    """Return the settings that the environment fixes: their value, and the name of the variable."""
    process = web.settings()
    found = {"name": (process.site_name, "FORUM_SITE_NAME"), "url": (process.site_url, "FORUM_SITE_URL")}
    return {field: pair for field, pair in found.items() if pair[0]}


def _form() -> SettingsForm:
    site = queries.site()
    form = SettingsForm(web.sent(), obj=site)
    if request.method == "GET":
        form.footer_links.data = choices.typed_links(site.footer_links)
        form.hold_words.data = "\n".join(site.hold_words)
    form.language.choices = [SelectChoice(code, name) for code, name in choices.languages().items()]
    zones = dict.fromkeys([site.timezone, *choices.timezones()])
    form.timezone.choices = [SelectChoice(name, name.replace("_", " ")) for name in zones]
    return form


def _typed(form: SettingsForm) -> dict[str, Any]:
    typed = {field: form.data[field] for field in CHANGEABLE if field not in fixed()}
    typed = {field: "" if value is None else value for field, value in typed.items()}
    typed["hold_words"] = choices.parsed_words(form.hold_words.data or "")
    typed["footer_links"] = choices.parsed_links(form.footer_links.data or "")
    upload = request.files.get("logo")
    if upload is not None and upload.filename:
        typed["logo"] = drawn_anew(upload.read())
    elif form.no_logo.data:
        typed["logo"] = None
    return typed


def _page(form: SettingsForm) -> str:
    changes = [Told(change, _lines(form, change)) for change in queries.changes()]
    return web.render("site/settings.html", form=form, fixed=fixed(), changes=changes, mail=_mail())


def _mail() -> dict[str, str]:
    """Return where mail goes out and who it is from; empty where the site sends none."""
    process = web.settings()
    if not process.smtp_url:
        return {}
    server, host = mailserver.parsed(process.smtp_url), host_of(web.site().url)
    how = mailserver.IN_WORDS[server.tls] if server.tls != "off" else _("not encrypted")
    return {"server": str(server), "how": how, "sender": mailserver.sender_at(host, process.mail_from)}


def _lines(form: SettingsForm, change: ChangeRow) -> list[tuple[str, str, str]]:
    return [
        (_label(form, field), _shown(form, field, change.before.get(field)), _shown(form, field, value))
        for field, value in change.after.items()
    ]


def _label(form: SettingsForm, field: str) -> str:
    return str(_("Logo") if field == "logo_hash" else form[field].label.text)


def _shown(form: SettingsForm, field: str, value: Any) -> str:
    """Say a setting's value in words."""
    if field == "logo_hash":
        return str(_("a picture") if value else _("none"))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if field == "hold_words":
        return ", ".join(value or []) or str(_("none"))
    if isinstance(value, list):
        return choices.typed_links(value).replace("\n", ", ") or str(_("none"))
    is_worded = field in choices.CHOICES or field == "language"
    labels = {choice.value: choice.label for choice in form[field].choices} if is_worded else {}  # type: ignore[attr-defined]  # a select
    return str(labels.get(value, value)) or str(_("nothing"))


def _cached(body: bytes, kind: str, version: str) -> FlaskResponse:
    response = make_response(body)
    response.headers["Content-Type"] = kind if kind.startswith("image/") else f"{kind}; charset=utf-8"
    response.headers["Cache-Control"] = FOREVER if request.args.get("v") == version else "no-cache"
    return response
