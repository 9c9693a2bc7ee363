"""Read the settings of the site, with their changes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, column, select, table
from sqlalchemy.orm import joinedload

from forum.db import Id, session
from forum.process import offers_mail
from forum.site.models import Site, SiteChange


@dataclass(frozen=True)
class SiteView:
    """The settings of the site as pages and rules read them.

    Satisfies `policy.SiteFacts`, `policy.pictures.PictureLimits` and `screening.rules.Settings`.
    """

    origin: str
    version: int
    set_up_at: datetime | None
    is_demo: bool
    name: str
    tagline: str
    url: str
    language: str
    timezone: str
    accent: str
    contact: str
    footer_links: list[dict[str, str]]
    sign_up: str
    who_may_comment: str
    edit_minutes: int
    hold_everything: bool
    hold_guests: bool
    hold_first: int
    hold_links: int
    hold_words: list[str]
    hold_spam: bool
    report_limit: int
    watch_exchanges: bool
    suspension_days: int
    auto_close_days: int
    auto_close_silent_days: int
    auto_close_words: str
    public_history: bool
    guests_follow: bool
    notice_days: int
    complainants_days: int
    network_days: int
    picture_megabytes: int
    picture_megapixels: int
    article_pictures: int
    logo_hash: str


@dataclass(frozen=True)
class ChangeRow:
    """One change of the settings: the values before and after it, by field."""

    id: int
    at: datetime
    by: str
    before: dict[str, Any]
    after: dict[str, Any]
    undone_at: datetime | None


# In the words of the database, because the room that has them comes later.
_ADDRESS: Select[Any] = select(column("id", Id)).select_from(table("addresses")).limit(1)
_SITE = select(*(Site.__table__.c[field.name] for field in fields(SiteView)))


def site() -> SiteView:
    """Return the settings of the site, one statement."""
    return SiteView(*session.connection().execute(_SITE).one())


def mails_articles() -> bool:
    """Tell whether people can get new articles by mail: members can wherever mail goes out at all."""
    return offers_mail()


def keeps_addresses() -> bool:
    """Tell whether addresses follow something here without an account, be it from a time when that was allowed."""
    return session.execute(_ADDRESS).first() is not None


def lets_guests_follow() -> bool:
    """Tell whether visitors can follow by a mail address alone: where an admin allows it, and mail goes out at all."""
    return offers_mail() and site().guests_follow


def logo() -> bytes | None:
    """Return the logo as a PNG, None where there is none."""
    return session.execute(select(Site.logo)).scalar_one()


def changes(limit: int = 30) -> list[ChangeRow]:
    """Return the latest changes of the settings, newest first."""
    query = select(SiteChange).options(joinedload(SiteChange.person)).order_by(SiteChange.id.desc()).limit(limit)
    return [
        ChangeRow(row.id, row.at, row.person.display_name if row.person else "", row.before, row.after, row.undone_at)
        for row in session.scalars(query)
    ]
