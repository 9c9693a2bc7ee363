"""The values that a setting of the site may have. Pure but for the list of languages, which comes with the program."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import format_decimal, get_babel
from flask_babel import gettext as _

from forum.errors import Invalid
from forum.site import colours
from forum.siteaddress import is_site_address, spelled
from forum.text.addresses import is_mail_address
from forum.text.links import safe_link
from forum.text.words import folded, one_line, tidy

SIGN_UP = ("open", "approval", "invitation")
WHO_MAY_COMMENT = ("members", "guests", "nobody")
LONGEST_SUSPENSION = 3650  # days
LONGEST_EDIT = 60 * 24 * 7  # minutes: after a week a comment is part of the record
LONGEST_OPEN = 3660  # days: ten years
LONGEST_CLOSING_WORDS = 1000  # characters
MOST_HELD = 1000  # comments of a person, or links of a comment: a larger number would be a slip of the pen
MOST_WORDS, LONGEST_WORD = 1000, 80  # that a comment waits for: what a moderator can still keep in view
LONGEST_NETWORK = 90  # days: which accounts share a network says less and less
LONGEST_NOTICE, LONGEST_COMPLAINANT = 90, 3650  # days: until a notice is decided, and that its sender is kept
MOST_MEGABYTES, MOST_MEGAPIXELS = 20, 100  # of a picture: its pixels take four bytes each while it is read
MOST_PICTURES = 500  # of an article
MOST_LINKS = 8  # in the footer: more would push the site's own away
_CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
CHOICES = {"sign_up": SIGN_UP, "who_may_comment": WHO_MAY_COMMENT}


@cache
def languages() -> dict[str, str]:
    """Return the languages that the pages are translated into: the code of each and its own name."""
    found: list[Locale] = get_babel().instance.list_translations()
    return {str(locale): str(locale.get_display_name()) for locale in found}


def no_translation() -> str:
    """Say that there is no translation into a language, and which ones there are."""
    known = ", ".join(f"{code} ({name})" for code, name in languages().items())
    return str(_("There is no translation into this language. There are: %(languages)s.", languages=known))


@cache
def timezones() -> list[str]:
    """Return the time zones to choose from: outdated spellings ("Cuba", "US/Pacific", Etc/GMT-1) are left out."""
    return ["UTC", *sorted(name for name in available_timezones() if name.split("/")[0] in _CONTINENTS)]


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as they are stored. Raises Invalid with a message per field."""
    kept = dict(values)
    problems: dict[str, str] = {}
    for field in ("name", "tagline", "contact", "url", "accent"):
        if field in kept:
            kept[field] = one_line(kept[field])
    if "auto_close_words" in kept:
        kept["auto_close_words"] = tidy(kept["auto_close_words"]).strip()
    for field, problem in _problems(kept):
        problems.setdefault(field, problem)
    if problems:
        raise Invalid(problems)
    if "url" in kept:
        kept["url"] = spelled(kept["url"])
    if "accent" in kept:
        kept["accent"] = kept["accent"].lower()
    return kept


def parsed_links(typed: str) -> list[dict[str, str]]:
    """Return footer links typed one a line, the words first and the address last. Raises Invalid for `footer_links`."""
    links = []
    for line in filter(None, map(one_line, typed.splitlines())):
        label, _space, address = line.rpartition(" ")
        link = safe_link(address)
        if not label or link is None:
            problem = _("Each line needs words and then an address: About us https://example.org/about")
            raise Invalid({"footer_links": problem})
        links.append({"label": label.rstrip(" |")[:80], "url": link})
    if len(links) > MOST_LINKS:
        raise Invalid({"footer_links": _("There is room for %(n)s links.", n=MOST_LINKS)})
    return links


def parsed_words(typed: str) -> list[str]:
    """Return words and phrases typed one a line, each once. Raises Invalid for `hold_words`."""
    words = list(dict.fromkeys(filter(None, map(one_line, typed.splitlines()))))
    if len(words) > MOST_WORDS:
        raise Invalid({"hold_words": _("There is room for %(n)s words.", n=format_decimal(MOST_WORDS))})
    return words


def typed_links(links: list[dict[str, str]]) -> str:
    """Return footer links as the form shows them: one a line."""
    return "\n".join(f"{link['label']} {link['url']}" for link in links)


