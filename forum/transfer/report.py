"""What an import did, in counts and in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _


@dataclass
class Report:
    """What an import did, or would do: rows added and rows already here by type, and counts of notes by code."""

    dry_run: bool
    added: dict[str, int] = field(default_factory=dict)
    present: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    def add(self, type: str, number: int = 1) -> None:
        """Count rows that were added."""
        if number:
            self.added[type] = self.added.get(type, 0) + number

    def find(self, type: str, number: int = 1) -> None:
        """Count rows that were here already."""
        if number:
            self.present[type] = self.present.get(type, 0) + number

    def note(self, code: str, number: int = 1) -> None:
        """Count something the person importing should know; `_notes` has words for every code but two."""
        if number:
            self.notes[code] = self.notes.get(code, 0) + number


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
    return told + [f"{words}: {report.notes[code]}." for code, words in _notes().items() if code in report.notes]


def _listed(counts: dict[str, int], names: dict[str, str]) -> str:
    return ", ".join(f"{name}: {counts[type]}" for type, name in names.items() if type in counts)


def _types() -> dict[str, str]:
    return {
        "article": _("articles"),
        "comment": _("comments"),
        "person": _("people"),
        "tag": _("tags"),
        "revision": _("earlier versions"),
        "closure": _("closings"),
        "flag": _("reports"),
        "decision": _("decisions"),
        "notice": _("notices"),
        "document": _("versions of the rules and other pages"),
        "act": _("entries of the history"),
    }


def _notes() -> dict[str, str]:
    return {
        "as-authors": _("Moderators and admins of the other site, who are authors here"),
        "other-acts": _("Entries of the history about nothing that came in, left out"),
        "orphans": _("Replies to a comment that is missing, now at the top level"),
        "circles": _("Replies that answered themselves, now at the top level"),
        "protected": _("Articles behind a password, kept as drafts"),
        "no-author": _("Articles without a known author"),
        "pings": _("Pingbacks and trackbacks, left out"),
        "no-comments": _("Notes of plugins that are no comments, left out"),
        "no-article": _("Comments under something that was left out"),
        "binned": _("Posts and pages in the bin or never saved, left out"),
        "other-items": _("Pictures, menu entries and the like, left out"),
    }
