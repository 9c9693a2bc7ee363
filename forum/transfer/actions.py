"""Bring an archive or another system's export in: all of it or nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import DataError, IntegrityError

from forum import db, policy
from forum.articles.models import Article, Tag
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.models import Comment, Revision
from forum.comments.recount import rebuild
from forum.db import Hold, session
from forum.errors import Invalid
from forum.ledger.actions import record as log
from forum.moderation.models import Decision, Flag
from forum.notifications.models import Notice
from forum.people.models import Person
from forum.policy import Actor, ArticleStatus
from forum.site.actions import touch_site
from forum.site.models import SITE, Document, Site
from forum.transfer import load_acts, load_articles, load_comments, load_people, reading
from forum.transfer.loading import Load, Report, set_sequences
from forum.transfer.reading import Found
from forum.transfer.shape import Malformed
from forum.transfer.spool import Spool

NUMBERED = (Person, Document, Tag, Article, Comment, Revision, Closure, Decision, Flag, Notice)
FORMATS = ("wxr", "jsonl")


def import_archive(actor: Actor | None, format: str, file: IO[bytes], folder: Path, *, dry_run: bool = False) -> Report:
    """Read a file of `format` (wxr or jsonl) and write what is not here yet; `actor` is None for the operator.

    `folder` takes temporary files. Into a site with no article and no comment an archive keeps its ids and origin;
    otherwise rows get new ids and are known by (origin, foreign_id), so that a second import adds nothing. For a dry
    run the caller rolls back instead of committing. Raises Invalid, naming the place, where the file is not sound.
    """
    if actor is not None:
        policy.may_administer(actor).require()
    with Spool(folder) as spool:
        found = reading.READERS[format](file, spool)
        db.lock(site=Hold.EXCLUSIVE)
        load = _begin(actor, found, spool, dry_run)
        try:
            _write(load, found)
            _derive(load)
        except Malformed as error:
            raise Invalid({"file": _("The file does not hold together: %(what)s.", what=error)}) from error
        except (DataError, IntegrityError) as error:
            db.rollback()  # before the words are looked up: PostgreSQL answers nothing in a failed transaction
            raise Invalid({"file": _("Something in this file cannot be stored.")}) from error
    if load.report.added and not load.chain_kept:
        counts = {"format": format, "origin": load.origin, "added": load.report.added}
        log("site.import", load.moment, actor_id=actor.id if actor else None, details=counts)
    return load.report


def _begin(actor: Actor | None, found: Found, spool: Spool, dry_run: bool) -> Load:
    site = session.get_one(Site, SITE)
    empty = not session.scalar(select(exists().where(Article.id > 0) | exists().where(Comment.id > 0)))
    keep = empty and found.keeps_ids
    own_origin = site.origin
    if keep:
        site.origin = found.origin
    return Load(
        spool=spool,
        origin=found.origin,
        keep=keep,
        strict=found.keeps_ids,
        own_origin=own_origin,
        moment=now(),
        report=Report(dry_run, notes=dict(found.notes)),
        fallback_author=actor.id if actor else None,
    )


def _write(load: Load, found: Found) -> None:
    load_people.load_people(load)
    if load.keep and session.get_one(Site, SITE).set_up_at is None:
        load_articles.load_documents(load)
        _set_up(load, found)
    elif found.settings is not None:
        load.report.note("own-settings")
    load_articles.load_tags(load)
    load_articles.load_articles(load)
    load_comments.load_comments(load)
    load_comments.load_revisions(load)
    load_comments.load_closures(load)
    load_acts.load_decisions(load)
    load_acts.load_flags(load)
    if load.keep:
        load_acts.load_notices(load)
    load_acts.load_acts(load)


def _set_up(load: Load, found: Found) -> None:
    """Give a site that was not set up yet the settings of the one the archive is from; its address stays its own."""
    if found.settings is None:
        return
    site = session.get_one(Site, SITE)
    for name, value in found.settings.items():
        setattr(site, name, value)
    site.set_up_at = load.moment
    session.flush()


def _derive(load: Load) -> None:
    """Work out what an archive does not hold: trees, counters, and when pages change by the clock."""
    set_sequences(*NUMBERED)
    articles = sorted(load.touched)
    if articles:
        db.lock(*articles, site=Hold.EXCLUSIVE)
    for article_id in articles:
        rebuild(article_id)
        session.execute(
            update(Article).where(Article.id == article_id).values(changes_at=_next_change(article_id, load))
        )
    if load.report.added:
        site = session.get_one(Site, SITE)
        coming = select(func.min(Article.published_at)).where(
            Article.status == ArticleStatus.PUBLISHED, Article.published_at > load.moment
        )
        site.changes_at = _sooner(site.changes_at, session.scalar(coming))
        session.flush()
        touch_site()


def _next_change(article_id: int, load: Load) -> datetime | None:
    coming = select(func.min(Article.published_at)).where(
        Article.id == article_id, Article.status == ArticleStatus.PUBLISHED, Article.published_at > load.moment
    )
    ending = select(func.min(Closure.until)).where(
        Closure.article_id == article_id, Closure.reopened_at.is_(None), Closure.until > load.moment
    )
    return _sooner(session.scalar(coming), session.scalar(ending))


def _sooner(first: datetime | None, second: datetime | None) -> datetime | None:
    return min((moment for moment in (first, second) if moment is not None), default=None)
