"""What somebody asks to be ended or closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import format_decimal
from flask_babel import gettext as _

from forum.comments.ending.limits import LONGEST, MAX_WORDS
from forum.errors import Invalid
from forum.policy import Actor
from forum.text.words import tidy


@dataclass(frozen=True)
class Ending:
    """A request to end a discussion.

    `people` is "all", "two", or "one": the person with the sign-in name `person`, without it who wrote the comment.
    `start_id` is the comment from which it is closed: for all without it from the comment the form was opened at, for
    one without it anywhere under the article. `begins` and `until` are from when and until when; `reply` is posted
    first, as the last word. `once`: let the other of two answer once more.
    """

    words: str = ""
    people: str = "all"
    person: str = ""
    start_id: int | None = None
    begins: datetime | None = None
    until: datetime | None = None
    reply: str = ""
    staff_may: bool = False
    once: bool = False
    note: str = ""
    key: str = ""


def check(ending: Ending, moment: datetime) -> None:
    """Raise Invalid for words that are too long, people there are not, or moments that cannot be."""
    if len(ending.words) > MAX_WORDS:
        raise Invalid(
            {"words": _("Closing words can have at most %(most)s characters.", most=format_decimal(MAX_WORDS))}
        )
    if ending.people not in ("all", "two", "one"):
        raise Invalid({"people": _("Choose for whom it ends.")})
    if ending.begins is not None and ending.begins > moment + LONGEST:
        raise Invalid({"begins": _("The beginning must lie within ten years.")})
    if ending.until is not None and ending.until <= moment:
        raise Invalid({"until": _("That moment has passed already.")})
    if ending.until is not None and ending.begins is not None and ending.until <= ending.begins:
        raise Invalid({"until": _("It would end before it begins.")})
    if ending.until is not None and ending.until > moment + LONGEST:
        raise Invalid({"until": _("The end must lie within ten years. Without an end it is closed for good.")})


def columns(actor: Actor, ending: Ending, moment: datetime) -> dict[str, object]:
    """Return the columns of a closure that say what was asked, by whom and when."""
    return {
        "words": tidy(ending.words).strip(),
        "note": tidy(ending.note).strip(),
        "closed_by_id": actor.id,
        "staff_may": ending.staff_may and ending.people != "one",
        "created_at": moment,
        "begins_at": ending.begins if ending.begins is not None and ending.begins > moment else None,
        "until": ending.until,
    }
