"""Turn WordPress's line breaks into paragraphs, as WordPress does when it shows a text. Pure and linear."""

from __future__ import annotations

import re

_HAS_PARAGRAPHS = re.compile(r"<p[\s>]", re.IGNORECASE)
_PRE = re.compile(r"(<pre[\s>].*?</pre\s*>)", re.IGNORECASE | re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:address|article|aside|blockquote|caption|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header"
    r"|hr|iframe|legend|li|main|nav|object|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul|video|!--)[\s/>-]",
    re.IGNORECASE,
)
_BLANK = re.compile(r"\n[ \t]*\n\s*")
_END_OF_LINE = re.compile(r"(<br\s*/?>)?[ \t]*\n")


def paragraphs(source: str) -> str:
    """Return the source with <p> around texts between blank lines and <br> at line ends, if it has no <p> itself."""
    source = source.strip()
    if not source or _HAS_PARAGRAPHS.search(source):
        return source
    # An unclosed <pre> must not make the search for its end run through the text again and again.
    pieces = _PRE.split(source) if "</pre" in source.lower() else [source]
    return "\n".join(filter(None, (piece if _PRE.fullmatch(piece) else _parted(piece) for piece in pieces)))


def _parted(text: str) -> str:
    return "\n".join(_wrapped(part.strip()) for part in _BLANK.split(text) if part.strip())


def _wrapped(part: str) -> str:
    if _BLOCK.match(part) or _BLOCK.search(part):
        return part
    return "<p>" + _END_OF_LINE.sub("<br>\n", part) + "</p>"