def _problems(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [
        (field, _("This is not one of the choices."))
        for field, allowed in CHOICES.items()
        if field in values and values[field] not in allowed
    ]
    if not values.get("name", "-"):
        found.append(("name", _("The site needs a name.")))
    if values.get("url") and not is_site_address(values["url"]):
        found.append(("url", _("An address looks like https://forum.example, without anything after it.")))
    if not _reaches_somebody(values.get("contact", "")):
        problem = _(
            "This is no mail address, link or number, and one word leads nowhere. desk@forum.example is an address."
        )
        found.append(("contact", problem))
    if "language" in values and values["language"] not in languages():
        found.append(("language", no_translation()))
    if "timezone" in values and values["timezone"] not in available_timezones():
        found.append(("timezone", _("There is no such time zone. Europe/Berlin is one.")))
    if not 0 <= values.get("edit_minutes", 0) <= LONGEST_EDIT:
        found.append(("edit_minutes", _("Between 0 (never) and %(n)s minutes.", n=format_decimal(LONGEST_EDIT))))
    if not 0 <= values.get("suspension_days", 0) <= LONGEST_SUSPENSION:
        found.append(("suspension_days", _("Between 0 (never) and %(n)s.", n=format_decimal(LONGEST_SUSPENSION))))
    found += [*_problems_of_holding(values), *_problems_of_closing(values), *_problems_of_notices(values)]
    found += _problems_of_pictures(values)
    if values.get("accent") and (problem := _accent_problem(values["accent"])):
        found.append(("accent", problem))
    return found


def _reaches_somebody(contact: str) -> bool:
    """Tell whether a contact can lead anywhere: an address, a number, several words, or the name of an account (@...).

    One word without any of these is a slip, and so is one with an @ that is no mail address.
    """
    if " " in contact or contact.startswith("@") or is_mail_address(contact) or safe_link(contact):
        return True
    return "@" not in contact and (not contact or any(not char.isalpha() for char in contact))


def _problems_of_holding(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [
        (field, _("Between 0 (never) and %(n)s.", n=format_decimal(MOST_HELD)))
        for field in ("hold_first", "hold_links", "report_limit")
        if not 0 <= values.get(field, 0) <= MOST_HELD
    ]
    for word in values.get("hold_words", ()):
        if not isinstance(word, str) or not folded(word).strip() or len(word) > LONGEST_WORD:
            words = _("“%(word)s” has no letter or digit, or more than %(n)s.", word=str(word)[:40], n=LONGEST_WORD)
            found.append(("hold_words", words))
    return found


def _problems_of_closing(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [
        (field, _("Between 0 (never) and %(n)s days.", n=format_decimal(LONGEST_OPEN)))
        for field in ("auto_close_days", "auto_close_silent_days")
        if not 0 <= values.get(field, 0) <= LONGEST_OPEN
    ]
    if len(values.get("auto_close_words", "")) > LONGEST_CLOSING_WORDS:
        words = _("Closing words can have at most %(most)s characters.", most=format_decimal(LONGEST_CLOSING_WORDS))
        found.append(("auto_close_words", words))
    return found


def _problems_of_notices(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    ranges = {"notice_days": (1, LONGEST_NOTICE), "complainants_days": (0, LONGEST_COMPLAINANT)}
    ranges["network_days"] = (0, LONGEST_NETWORK)
    return _out_of(ranges, values)


def _problems_of_pictures(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    ranges = {"picture_megabytes": (1, MOST_MEGABYTES), "picture_megapixels": (1, MOST_MEGAPIXELS)}
    return _out_of({**ranges, "article_pictures": (0, MOST_PICTURES)}, values)


def _out_of(ranges: Mapping[str, tuple[int, int]], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (field, _("Between %(least)s and %(most)s.", least=format_decimal(least), most=format_decimal(most)))
        for field, (least, most) in ranges.items()
        if not least <= values.get(field, least) <= most
    ]


def _accent_problem(accent: str) -> str:
    if not colours.is_colour(accent):
        return str(_("A colour is written like #0b5c6b."))
    if colours.is_legible(accent):
        return ""
    ratio = format_decimal(colours.contrast(accent, colours.LIGHT_PAPER), "0.0")
    problem = _("Too pale to read on the page: its contrast is %(n)s, and it needs 4.5. Try a darker one.", n=ratio)
    return str(problem)
