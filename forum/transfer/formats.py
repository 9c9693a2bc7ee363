"""The formats of exports: what a file is called, what it is, and in which words it is offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flask_babel import lazy_gettext as _l


class Format(NamedTuple):
    """A format: its media type, how names of its files end, and what it is for."""

    media_type: str
    ending: str
    words: str


# If you add one, also say in `out/files.py` what makes it.
FORMATS: Mapping[str, Format] = {
    "jsonl": Format("application/x-ndjson", "jsonl", _l("JSON Lines: everything")),
    "html": Format("text/html", "html", _l("HTML: to read")),
    "csv": Format("text/csv", "csv", _l("CSV: a table")),
    "wxr": Format("application/xml", "xml", _l("WXR: for WordPress")),
    "markdown": Format("text/markdown", "md", _l("Markdown: as text")),
}
