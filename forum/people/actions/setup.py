"""Set a new site up: the one-time link that `forum serve` prints, and the first admin with the first settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from forum import db
from forum.clock import now
from forum.db import Hold, session
from forum.errors import Conflict, Invalid
from forum.people.models import Person
from forum.people.name_keys import insert_person
from forum.people.newcomers import Faults, newcomer
from forum.people.onetime import drop_links, make_link, take_link
from forum.policy import Role
from forum.site import actions as site_actions
from forum.site import choices
from forum.site.models import SITE, Site


@dataclass(frozen=True)
class FirstSettings:
    """The answers that a site needs before it opens."""

    site_name: str
    address: str
    username: str
    password: str
    display_name: str = ""
    email: str = ""
    language: str = "en"
    timezone: str = "UTC"
    who_may_comment: str = "members"
    contact: str = ""


def make_setup_link() -> str:
    """Return the path at which a new site is set up, once; older links end. Empty where the site is set up already."""
    db.lock(site=Hold.EXCLUSIVE)
    return "" if session.get_one(Site, SITE).set_up_at else make_link("setup", now())


def set_up(first: FirstSettings, token: str = "") -> Person:
    """Open a site: its settings, its starter documents, and its first admin, who is returned.

    `token` is that of the setup link, empty where the operator does it at the machine. Raises Invalid, NotFound (the
    link) and Conflict where the site is set up already.
    """
    faults = Faults()
    wanted = faults.of(lambda: _settings(first)) or {}
    new = newcomer(first.username, first.display_name, first.password, first.email, first.site_name, faults, staff=True)
    db.lock(site=Hold.EXCLUSIVE)
    moment = now()
    if session.get_one(Site, SITE).set_up_at is not None:
        raise Conflict(_("This site is set up already. Change its settings on the page for that."))
    if token:
        take_link(token, "setup", moment)
    drop_links("setup", None)
    admin = insert_person(
        new.username, new.display_name, new.email, new.password_hash, Role.ADMIN, moment, approved=True
    )
    site_actions.open_site(admin.id, wanted, moment)
    return admin


def _settings(first: FirstSettings) -> dict[str, Any]:
    asked = {"name": "site_name", "url": "address"}  # where the form has another name than the setting
    names = ("name", "url", "language", "timezone", "who_may_comment", "contact")
    try:
        return choices.checked({name: getattr(first, asked.get(name, name)) for name in names})
    except Invalid as error:
        raise Invalid({asked.get(name, name): message for name, message in error.fields.items()}) from error
