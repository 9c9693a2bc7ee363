"""Which triggers the migrations make, and which of them work in this database."""

from __future__ import annotations

from sqlalchemy import text

from forum import db

_ALL = ("insert", "update", "delete")
# What triggers the migrations make: for each table the statements after which a version is raised ...
_RAISES = {
    "articles": ("insert", "update", "named"),  # "named": what lines about moves show of it was updated
    **dict.fromkeys(("comments", "closures", "moves", "article_tags", "documents"), _ALL),
    **dict.fromkeys(("people", "tags"), ("update", "delete")),
    "site": ("update",),
}
_RAISES_TOO = {
    "sqlite": {"articles": ("delete",)},
    "postgresql": dict.fromkeys(set(_RAISES) - {"site"}, ("truncate",)),
}
# ... the statements after which the titles are another that stand on the pages of other articles ...
_LISTED = dict.fromkeys(("articles", "article_tags"), _ALL)
# ... those of which search has to look at the text anew ...
_SEARCHED = dict.fromkeys(("articles", "comments"), ("insert", "update"))
# ... and those that are refused.
_REFUSES = {
    "sqlite": {"ledger_entries": _ALL},
    "postgresql": {"ledger_entries": ("update", "delete", "truncate")},
}


def wanted() -> set[str]:
    """Return the names of the triggers that a database of this kind must have."""
    kind = db.engine().dialect.name
    versions = ("version", _RAISES), ("version", _RAISES_TOO[kind])
    groups = (*versions, ("listed", _LISTED), ("search", _SEARCHED), ("refused", _REFUSES[kind]))
    return {f"{table}_{verb}_{end}" for end, tables in groups for table, verbs in tables.items() for verb in verbs}


def working() -> set[str]:
    """Return the names of the triggers that the database has, without those that somebody switched off."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if db.engine().dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    with db.engine().connect() as connection:
        return set(connection.execute(text(query)).scalars())
