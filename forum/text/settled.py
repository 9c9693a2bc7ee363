"""Tell HTML that cleaning would leave as it is. Most of what people write is, and bleach takes ten times as long.

Nothing is taken out here, and nothing is guessed from how a text looks: it is read into tokens, and it is settled only
if these are elements of few names without any attribute, one within the other as HTML has them, and if the text is,
sign by sign, what `written` makes of them, in which every other "<" and "&" is a reference. Whatever else it is, bleach
cleans it.
"""

from __future__ import annotations

import re

from forum.text.tokens import tokens, written

DEEPEST = 20  # elements within each other
_MARKS = frozenset({"b", "code", "del", "em", "i", "s", "strong", "sub", "sup"})
_PHRASES, _BLOCKS = _MARKS | {"br"}, frozenset({"blockquote", "hr", "ol", "p", "ul"})
_EMPTY = frozenset({"br", "hr"})
# What may stand in each element; in none of them, first. Words only where phrases may.
_WITHIN = {"": _BLOCKS, "blockquote": _BLOCKS, "li": _BLOCKS | _PHRASES, "p": _PHRASES}
_WITHIN |= dict.fromkeys(("ol", "ul"), frozenset({"li"})) | dict.fromkeys(_MARKS, _PHRASES)
# bleach writes another sign instead of each of these.
_ALTERED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def is_settled(html: str) -> bool:
    """Tell whether HTML is made only of plain elements, and spelled as bleach would spell it."""
    opened = [""]
    row = []
    for token in tokens(html):
        name = token.value
        if token.kind == "end":
            if opened.pop() != name or not opened:
                return False
        elif token.kind == "text":
            if "br" not in _WITHIN[opened[-1]] and not name.isspace():
                return False
        elif token.attributes or name not in _WITHIN[opened[-1]] or (name in _MARKS and name in opened):
            return False
        elif name not in _EMPTY:
            opened.append(name)
            if len(opened) > DEEPEST:
                return False
        row.append(token)
    # In a text a quotation mark stands for itself in either spelling, and bleach leaves it in the one it has.
    return len(opened) == 1 and html.replace("&quot;", '"') == written(row) and _ALTERED.search(html) is None
