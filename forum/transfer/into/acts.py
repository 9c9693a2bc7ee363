"""Bring in what moderation did: decisions, reports, notices, and the log of acts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from forum.db import session
from forum.ledger.actions import record as log
from forum.ledger.models import Details, Entry, LedgerHead
from forum.moderation.models import Decision, Flag
from forum.notifications.models import Notice
from forum.transfer.load_comments import is_fresh, person
from forum.transfer.loading import Load
from forum.transfer.shape import Malformed, read_time
from forum.transfer.spool import Record


def load_decisions(load: Load) -> None:
    """Bring in the decisions about comments that came."""
    for batch in load.spool.batches("decision"):
        records = [record for record in batch if is_fresh(load, record["comment"])]
        rows = []
        for id, record in zip(load.new_ids(Decision, records) if records else [], records, strict=True):
            load.decisions[str(record["id"])] = id
            rows.append(
                {
                    **{name: record[name] for name in ("decision", "rule", "note")},
                    "id": id,
                    "comment_id": load.comments[str(record["comment"])][0],
                    "moderator_id": person(load, record["moderator"]),
                    "before": _renumbered(load, record["before"]),
                    "created_at": read_time(record["created_at"]),
                    "undone_at": read_time(record["undone_at"]),
                    "undone_by_id": person(load, record["undone_by"]),
                }
            )
        _write(load, Decision, "decision", rows, len(batch))


def load_flags(load: Load) -> None:
    """Bring in the reports of comments that came, once per comment and person."""
    reported: set[tuple[int, int | None]] = set()
    for batch in load.spool.batches("flag"):
        records = []
        for record in batch:
            if is_fresh(load, record["comment"]):
                pair = (record["comment"], person(load, record["person"]))
                records += [] if pair in reported else [record]
                reported.add(pair)
        rows = [
            {
                **{name: record[name] for name in ("reason", "note", "format", "source")},
                "id": id,
                "comment_id": load.comments[str(record["comment"])][0],
                "person_id": person(load, record["person"]),
                "created_at": read_time(record["created_at"]),
                "decision_id": load.decisions.get(str(record["decision"])),
            }
            for id, record in zip(load.new_ids(Flag, records) if records else [], records, strict=True)
        ]
        _write(load, Flag, "flag", rows, len(batch))


def load_notices(load: Load) -> None:
    """Bring in what people were to hear; only where everything is kept, for elsewhere it was heard already."""
    for batch in load.spool.batches("notice"):
        rows = [
            {
                "id": id,
                "person_id": person(load, record["person"]),
                "kind": record["kind"],
                "article_id": _by_name(record["article"], load.articles),
                "comment_id": record["comment"],
                "details": record["details"],
                "created_at": read_time(record["created_at"]),
                "seen_at": read_time(record["seen_at"]),
            }
            for id, record in zip(load.new_ids(Notice, batch), batch, strict=True)
        ]
        _write(load, Notice, "notice", rows, len(batch))


def load_acts(load: Load) -> None:
    """Bring in the log: as it is where ours is empty and ids were kept, so that its chain holds; else behind ours."""
    number = session.scalar(select(LedgerHead.number)) or 0
    if load.keep and load.kept_people and number == 0:
        _keep_chain(load)
        load.chain_kept = True
        return
    for batch in load.spool.batches("act"):
        for record in batch:
            if load.keep or _concerns_what_came(load, record):
                _append(load, record)
            elif _concerns_what_is_here(load, record):
                load.report.find("act")
            else:
                load.report.note("other-acts")


def _keep_chain(load: Load) -> None:
    last: Record | None = None
    for batch in load.spool.batches("act"):
        entries = [
            {
                **{name: record[name] for name in ("act", "rule", "details_hash", "hash")},
                "number": record["id"],
                "at": read_time(record["at"]),
                "actor_id": _by_name(record["actor"], load.people),
                "person_id": _by_name(record["person"], load.people),
                "article_id": _by_name(record["article"], load.articles),
                "comment_id": record["comment"],
                "closure_id": record["closure"],
            }
            for record in batch
        ]
        details = [
            {"number": record["id"], "salt": record["salt"], "details": record["details"]}
            for record in batch
            if record["salt"] is not None
        ]
        session.execute(insert(Entry), entries)
        if details:
            session.execute(insert(Details), details)
        load.report.add("act", len(batch))
        last = batch[-1]
    if last is not None:
        session.execute(update(LedgerHead).values(number=last["id"], hash=last["hash"]))


def _append(load: Load, record: Record) -> None:
    source = {"origin": load.origin, "number": record["id"], "at": record["at"]}
    log(
        record["act"],
        read_time(record["at"]) or load.moment,  # the history tells when it was done, not when it was copied
        actor_id=_known(record["actor"], load.people),
        person_id=_known(record["person"], load.people),
        article_id=_known(record["article"], load.articles),
        comment_id=load.comments.get(str(record["comment"]), (None, 0))[0],
        closure_id=load.closures.get(str(record["closure"])),
        rule=record["rule"],
        details={**(record["details"] or {}), "imported": source},
    )
    load.report.add("act")


def _concerns_what_came(load: Load, record: Record) -> bool:
    if record["comment"] is not None:
        return load.comments.get(str(record["comment"]), (0, 0))[0] in load.fresh_comments
    return _known(record["article"], load.articles) in load.fresh_articles


def _concerns_what_is_here(load: Load, record: Record) -> bool:
    if record["comment"] is not None:
        return str(record["comment"]) in load.comments
    return _known(record["article"], load.articles) is not None


def _write(load: Load, model: Any, type: str, rows: list[dict[str, Any]], number: int) -> None:
    if rows:
        session.execute(insert(model), rows)
    load.report.add(type, len(rows))
    load.report.find(type, number - len(rows))


def _by_name(value: str | int | None, names: dict[str, int]) -> int | None:
    """Return the id a reference means; a bare number names what was gone already when the archive was made."""
    if value is None or isinstance(value, int):
        return value
    if value not in names:
        raise Malformed(f"{value!r} is spoken of but nowhere defined")
    return names[value]


def _known(value: str | int | None, names: dict[str, int]) -> int | None:
    return names.get(value) if isinstance(value, str) else None


def _renumbered(load: Load, before: dict[str, Any]) -> dict[str, Any]:
    """Return the statuses before a decision, by the ids the comments have here."""
    return {str(load.comments[key][0]) if key in load.comments else key: value for key, value in before.items()}
