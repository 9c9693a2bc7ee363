"""The rules for sign-in names and shown names. `lookalikes` says which names are too much like another person's."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from flask_babel import gettext as _

from forum.errors import Invalid
from forum.people.lookalikes import looks
from forum.text.words import one_line

USERNAME_LENGTH = (2, 40)
DISPLAY_NAME_LENGTH = 60
# A reader would take these for the site itself or for a person without a name. Staff may have a name like admin.
NOBODYS = (
    *("guest", "anonymous", "deleted", "removed", "system"),
    *("Gast", "anonym", "gelöscht", "geloescht", "entfernt"),  # what the pages call them in German
)
STAFFS = ("admin", "administrator", "moderator", "staff", "support", "webmaster")
# Words that make a title of another one: "the admin team", "official support". With nothing else they name nobody.
TITLES = (*STAFFS, "admins", "administrators", "moderators", "team", "the", "official", "site", "forum")
# Words of these that nobody has for a name: "Ida (Admin)" would be taken for one, and so would "Moderatorin Ida".
OFFICES = (
    *("admin", "admins", "administrator", "administrators", "moderator", "moderators", "webmaster"),
    *("administratorin", "moderatorin"),
)
# Letters and signs by their category that show nothing, or nothing but a gap.
FILLERS = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u2800\u3164\uffa0\ufffc"
_JOINERS = "-_."
_AS_LETTERS = str.maketrans("01345$@", "oieass" + "a")
_SIGNS_AS_LETTERS = str.maketrans("$@", "sa")
_TYPED_MARKS = "\u200c\u200d"  # joiners that Persian and several Indian scripts spell with; no look depends on them


def check_username(typed: str, *, staff: bool = False, site: str = "") -> str:
    """Return a sign-in name as it is stored: letters and digits of any script and -_. between them, 2 to 40.

    `staff` allows names that sound like staff or the `site`, whose name is given. Raises Invalid for `username`.
    """
    name = one_line(typed)
    shortest, longest = USERNAME_LENGTH
    if not shortest <= len(name) <= longest:
        raise Invalid({"username": _("A sign-in name has %(a)s to %(b)s characters.", a=shortest, b=longest)})
    if not all(_is_letter(char) or char in _JOINERS for char in name):
        raise Invalid({"username": _("A sign-in name is made of letters, digits, and - _ . between them.")})
    if name[0] in _JOINERS or name[-1] in _JOINERS:
        raise Invalid({"username": _("A sign-in name begins and ends with a letter or a digit.")})
    _check(name, "username", staff, site)
    return name


def check_display_name(typed: str, *, staff: bool = False, site: str = "") -> str:
    """Return a shown name as it is stored: any script, spaces, at most 60. Raises Invalid for `display_name`."""
    name = one_line(typed)
    if not 0 < len(name) <= DISPLAY_NAME_LENGTH:
        raise Invalid({"display_name": _("A name has 1 to %(n)s characters.", n=DISPLAY_NAME_LENGTH)})
    if any(unicodedata.category(char)[0] == "C" and char not in _TYPED_MARKS for char in name):
        raise Invalid({"display_name": _("There is a character in this name that cannot be shown.")})
    if has_mail_address(name):
        raise Invalid({"display_name": _("A name is shown to everybody, so it cannot be a mail address.")})
    _check(name, "display_name", staff, site)
    # Not asked of sign-in names, nor of "admin 2": so an import numbers the author "admin" of a blog.
    read = name.translate(_SIGNS_AS_LETTERS)  # before it is split into words: "Ida (@dmin)"
    others = _without(_looks_of(OFFICES), read)
    if not staff and others != " ".join(_words(read)) and any(char.isalpha() for char in others):
        raise Invalid({"display_name": _kept_back()})
    return name


def username_from(name: str) -> str:
    """Return a sign-in name made from a shown one: Ida Brandt becomes Ida-Brandt."""
    kept = "".join(char if _is_letter(char) or char in _JOINERS else "-" for char in one_line(name))
    return re.sub("-+", "-", kept)[: USERNAME_LENGTH[1]].strip(_JOINERS)


def has_mail_address(name: str) -> bool:
    """Tell whether a mail address stands in a name, perhaps somebody's: with one, people sign in."""
    return bool(re.search(r"[^\s@]@[^\s@]+\.[^\s@]", unicodedata.normalize("NFKC", name)))


def _check(name: str, field: str, staff: bool, site: str) -> None:
    keys = _looks(name)
    if any(char in FILLERS for char in name) or not _stand_on_letters(name):
        raise Invalid({field: _("There is a character in this name that cannot be shown.")})
    if not looks(name) or not any(char.isalnum() for char in name):
        raise Invalid({field: _("A name needs at least one letter or digit.")})
    if any(_runs_both_ways(word) for word in re.split(r"[\W_]+", name)):
        raise Invalid({field: _("One word cannot mix letters that are written in different directions.")})
    if keys & _looks_of(NOBODYS) or not (staff or _is_a_persons(name, keys, site)):
        raise Invalid({field: _kept_back()})


def _kept_back() -> str:
    return str(_("This name is reserved, because readers would take it for the site itself."))


def _is_a_persons(name: str, keys: frozenset[str], site: str) -> bool:
    """Tell whether a name is neither a title of staff nor the site's own, with or without a title."""
    titles, own = _looks_of(TITLES), _without(_looks_of(TITLES), name)
    if keys & titles or not own:
        return False
    return not (looks(site) | looks(_without(titles, site))) & (keys | _looks(own))


@cache
def _looks_of(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key for word in words for key in looks(word))


def _looks(name: str) -> frozenset[str]:
    """Return the looks of a name, also with its digits read as the letters for which they often stand: Adm1n."""
    return looks(name) | looks(name.translate(_AS_LETTERS))


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name) if looks(word)]


def _without(titles: frozenset[str], name: str) -> str:
    return " ".join(word for word in _words(name) if not _looks(word) & titles)


def _stand_on_letters(name: str) -> bool:
    """Tell whether every combining sign stands on a letter or digit, and none encloses it: others draw boxes."""
    before = " "
    for char in name:
        kind = unicodedata.category(char)
        if kind == "Me" or (kind in ("Mn", "Mc") and unicodedata.category(before)[0] not in "LNMS"):
            return False
        before = before if char in _TYPED_MARKS else char
    return True


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def _runs_both_ways(word: str) -> bool:
    # The likenesses we have do not compare right-to-left letters with Latin ones (a vav with an l).
    ways = {unicodedata.bidirectional(char) for char in word}
    return "L" in ways and bool(ways & {"R", "AL", "AN"})
