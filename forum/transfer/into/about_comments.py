"""Bring in what belongs to comments: earlier versions, closures, decisions, reports, notices and what people follow."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from forum.db import session
from forum.moderation.models import Decision
from forum.notifications.models import Subscription
from forum.transfer.checks import Malformed
from forum.transfer.into.context import ImportContext
from forum.transfer.lines import Record


def import_revisions(context: ImportContext) -> None:
    """Bring in the earlier versions of the comments that came."""
    for batch in context.staging.batches("revision"):
        context.insert("revision", [record for record in batch if context.is_new(record["comment"])], len(batch))


def import_moves(context: ImportContext) -> None:
    """Bring in the moves of comments that came; a move of one that was here before is this site's own."""
    for batch in context.staging.batches("move"):
        context.insert("move", [record for record in batch if context.is_new(record["comment"])], len(batch))


def import_closures(context: ImportContext) -> None:
    """Bring in the closures that belong to articles or comments that came.

    Those of the site or a tag come only where ids are kept: a site stands by what its own moderators closed.
    """
    for batch in context.staging.batches("closure"):
        if not context.keep:
            article_only = [record for record in batch if record["article"] is not None]
            context.report.note("of-many", len(batch) - len(article_only))
            batch = article_only
        records = [record for record in batch if _comes_along(context, record)]
        for record, row in zip(records, context.insert("closure", records, len(batch)), strict=True):
            context.closures[record["key"]] = row["id"]
            if row["article_id"] is not None:
                context.touched.add(row["article_id"])


def import_decisions(context: ImportContext) -> None:
    """Bring in the decisions about comments that came."""
    for batch in context.staging.batches("decision"):
        batch = [record for record in batch if context.strict or record["comment"] in context.comments]
        records = [record for record in batch if context.is_new(record["comment"])]
        for record in records:
            record["before"] = _renumbered(context, record["before"])
        for record, row in zip(records, context.insert("decision", records, len(batch)), strict=True):
            context.decisions[record["key"]] = row["id"]
        # The first of an act has the lowest id, so it came before.
        firsts = [(record["key"], context.decision(record["first"])) for record in records if record.get("first")]
        named = [{"id": context.decisions[key], "first_id": first} for key, first in firsts]
        if named:
            session.execute(update(Decision), named)


def import_flags(context: ImportContext) -> None:
    """Bring in the reports of comments that came, once per comment and person; guests' all."""
    reported: set[tuple[int, int]] = set()
    for batch in context.staging.batches("flag"):
        records = []
        for record in batch:
            if context.is_new(record["comment"]):
                person = context.person(record["person"]) if record["person"] is not None else None
                record.setdefault("reporter", "guest" if record["person"] is None else "person")
                records += [] if (record["comment"], person) in reported else [record]
                if person is not None:
                    reported.add((record["comment"], person))
        context.insert("flag", records, len(batch))


def import_notices(context: ImportContext) -> None:
    """Bring in people's notices; only where ids are kept, for else their people read them at the other site."""
    for batch in context.staging.batches("notice"):
        context.insert("notice", batch, len(batch))


def import_subscriptions(context: ImportContext) -> None:
    """Bring in what people follow; only where ids are kept, as their notices."""
    follows = (Subscription.person_id, Subscription.kind, Subscription.subject_id)
    # People who were here before may follow something already; there is no article yet, so it is little.
    here = {tuple(row) for row in session.execute(select(*follows).where(Subscription.person_id.is_not(None)))}
    for batch in context.staging.batches("subscription"):
        rows = ((record, context.row(record)) for record in batch)
        new = [record for record, row in rows if tuple(row[column.key] for column in follows) not in here]
        context.insert("subscription", new, len(batch))


def _comes_along(context: ImportContext, record: Record) -> bool:
    if record["article"] is None:
        if record["branch"] or record["at"] or len(record["people"]) > 1:
            raise Malformed(_("it closes more than one article, and names what only one has"))
        return True
    if record.get("tag") is not None:
        raise Malformed(_("it closes an article and a tag"))
    places = [context.is_new(id) for id in (record["branch"], record["at"]) if id]
    if context.article(record["article"]) not in context.new_articles and not any(places):
        return False
    # Without its people it would be closed for everybody.
    return all(context.person(name) is not None for name in record["people"])


def _renumbered(context: ImportContext, before: dict[str, Any]) -> dict[str, Any]:
    """Return the statuses before a decision, by the ids the comments have here; what is not in the file is left out."""
    known = context.comments
    return {str(known[key][0]): value for key, value in before.items() if key in known}
