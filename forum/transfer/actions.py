"""Bring an archive or an export of another system in: all of it or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import exists, select
from sqlalchemy.exc import DataError, IntegrityError

from forum import db, policy
from forum.acting import lock_as
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment
from forum.comments.moving import references
from forum.comments.recount import rebuild
from forum.db import Hold, session
from forum.errors import Invalid
from forum.ledger.actions import record as log
from forum.policy import Actor
from forum.site import queries
from forum.site.models import SITE, Site
from forum.transfer.checks import Malformed
from forum.transfer.into import about_comments, acts, articles, cases, comments, people, sanctions
from forum.transfer.into import pictures as stored_pictures
from forum.transfer.into.context import IN_ONE_STATEMENT, ImportContext
from forum.transfer.into.formats import READERS
from forum.transfer.into.ids import set_sequences
from forum.transfer.into.staging import Contents, Staging
from forum.transfer.into.wxr import reader as wxr
from forum.transfer.into.wxr.uploads import Uploads
from forum.transfer.record_types import RECORD_TYPES
from forum.transfer.report import Report

FORMATS = tuple(READERS)


def import_archive(
    actor: Actor | None,
    format: str,
    file: IO[bytes],
    folder: Path,
    *,
    dry_run: bool = False,
    same_people: bool = False,
    pictures: Path | None = None,
) -> Report:
    """Read a file of `format` (wxr or jsonl) and write what is not here yet; `actor` is None for the operator.

    `folder` takes temporary files. `same_people`: a person with the sign-in name of somebody here is that person; else
    nobody writes in a name that was here before. `pictures` is a copy of a blog's folder of uploads. Into a site with
    no article and no comment an archive keeps its ids and origin; otherwise rows get new ids and are known by (origin,
    foreign_id), so that a second import adds nothing. For a dry run the caller rolls back instead of committing. Raises
    Invalid, naming the place, where the file is not sound.
    """
    policy.may_administer(actor).require()  # before the file is read, which may take long
    with Staging(folder) as staging:
        contents = _read(format, file, staging, pictures)
        actor = lock_as(actor, site=Hold.EXCLUSIVE)
        policy.may_administer(actor).require()
        context = _begin(contents, staging, dry_run, same_people)
        try:
            _write(context)
            _derive(context)
        except Malformed as error:
            raise Invalid({"file": _("The file does not hold together: %(what)s.", what=error)}) from error
        except (DataError, IntegrityError) as error:
            db.rollback()  # before the words are looked up: PostgreSQL answers nothing in a failed transaction
            raise Invalid({"file": _("Something in this file cannot be stored.")}) from error
    if context.report.added and not context.chain_kept:
        counts = {"format": format, "origin": contents.origin, "added": context.report.added}
        log("site.import", context.moment, actor_id=actor.id if actor else None, details=counts)
    return context.report


def _read(format: str, file: IO[bytes], staging: Staging, pictures: Path | None) -> Contents:
    if pictures is None:
        return READERS[format](file, staging)
    if format != "wxr":
        raise Invalid({"file": _("An archive of a site like this one has its pictures in it.")})
    return wxr.read(file, staging, Uploads(pictures, queries.site(), staging.add))


def _begin(contents: Contents, staging: Staging, dry_run: bool, same_people: bool) -> ImportContext:
    site = session.get_one(Site, SITE)
    empty = not session.scalar(select(exists().where(Article.id > 0) | exists().where(Comment.id > 0)))
    keep = empty and contents.keeps_ids
    own_origin = site.origin
    if keep:
        site.origin = contents.origin
    report = Report(dry_run=dry_run)
    report.take(contents.found)
    return ImportContext(
        contents=contents,
        staging=staging,
        keep=keep,
        own_origin=own_origin,
        moment=now(),
        report=report,
        same_people=same_people,
    )


def _write(context: ImportContext) -> None:
    people.import_people(context)
    if context.keep and session.get_one(Site, SITE).set_up_at is None:
        articles.import_documents(context)
        _set_up(context)
    elif context.contents.settings is not None:
        context.report.note("own-settings")
    articles.import_tags(context)
    if context.keep:
        articles.import_tag_moderators(context)
    articles.import_articles(context)
    stored_pictures.import_pictures(context)
    articles.import_article_versions(context)
    comments.import_comments(context)
    about_comments.import_revisions(context)
    about_comments.import_moves(context)
    about_comments.import_closures(context)
    about_comments.import_decisions(context)
    cases.import_cases(context)
    about_comments.import_flags(context)
    _follow(context)
    if context.keep:
        articles.import_saved_replies(context)
        sanctions.import_sanctions(context)
        sanctions.import_objections(context)
        about_comments.import_notices(context)
        about_comments.import_subscriptions(context)
    acts.import_acts(context)
    people.count_held_back(context)


def _follow(context: ImportContext) -> None:
    """Let what came with replies to a moved comment name the article in which these stand here."""
    for article_id in set(context.elsewhere.values()):
        mine = [id for id, there in context.elsewhere.items() if there == article_id and id in context.new_comments]
        for start in range(0, len(mine), IN_ONE_STATEMENT):
            part = select(Comment.id).where(Comment.id.in_(mine[start : start + IN_ONE_STATEMENT]))
            references.follow(part, article_id)


def _set_up(context: ImportContext) -> None:
    """Give a site that was not set up yet the archive's settings; its address stays its own."""
    if context.contents.settings is None:
        return
    site = session.get_one(Site, SITE)
    for name, value in context.contents.settings.items():
        setattr(site, name, value)
    site.set_up_at = context.moment
    session.flush()


def _derive(context: ImportContext) -> None:
    """Work out what an archive does not hold: trees, counters, and the cases of one that is older than these."""
    set_sequences(*(record_type.model for record_type in RECORD_TYPES.values()))
    touched = sorted(context.touched)
    if touched:
        db.lock(*touched, site=Hold.EXCLUSIVE)
    for article_id in touched:
        rebuild(article_id)
    cases.complete_cases(touched)
    sanctions.complete_sanctions()
