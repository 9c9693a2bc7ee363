"""Open the site, and change its settings and its documents."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from forum import policy
from forum.acting import lock_as
from forum.clock import now
from forum.db import Hold, session
from forum.errors import Conflict, Invalid, NotFound
from forum.ledger import actions as ledger
from forum.policy import Actor
from forum.site import choices
from forum.site.models import SITE, Document, Site, SiteChange
from forum.site.starters import SLUGS, starter
from forum.text import rendering
from forum.text.words import tidy, trimmed

CHANGEABLE = (
    "name",
    "tagline",
    "url",
    "language",
    "timezone",
    "accent",
    "contact",
    "footer_links",
    "sign_up",
    "who_may_comment",
    "edit_minutes",
    "hold_everything",
    "hold_guests",
    "hold_first",
    "hold_links",
    "hold_words",
    "hold_spam",
    "report_limit",
    "watch_exchanges",
    "suspension_days",
    "auto_close_days",
    "auto_close_silent_days",
    "auto_close_words",
    "public_history",
    "guests_follow",
    "notice_days",
    "complainants_days",
    "network_days",
    "picture_megabytes",
    "picture_megapixels",
    "article_pictures",
)
LONGEST_DOCUMENT = 20_000  # characters, about ten pages
NOT_LOGGED = ("logo",)  # a picture; the log has its hash


def open_site(admin_id: int, settings: Mapping[str, Any], moment: datetime) -> None:
    """Open a new site with its first settings, checked by `choices`, and its starter documents.

    Call inside `db.lock(site=Hold.EXCLUSIVE)`.
    """
    site = session.get_one(Site, SITE)
    for field, value in settings.items():
        setattr(site, field, value)
    site.set_up_at = moment
    for slug in SLUGS:
        source = starter(slug, site.language)
        html = rendering.render(source, article=True)
        first = Document(slug=slug, source=source, html=html, is_starter=True, person_id=admin_id, created_at=moment)
        session.add(first)
    session.flush()
    ledger.record("site.set-up", moment, actor_id=admin_id, person_id=admin_id)


def change_settings(actor: Actor, values: Mapping[str, Any]) -> SiteChange | None:
    """Change settings of the site; return the change, which can be undone, or None where nothing is different.

    `values` has any of CHANGEABLE, and `logo`: a PNG made by `logo.drawn_anew`, or None to take it away. Raises
    Invalid.
    """
    wanted = choices.checked({field: value for field, value in values.items() if field in CHANGEABLE})
    if "logo" in values:
        wanted |= _logo_values(values["logo"])
    actor = lock_as(actor, site=Hold.EXCLUSIVE)
    policy.may_administer(actor).require()
    moment, site = now(), session.get_one(Site, SITE)
    # A logo is compared by its hash. Of its bytes only the former ones are kept, for undoing.
    different = {field for field in wanted if field != "logo" and getattr(site, field) != wanted[field]}
    if not different:
        return None
    before = {field: getattr(site, field) for field in different}
    if "logo_hash" in different:
        before["logo"] = b64encode(site.logo or b"").decode()
        site.logo = wanted["logo"]
    for field in different:
        setattr(site, field, wanted[field])
    after = {field: wanted[field] for field in different}
    change = SiteChange(person_id=actor.id, at=moment, before=before, after=after)
    session.add(change)
    session.flush()
    _log("site.settings", actor, change)
    return change


def undo_change(actor: Actor, change_id: int) -> None:
    """Put back the values before a change. Raises Conflict where they were changed again since, or undone."""
    actor = lock_as(actor, site=Hold.EXCLUSIVE)
    policy.may_administer(actor).require()
    moment, site = now(), session.get_one(Site, SITE)
    change = session.get(SiteChange, change_id)
    if change is None:
        raise NotFound
    if change.undone_at is not None:
        raise Conflict(_("This change has been undone already."))
    if any(getattr(site, field) != value for field, value in change.after.items()):
        raise Conflict(_("This was changed again later. Undo the later change first."))
    for field, value in change.before.items():
        setattr(site, field, (b64decode(value) or None) if field == "logo" else value)
    change.undone_at = moment
    session.flush()
    _log("site.undo", actor, change)


def save_document(actor: Actor, slug: str, source: str) -> Document:
    """Publish a new dated version of the rules, the privacy page or the contact page; earlier ones are kept."""
    if slug not in SLUGS:
        raise NotFound
    source = trimmed(tidy(source))
    if not 0 < len(source) <= LONGEST_DOCUMENT:
        raise Invalid(
            {"source": _("A text of up to %(n)s characters is needed here.", n=format_decimal(LONGEST_DOCUMENT))}
        )
    html = rendering.render(source, article=True)
    actor = lock_as(actor, site=Hold.EXCLUSIVE)
    policy.may_administer(actor).require()
    moment = now()
    saved = Document(slug=slug, source=source, html=html, person_id=actor.id, created_at=moment)
    session.add(saved)
    session.flush()
    details = {"slug": slug, "version": saved.id}
    ledger.record("site.document", moment, actor_id=actor.id, details=details)
    return saved


def _logo_values(logo: bytes | None) -> dict[str, Any]:
    return {"logo": logo, "logo_hash": hashlib.sha256(logo).hexdigest()[:16] if logo else ""}


def _log(act: str, actor: Actor, change: SiteChange) -> None:
    before = {field: value for field, value in change.before.items() if field not in NOT_LOGGED}
    ledger.record(act, now(), actor_id=actor.id, details={"change": change.id, "before": before, "after": change.after})
