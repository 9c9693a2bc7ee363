"""Bring in the log of acts: entry for entry with its chain, or behind the entries of this site."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import insert, select, update

from forum.db import session
from forum.ledger.actions import record as log
from forum.ledger.chain import chain_digest, details_digest
from forum.ledger.models import GENESIS, Entry, LedgerHead
from forum.transfer.checks import Malformed, read_time
from forum.transfer.into.context import ImportContext, Row
from forum.transfer.lines import Record
from forum.transfer.record_types import RECORD_TYPES


def import_acts(context: ImportContext) -> None:
    """Bring in the log: as it is where ours is empty and ids were kept, so that its chain holds; else behind ours.

    The kept chain ends where the archive's ends, and the import itself is not logged: a second export is the same
    file. Where entries are appended, the chain is this site's own.
    """
    empty = session.scalar(select(Entry.id).limit(1)) is None
    if context.keep and context.kept_people and empty:
        _keep_chain(context)
        context.chain_kept = True
        return
    _verify(context)
    _compare(context)
    for batch in context.staging.batches("act"):
        for record in batch:
            if context.keep or _concerns_what_came(context, record):
                _append(context, record)
            elif _concerns_what_is_here(context, record):
                context.report.find("act")
            else:
                context.report.note("other-acts")


def _keep_chain(context: ImportContext) -> None:
    number, hash = 0, GENESIS
    for batch in context.staging.batches("act"):
        entries = []
        for record in batch:
            entry = {**context.row(record), "id": record["id"], "number": record["id"]}
            _check_entry(entry, record, number, hash)
            number, hash = entry["number"], entry["hash"]
            entries.append(entry)
        session.execute(insert(Entry), entries)
        context.report.add("act", len(batch))
    if context.contents.ledger not in (None, {"number": number, "hash": hash}):
        raise Malformed(_("its log does not end with the entry that the manifest names"))
    session.execute(update(LedgerHead).values(number=number, hash=hash))


def _verify(context: ImportContext) -> None:
    """Raise Malformed where the log of a whole site is not the chain that it says it is; ids are those of its site."""
    if context.contents.ledger is None:
        return
    source = _AtTheSource(context)
    number, hash = 0, GENESIS
    for batch in context.staging.batches("act"):
        for record in batch:
            entry = {**RECORD_TYPES["act"].row(record, source), "number": record["id"]}
            _check_entry(entry, record, number, hash)
            number, hash = entry["number"], entry["hash"]
    if context.contents.ledger != {"number": number, "hash": hash}:
        raise Malformed(_("its log does not end with the entry that the manifest names"))


class _AtTheSource:
    """The ids that the site of an archive knew people and articles by."""

    def __init__(self, context: ImportContext) -> None:
        self._ids = {
            type: {record["key"]: record["id"] for batch in context.staging.batches(type) for record in batch}
            for type in ("person", "article", "tag", "picture")
        }

    def person(self, name: str) -> int | None:
        """Return the id of a person there. Raises Malformed."""
        return self._id("person", name)

    def article(self, slug: str) -> int:
        """Return the id of an article there. Raises Malformed."""
        return self._id("article", slug)

    def tag(self, slug: str) -> int:
        """Return the id of a tag there: no entry of the log names one. Raises Malformed."""
        return self._id("tag", slug)

    def picture(self, hash: str) -> int:
        """Return the id of a picture there: no entry of the log names one. Raises Malformed."""
        return self._id("picture", hash)

    def comment(self, id: int) -> int:
        """Return the id as it is."""
        return id

    def decision(self, id: int) -> int | None:
        """Return the id as it is."""
        return id

    def case(self, id: int) -> int | None:
        """Return the id as it is."""
        return id

    def _id(self, type: str, key: str) -> int:
        if key not in self._ids[type]:
            raise Malformed(_("its log names %(what)s, which is missing", what=repr(key)))
        return int(self._ids[type][key])


def _check_entry(entry: Row, record: Record, number: int, hash: str) -> None:
    """Raise Malformed where an entry does not follow from the number and hash before it."""
    altered = record["salt"] is not None and details_digest(record["salt"], record["details"]) != entry["details_hash"]
    if altered or entry["number"] != number + 1 or chain_digest(hash, entry) != entry["hash"]:
        raise Malformed(_("entry %(number)s of its log does not fit the entry before it", number=entry["number"]))


def _compare(context: ImportContext) -> None:
    """Note where this site's log is not the one that the archive was made from."""
    head = context.contents.ledger
    if head is None or context.contents.origin != context.own_origin or head["number"] == 0:
        return
    here = session.scalar(select(Entry.hash).where(Entry.number == head["number"]))
    context.report.note("other-log", int(here != head["hash"]))


def _append(context: ImportContext, record: Record) -> None:
    # The person who did it is named in words only: nobody here did it. The rest of the entry is of this site.
    source = {"origin": context.contents.origin, "number": record["id"], "at": record["at"]}
    source |= {name: record[name] for name in ("actor", "person") if isinstance(record[name], str)}
    log(
        record["act"],
        read_time(record["at"]) or context.moment,  # the history tells when it was done, not when it was copied
        article_id=_known(record["article"], context.articles),
        comment_id=context.comments.get(str(record["comment"]), (None, 0))[0],
        closure_id=context.closures.get(str(record["closure"])),
        rule=record["rule"],
        details={**(record["details"] or {}), "imported": source},
    )
    context.report.add("act")


def _concerns_what_came(context: ImportContext, record: Record) -> bool:
    if record["comment"] is not None:
        return context.comments.get(str(record["comment"]), (0, 0))[0] in context.new_comments
    return _known(record["article"], context.articles) in context.new_articles


def _concerns_what_is_here(context: ImportContext, record: Record) -> bool:
    if record["comment"] is not None:
        return str(record["comment"]) in context.comments
    return _known(record["article"], context.articles) is not None


def _known(value: str | int | None, names: dict[str, int]) -> int | None:
    return names.get(value) if isinstance(value, str) else None
