"""What an import did, in counts and in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _

EXAMPLES = 3  # of each kind of finding: enough to look for the others
LONGEST_EXAMPLE = 80  # characters


@dataclass
class Findings:
    """What was changed, mended or left out: a count by code, and the first examples of each."""

    notes: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, code: str, number: int = 1, example: str = "") -> None:
        """Count something the person importing should know; `_notes` has words for every code but two."""
        if number:
            self.notes[code] = self.notes.get(code, 0) + number
            self._keep(code, [example] if example else [])

    def take(self, other: Findings) -> None:
        """Count what was found elsewhere, too."""
        for code, number in other.notes.items():
            self.note(code, number)
            self._keep(code, other.examples.get(code, []))

    def _keep(self, code: str, examples: list[str]) -> None:
        for example in examples:
            kept = self.examples.setdefault(code, [])
            if len(kept) < EXAMPLES and example[:LONGEST_EXAMPLE] not in kept:
                kept.append(example[:LONGEST_EXAMPLE])


@dataclass
class Report(Findings):
    """What an import did, or would do: rows added and rows already here by type, and its findings."""

    dry_run: bool = False
    added: dict[str, int] = field(default_factory=dict)
    present: dict[str, int] = field(default_factory=dict)

    def add(self, type: str, number: int = 1) -> None:
        """Count rows that were added."""
        if number:
            self.added[type] = self.added.get(type, 0) + number

    def find(self, type: str, number: int = 1) -> None:
        """Count rows that were here already."""
        if number:
            self.present[type] = self.present.get(type, 0) + number


def sentences(report: Report) -> list[str]:
    """Return the report: what was added (or would be), what was here already, and what was left out or mended."""
    added = _listed(report.added, _types())
    told = []
    if report.dry_run:
        told.append(_("A trial: nothing was written."))
        told.append(_("This would be added: %(list)s.", list=added) if added else _("Nothing would be added."))
    else:
        told.append(_("Added: %(list)s.", list=added) if added else _("Nothing was added."))
    if present := _listed(report.present, _types()):
        told.append(_("Already here: %(list)s.", list=present))
    if "own-settings" in report.notes:
        told.append(_("The archive's settings, rules and other pages are not taken: this site keeps its own."))
    if "other-log" in report.notes:
        told.append(
            _(
                "The history of this site is not the one that this archive was made from. "
                "It was changed since, or the archive is of a copy of this site."
            )
        )
    return told + [_told(report, code, words) for code, words in _notes().items() if code in report.notes]


def _told(report: Report, code: str, words: str) -> str:
    number, examples = report.notes[code], report.examples.get(code, [])
    if not examples:
        return f"{words}: {number}."
    return str(_("%(what)s: %(n)s (%(examples)s).", what=words, n=number, examples=_quoted(examples, number)))


def _quoted(examples: list[str], number: int) -> str:
    return " ·\u00a0".join(examples) + (" …" if number > len(examples) else "")


def _listed(counts: dict[str, int], names: dict[str, str]) -> str:
    return ", ".join(f"{name}: {counts[type]}" for type, name in names.items() if type in counts)


def _types() -> dict[str, str]:
    return {
        "article": _("articles"),
        "picture": _("pictures"),
        "comment": _("comments"),
        "person": _("people"),
        "tag": _("tags"),
        "tag-moderator": _("moderators of tags"),
        "article-version": _("earlier versions of articles"),
        "revision": _("earlier versions"),
        "move": _("moves of comments"),
        "closure": _("closings"),
        "flag": _("reports"),
        "case": _("cases"),
        "decision": _("decisions"),
        "objection": _("objections"),
        "saved-reply": _("saved replies"),
        "sanction": _("notes, warnings and suspensions"),
        "notice": _("notices"),
        "subscription": _("things that people follow"),
        "document": _("versions of the rules and other pages"),
        "act": _("entries of the history"),
    }


def _notes() -> dict[str, str]:
    return {
        "as-authors": _("Moderators and admins of the other site, who are authors here"),
        "other-acts": _("Entries of the history about nothing that came in, left out"),
        "of-many": _("Closings of the whole site or of all about a subject, which this site decides itself, left out"),
        "renamed": _("People whose name is taken or reserved here, and who got another"),
        "orphans": _("Replies to a comment that is missing, now at the top level"),
        "circles": _("Replies that answered themselves, now at the top level"),
        "protected": _("Articles behind a password, kept as drafts"),
        "private": _("Articles of a state that few could see, kept as drafts"),
        "no-author": _("Articles without a known author"),
        "dates": _("Impossible dates, replaced by the article's or by today's"),
        "numbers": _("Articles and comments with a number that another has, kept under one of their own"),
        "shared-numbers": _("Comments by a number that two people have, kept under the name beside it"),
        "twice": _("Articles and comments that stand in the file twice, taken once"),
        "other-kinds": _("Items of other kinds with comments, kept as articles"),
        "addresses": _("New addresses of articles, because the old ones are taken"),
        "titles": _("Titles that were too long, cut"),
        "names": _("Names that held an address or were too long, cut"),
        "tags": _("Tags that no address can be made of, left out"),
        "pictures": _("Pictures, now links"),
        "pictures-missing": _("Pictures that the folder does not have, now links"),
        "pictures-unread": _("Pictures that cannot be read or are too large, now links"),
        "addresses-before": _("Former addresses that are too long or too many, left out"),
        "leads": _("Lead pictures that are not at hand, left out"),
        "embeds": _("Films and other pages within an article, now links"),
        "relative-links": _("Links without a host, now to the old site"),
        "dead-links": _("Links to nowhere, now plain text"),
        "scripts": _("Scripts and style sheets, left out"),
        "forms": _("Fields and buttons of forms, left out"),
        "shortcodes": _("Shortcodes that only WordPress understands, kept as they are"),
        "pings": _("Pingbacks and trackbacks, left out"),
        "no-comments": _("Notes of plugins that are no comments, left out"),
        "no-article": _("Comments under something that was left out"),
        "binned": _("Posts and pages in the bin or never saved, left out"),
        "other-items": _("Pictures, menu entries and the like, left out"),
        "mended-bytes": _("Bytes that are no letters, shown as \ufffd"),
        "mended-controls": _("Control characters, left out"),
        "mended-ampersands": _("Bare & and signs that XML does not know, mended"),
        "mended-around": _("Lines before or behind the export itself, passed over"),
    }
