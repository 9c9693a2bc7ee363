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
    "jsonl": Format("application/x-ndjson", "jsonl", _l("JSON Lines: everything, to move to another site")),
    "html": Format("text/html", "html", _l("One HTML file: to read and to print")),
    "csv": Format("text/csv", "csv", _l("A table of the comments (CSV): for a spreadsheet")),
    "wxr": Format("application/xml", "xml", _l("As WordPress exports (WXR): to move to WordPress")),
    "markdown": Format("text/markdown", "md", _l("Markdown: to read, and to go on with in another program")),
}
