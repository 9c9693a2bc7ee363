"""The rules for sign-in names and shown names. `lookalikes` says which names are too much like another person's."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext as _

from forum.errors import Invalid
from forum.people.lookalikes import looks
from forum.text.words import one_line

USERNAME_LENGTH = (2, 40)
DISPLAY_NAME_LENGTH = 60
# A reader would take these for the site itself or for a person without a name. Staff may have a name like admin.
NOBODYS = ("guest", "anonymous", "deleted", "removed", "system")
STAFFS = ("admin", "administrator", "moderator", "staff", "support", "webmaster")
_JOINERS = "-_."
_TYPED_MARKS = "\u200c\u200d"  # joiners that Persian and several Indian scripts spell with; no look depends on them


def check_username(typed: str, *, staff: bool = False) -> str:
    """Return a sign-in name as it is stored: letters and digits of any script and -_. between them, 2 to 40.

    `staff` allows names that sound like staff. Raises Invalid for the field `username`.
    """
    name = one_line(typed)
    shortest, longest = USERNAME_LENGTH
    if not shortest <= len(name) <= longest:
        raise Invalid({"username": _("A sign-in name has %(a)s to %(b)s characters.", a=shortest, b=longest)})
    if not all(_is_letter(char) or char in _JOINERS for char in name):
        raise Invalid({"username": _("A sign-in name is made of letters, digits, and - _ . between them.")})
    if name[0] in _JOINERS or name[-1] in _JOINERS:
        raise Invalid({"username": _("A sign-in name begins and ends with a letter or a digit.")})
    _check(name, "username", staff)
    return name


def check_display_name(typed: str, *, staff: bool = False) -> str:
    """Return a shown name as it is stored: any script, spaces, at most 60. Raises Invalid for `display_name`."""
    name = one_line(typed)
    if not 0 < len(name) <= DISPLAY_NAME_LENGTH:
        raise Invalid({"display_name": _("A name has 1 to %(n)s characters.", n=DISPLAY_NAME_LENGTH)})
    if any(unicodedata.category(char)[0] == "C" and char not in _TYPED_MARKS for char in name):
        raise Invalid({"display_name": _("There is a character in this name that cannot be shown.")})
    _check(name, "display_name", staff)
    return name


def username_from(name: str) -> str:
    """Return a sign-in name made from a shown one: Ida Brandt becomes Ida-Brandt."""
    kept = "".join(char if _is_letter(char) or char in _JOINERS else "-" for char in one_line(name))
    return re.sub("-+", "-", kept)[: USERNAME_LENGTH[1]].strip(_JOINERS)


def _check(name: str, field: str, staff: bool) -> None:
    keys = looks(name)
    if not keys or not any(char.isalnum() for char in name):
        raise Invalid({field: _("A name needs at least one letter or digit.")})
    if any(_runs_both_ways(word) for word in re.split(r"[\W_]+", name)):
        raise Invalid({field: _("One word cannot mix letters that are written in different directions.")})
    kept_back = NOBODYS if staff else NOBODYS + STAFFS
    if any(keys & looks(word) for word in kept_back):
        raise Invalid({field: _("This name is kept back, because readers would take it for the site itself.")})


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def _runs_both_ways(word: str) -> bool:
    # The likenesses we have do not compare right-to-left letters with Latin ones (a vav with an l).
    ways = {unicodedata.bidirectional(char) for char in word}
    return "L" in ways and bool(ways & {"R", "AL", "AN"})
