"""The manifest, an archive's first and last line: where it comes from, what it holds, and where the log stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from forum.errors import Invalid
from forum.site import choices
from forum.text.links import safe_link
from forum.transfer.checks import Malformed, is_id, words
from forum.transfer.record_types import RECORD_TYPES, VERSION

SETTINGS = (
    *("name", "tagline", "language", "timezone", "accent", "footer_links", "sign_up", "who_may_comment"),
    *("edit_minutes", "public_history", "guests_follow", "hold_everything", "hold_guests", "hold_first", "hold_links"),
    *("hold_words", "hold_spam", "report_limit", "watch_exchanges", "suspension_days"),
    *("auto_close_days", "auto_close_silent_days", "auto_close_words"),
)  # not its address, its contact or its logo: those belong to the place, not to the discussions
_KINDS: Mapping[str, type] = {
    "footer_links": list,
    "edit_minutes": int,
    "public_history": bool,
    "guests_follow": bool,
    **dict.fromkeys(("hold_everything", "hold_guests", "hold_spam", "watch_exchanges"), bool),
    **dict.fromkeys(("hold_first", "hold_links", "report_limit", "suspension_days"), int),
    **dict.fromkeys(("auto_close_days", "auto_close_silent_days"), int),
    "hold_words": list,
}  # settings that are not texts
_LATER: Mapping[str, Any] = {  # settings that older archives do not have, and their value
    "guests_follow": False,
    "hold_everything": False,
    "hold_guests": True,
    "hold_first": 0,
    "hold_links": 0,
    "hold_words": [],
    "hold_spam": False,
    "report_limit": 0,
    "watch_exchanges": True,
    "suspension_days": 30,
    "auto_close_days": 0,
    "auto_close_silent_days": 0,
    "auto_close_words": "",
}


@dataclass(frozen=True)
class Manifest:
    """What an archive says about itself.

    `article` is the slug where it holds one article, `part` what was asked for where it holds another part of a site.
    Only an archive of a whole site has `settings` (where the site is set up) and `ledger`: the number and hash of the
    log's newest entry. The log of a part would prove nothing.
    """

    origin: str
    article: str | None
    settings: dict[str, Any] | None
    ledger: dict[str, Any] | None
    counts: dict[str, int]
    part: Mapping[str, str] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """Return what stands in both lines, in its order."""
        values: dict[str, Any] = {"version": VERSION, "origin": self.origin, "article": self.article}
        if self.settings is not None:
            values["site"] = self.settings
        if self.ledger is not None:
            values["ledger"] = self.ledger
        if self.part:
            values["part"] = dict(self.part)
        return {**values, "counts": self.counts}


def read(record: Mapping[str, Any]) -> Manifest:
    """Return the manifest of a first line. Raises Malformed."""
    counts, origin = record.get("counts"), record.get("origin")
    if record.get("type") != "manifest" or not isinstance(counts, dict) or not isinstance(origin, str):
        raise Malformed(_("it is no manifest, the line that begins an archive"))
    if record.get("version") != VERSION:
        found = repr(record.get("version"))[:40]
        raise Malformed(_("this site reads version %(own)s of the format, not %(found)s", own=VERSION, found=found))
    if not words(32, 1)(origin):
        raise Malformed(_("its origin cannot be read"))
    _check_ledger(record.get("ledger"))
    return Manifest(origin, record.get("article"), _settings(record.get("site")), record.get("ledger"), counts)


def check_end(end: Mapping[str, Any], manifest: Manifest, seen: Mapping[str, int], digest: str) -> None:
    """Raise Malformed where the last line does not fit what was read: the checksum and the counts of types."""
    if end.get("sha256") != digest:
        raise Malformed(_("its checksum does not fit the lines before it; the archive was altered or damaged"))
    for type, expected in {**dict.fromkeys(RECORD_TYPES, 0), **manifest.counts}.items():
        if seen.get(type, 0) != expected:
            counted = {"expected": expected, "type": type, "found": seen.get(type, 0)}
            raise Malformed(_("the manifest counts %(expected)s of type %(type)s, but there are %(found)s", **counted))


def _check_ledger(found: Any) -> None:
    if found is None:
        return
    if not isinstance(found, dict) or set(found) != {"number", "hash"} or not words(64, 64)(found["hash"]):
        raise Malformed(_("its 'ledger' is not the number and the hash of an entry"))
    if found["number"] != 0 and not is_id(found["number"]):
        raise Malformed(_("its log cannot end with entry %(entry)s", entry=repr(found["number"])[:40]))


def _settings(found: Any) -> dict[str, Any] | None:
    """Return the archive's settings as far as they are settings of ours. Raises Malformed where one cannot be."""
    if found is None:
        return None
    found = {**_LATER, **found} if isinstance(found, dict) else found
    if not isinstance(found, dict) or set(found) != set(SETTINGS):
        raise Malformed(_("its settings are not those of a site"))
    for name, value in found.items():
        if type(value) is not _KINDS.get(name, str):
            raise Malformed(_("its setting %(name)s cannot be %(value)s", name=repr(name), value=repr(value)[:40]))
    for link in found["footer_links"]:
        if not isinstance(link, dict) or set(link) != {"label", "url"} or not safe_link(str(link["url"])):
            raise Malformed(_("it has an unsafe link for the foot of the page"))
    try:
        return choices.checked(found)
    except Invalid as error:
        raise Malformed(" ".join(error.fields.values()).removesuffix(".")) from error
