"""What was reported, decided, closed and edited in the demo. Comments are named by their keys in `texts/`."""

from __future__ import annotations

from dataclasses import dataclass

RULE = "2. Say nothing of a neighbour that you could not prove to another neighbour."


@dataclass(frozen=True)
class Report:
    """One reader's report; `when` is read by `script.ago`."""

    comment: str
    reader: str
    reason: str
    when: str
    note: str = ""


@dataclass(frozen=True)
class Removal:
    """The moderator's decision to remove a comment, which answers all reports of it."""

    comment: str
    moderator: str
    when: str
    rule: str
    note: str = ""


@dataclass(frozen=True)
class Ending:
    """The end of an exchange: nobody answers any more from `branch` down; the words stand under `at`."""

    branch: str
    at: str
    writer: str
    when: str
    words: str


@dataclass(frozen=True)
class Edit:
    """A change of a comment's text by its writer: what stood there before, and until when."""

    comment: str
    when: str
    before: str


REPORTS = (
    Report("l4", "maud", "abuse", "34 days ago, 12:52", "That is my family he is talking about."),
    Report("l4", "agnes", "untrue", "34 days ago, 13:05"),
    Report("l10", "agnes", "untrue", "2 days ago, 08:20", "The rent is on the sign. He has been shown the sign."),
    Report(
        "l10",
        "hal",
        "abuse",
        "2 days ago, 19:05",
        "I argue with Josef about that mixer every week of the year, but this is calling him a thief.",
    ),
    Report("s7", "renske", "spam", "1 day ago, 10:30", "He has put the same thing through every door on our side."),
)

REMOVAL = Removal(
    "l4", "fenwick", "34 days ago, 13:40", RULE, "Told him on the boat as well. He says it was meant to be funny."
)

ENDING = Ending(
    branch="a5",
    at="a12",
    writer="mina",
    when="10 days ago, 09:12",
    words=(
        "Bertram and I have each said this three times now, and the clock has not moved. This part of our "
        "correspondence ends here. Bring me the cover and I will open it again."
    ),
)

EDIT = Edit(
    "c1",
    "12 days ago, 13:43",
    "A practical question from the school. Our bell is set by the ferry-house clock, because that is the one you can "
    "see from the staff-room window. Do we move on the same day, or does the school stay three minutes behind the "
    "town until the holidays?",
)
