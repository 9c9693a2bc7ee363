"""Say what a sanction is, to moderators."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from forum.policy import SanctionKind

NAMES: Mapping[str, LazyString] = {
    SanctionKind.NOTE: _("Note"),
    SanctionKind.WARNING: _("Warning"),
    SanctionKind.HOLD: _("Comments wait for approval"),
    SanctionKind.SLOW: _("Slow mode"),
    SanctionKind.SUSPENSION: _("Suspension"),
    SanctionKind.BAN: _("Ban"),
}
ACTS: Mapping[str, LazyString] = {
    SanctionKind.NOTE: _("Write a note"),
    SanctionKind.WARNING: _("Warn"),
    SanctionKind.HOLD: _("Let their comments wait"),
    SanctionKind.SLOW: _("Slow them down"),
    SanctionKind.SUSPENSION: _("Suspend"),
    SanctionKind.BAN: _("Ban"),
}
MEANINGS: Mapping[str, LazyString] = {
    SanctionKind.NOTE: _("Only moderators read it. The person is not told."),
    SanctionKind.WARNING: _("The person is told. Nothing else changes."),
    SanctionKind.HOLD: _("Every comment of theirs waits until a moderator approves it. The person is told."),
    SanctionKind.SLOW: _("The person can write a comment only every so many minutes, and is told."),
    SanctionKind.SUSPENSION: _("The person can read, but not write, until the end. They are told, and can object."),
    SanctionKind.BAN: _("The person can read, but not write, until an admin lifts it. They are told, and can object."),
}
