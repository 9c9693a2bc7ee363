"""Read a file of any format into a spool of records; nothing touches the database here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from forum.errors import Invalid
from forum.site import choices
from forum.text import safe_link
from forum.transfer import jsonl, wxr
from forum.transfer.queries import SETTINGS
from forum.transfer.spool import Record, Spool

_KINDS: Mapping[str, type] = {
    "footer_links": list,
    "edit_minutes": int,
    "public_history": bool,
}  # settings that are not texts


@dataclass(frozen=True)
class Found:
    """Be what a file says about itself. `keeps_ids`: it is an archive of ours, whole and in itself sound."""

    origin: str
    keeps_ids: bool
    settings: dict[str, Any] | None = None
    notes: Mapping[str, int] = field(default_factory=dict)


def read_jsonl(file: IO[bytes], spool: Spool) -> Found:
    """Read an archive of ours. Raises Invalid with the number of the line where something is wrong."""
    manifest: Record = {}
    for number, record in jsonl.read(file):
        if number == 1:
            manifest = record
        elif record["type"] != "manifest":
            spool.add(_keyed(record))
    return Found(manifest["origin"], True, _settings(manifest.get("site")))


def read_wxr(file: IO[bytes], spool: Spool) -> Found:
    """Read an export of WordPress. Raises Invalid, with the line where there is one, for what is no such thing."""
    reader = wxr.Reader(spool.add)
    wxr.parse(file, reader)
    return Found(reader.origin, False, notes=reader.skipped)


READERS: Mapping[str, Callable[[IO[bytes], Spool], Found]] = {"wxr": read_wxr, "jsonl": read_jsonl}


def _keyed(record: Record) -> Record:
    """Give a record the key by which others of the archive speak of it, and its parent's in the same form."""
    natural = {"person": "username", "article": "slug", "tag": "slug"}
    record["key"] = str(record[natural.get(record["type"], "id")])
    if record["type"] == "comment":
        record["parent"] = str(record["parent"]) if record["parent"] else None
    return record


def _settings(found: Any) -> dict[str, Any] | None:
    """Return the archive's settings as far as they are settings of ours. Raises Invalid where one cannot be."""
    if found is None:
        return None
    if not isinstance(found, dict) or set(found) != set(SETTINGS):
        raise _wrong("its settings are not those of a site")
    for name, value in found.items():
        if type(value) is not _KINDS.get(name, str):
            raise _wrong(f"its setting {name!r} cannot be {value!r}")
    for link in found["footer_links"]:
        if not isinstance(link, dict) or set(link) != {"label", "url"} or not safe_link(str(link["url"])):
            raise _wrong("it has an unsafe link for the foot of the page")
    try:
        return choices.checked(found)
    except Invalid as error:
        raise _wrong(" ".join(error.fields.values())) from error


def _wrong(what: str) -> Invalid:
    return Invalid({"file": f"Line 1 of the archive: {what}."})
