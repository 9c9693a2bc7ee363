"""Set a new site up: the one-time link that `forum serve` prints, and the first admin with the first settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from forum import db, text
from forum.accounts import values as settings
from forum.accounts.actions.site import touch_site
from forum.accounts.models import SITE, Document, Person, Site
from forum.accounts.newcomers import Faults, newcomer
from forum.accounts.onetime import drop_links, make_link, take_link
from forum.accounts.registry import insert_person
from forum.accounts.starters import STARTERS
from forum.clock import now
from forum.db import Hold, session
from forum.errors import Conflict
from forum.ledger import actions as ledger
from forum.policy import Role


@dataclass(frozen=True)
class FirstSettings:
    """Be what is asked before a site opens."""

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


def setup_link() -> str:
    """Return the path at which a new site is set up, once; older links end, empty where it is set up already.

    It commits: the link is about to be printed by a starting server, which has nothing else to write.
    """
    db.lock(site=Hold.EXCLUSIVE)
    path = "" if session.get_one(Site, SITE).set_up_at else make_link("setup", now())
    db.commit()
    return path


def first_setup(first: FirstSettings, token: str = "") -> Person:
    """Open a site: its settings, its starter documents, and its first admin, who is returned.

    `token` is that of the setup link, empty where the operator does it at the machine. Raises Invalid, NotFound (the
    link) and Conflict where the site is set up already.
    """
    faults = Faults()
    wanted = faults.of(lambda: _settings(first)) or {}
    new = newcomer(first.username, first.display_name, first.password, first.email, first.site_name, faults, staff=True)
    documents = {slug: text.render(source, article=True) for slug, source in STARTERS.items()}
    db.lock(site=Hold.EXCLUSIVE)
    moment, site = now(), session.get_one(Site, SITE)
    if site.set_up_at is not None:
        raise Conflict(_("This site is set up already. Change its settings on the page for that."))
    if token:
        take_link(token, "setup", moment)
    drop_links("setup", None)
    admin = insert_person(
        new.username, new.display_name, new.email, new.password_hash, Role.ADMIN, moment, approved=True
    )
    for field, value in wanted.items():
        setattr(site, field, value)
    site.set_up_at = moment
    for slug, html in documents.items():
        starter = Document(slug=slug, source=STARTERS[slug], html=html, is_starter=True, person_id=admin.id)
        starter.created_at = moment
        session.add(starter)
    session.flush()
    touch_site()
    ledger.record("site.set-up", moment, actor_id=admin.id, person_id=admin.id)
    return admin


def _settings(first: FirstSettings) -> dict[str, Any]:
    return settings.checked(
        {
            "name": first.site_name,
            "url": first.address,
            "language": first.language,
            "timezone": first.timezone,
            "who_may_comment": first.who_may_comment,
            "contact": first.contact,
        }
    )
