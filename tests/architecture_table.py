"""Which place every file of the program has, and what of ours a file in that place may import.

A file outside the rooms has a row in OUTSIDE. A file of a room is in a drawer, or has a row in ALGORITHMS, which names
the drawer whose rules it follows.
"""

from __future__ import annotations

from typing import NamedTuple

# The rooms in their line: a file imports its own room and the rooms before it.
LINE = (
    *(
        "text",
        "ledger",
        "jobs",
        "cases",
        "site",
        "mail",
        "people",
        "saved_replies",
        "notifications",
        "pictures",
        "articles",
        "closures",
    ),
    *(
        "screening",
        "comments",
        "search",
        "feeds",
        "following",
        "sanctions",
        "legal",
        "moderation",
        "records",
        "objections",
    ),
    "transfer",
)
# The floors of a room that outgrew one: folders with drawers of their own, each of which imports only floors before it.
FLOORS = {"comments": ("writing", "ending", "moving", "reading")}

# Files and folders outside the rooms: what each may import. A name covers everything below it.
OUTSIDE: dict[str, set[str]] = {
    "__init__": {"config", "db", "paths", "web", *(f"{room}.views" for room in LINE)},
    "acting": {"clock", "db", "errors", "policy"},
    "clock": set(),
    "config": {"errors", "mailserver", "siteaddress"},
    "db": {"db", "config", "errors"},
    "errors": {"policy.reasons"},
    "front": {"front", "clock", "db"},
    "mailserver": set(),
    "paths": set(),
    "policy": {"policy", "errors"},
    "process": {"config"},
    "schema": {"db", "errors", "paths"},
    "siteaddress": set(),
    "wording": {"policy.reasons"},
    "web": {
        *("web", "clock", "config", "db", "errors", "front", "policy", "process", "siteaddress", "wording"),
        *("site.forms", "site.queries", "people.forms", "people.queries", "people.sessions", "people.tokens"),
    },
    "demo": {"demo", "clock", "db", "errors", "policy", *LINE},
    "worker": {"worker", "clock", "db", "errors", "process", *LINE},
    "cli": {
        *(
            "cli",
            "clock",
            "config",
            "create_app",
            "db",
            "errors",
            "mailserver",
            "process",
            "schema",
            "siteaddress",
            "web",
            "wording",
        ),
        *("ledger.actions", "ledger.queries", "jobs.queries", "site.queries", "mail", "people", "demo.fill"),
        *(
            "articles.lists",
            "articles.queries",
            "comments.consistency",
            "moderation.consistency",
            "sanctions.consistency",
            "search.actions",
            "search.consistency",
            "policy",
            "transfer",
            "worker",
        ),
    },
}


class Drawer(NamedTuple):
    """What a file in a drawer may import: from outside the rooms, and from which drawers of its and earlier rooms."""

    outside: set[str]
    rooms: set[str]


_READS = {"clock", "db", "errors", "policy", "process"}
DRAWERS = {
    "values": Drawer({"errors", "mailserver", "policy", "siteaddress"}, {"values"}),
    "models": Drawer({"clock", "db", "policy"}, {"values", "models"}),
    "forms": Drawer(set(), {"values", "forms"}),
    "queries": Drawer(_READS, {"values", "models", "queries"}),
    "actions": Drawer({*_READS, "acting"}, {"values", "models", "queries", "actions"}),
    "views": Drawer(
        {"clock", "config", "db", "errors", "front", "mailserver", "policy", "process", "schema", "siteaddress", "web"},
        {"values", "models", "forms", "queries", "actions", "views"},
    ),
}
# No file is called `values`: this drawer is for algorithms that neither read nor write the database.
NAMED = set(DRAWERS) - {"values"}

# The files and folders of a room that are not named after a drawer, by the drawer whose rules each follows. A file in
# a folder that has a row may have its own.
ALGORITHMS: dict[str, dict[str, str]] = {
    "text": {
        "values": "addresses as_markdown cost differences footnotes links pictures rendering settled spreadsheets"
        " tokens words",
    },
    "ledger": {"values": "chain"},
    "jobs": {"values": "words", "actions": "made"},
    "cases": {"values": "waiting"},
    "site": {"values": "choices colours logo opening starters", "queries": "privacy"},
    "mail": {"values": "headers letters messages transport", "views": "drawing"},
    "people": {
        "values": "addresses lookalikes names passwords tokens",
        "actions": "letters name_keys networks newcomers onetime sessions",
    },
    "notifications": {
        "values": "mailing",
        "queries": "address_links leaving",
        "actions": "by_mail followers subscriptions",
    },
    "pictures": {"values": "encoding"},
    "articles": {"values": "naming", "queries": "around lists moved reach versions"},
    "closures": {"queries": "lists shown"},
    "screening": {"values": "outside rules spam wording words"},
    "comments": {
        "values": "addresses tree ending.limits ending.request reading.deflate",
        "queries": (
            "ancestry ending.extent labels menu moving.extent moving.moved moving.targets reading.arrivals"
            " reading.closings reading.page_rows reading.pages reading.row reading.sides reading.thread reading.traces"
            " verdicts"
        ),
        "actions": (
            "consistency ending.automatic ending.counting ending.notices moving.merging moving.notices moving.placing"
            " moving.references reading.visits recount statuses writing.holding writing.inserts writing.placement"
        ),
        "views": "times",
    },
    "search": {"values": "asked matching words", "queries": "candidates consistency texts", "actions": "index"},
    "feeds": {"values": "atom names xml_text"},
    "sanctions": {"values": "wording", "queries": "consistency"},
    "following": {"queries": "audience followed inbox recipients", "actions": "confirming letters telling"},
    "legal": {"values": "kinds tokens", "queries": "addresses", "actions": "deciding effects letters telling"},
    "moderation": {
        "values": "acts charts periods",
        "queries": "consistency parties seen",
        "actions": "alarm bulk claims checking erasing exchanges learning notices removal tags weighing",
    },
    "records": {"queries": "networks"},
    "transfer": {
        "values": (
            "formats into.wxr.addresses into.wxr.attachments into.wxr.mending into.wxr.paragraphs into.wxr.shortcodes"
            " report wanted"
        ),
        "queries": "checks fields lines manifest record_types out into.formats into.jsonl into.staging into.wxr",
        "actions": "asking into",
    },
}
