"""Forms: shape and length only."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length

from forum.comments.ending.limits import MAX_WORDS
from forum.comments.writing.forms import new_key
from forum.site.forms import Form, Pressed

PERIODS = [
    SelectChoice("", _("For good")),
    SelectChoice("1", _("For a day")),
    SelectChoice("7", _("For a week")),
    SelectChoice("30", _("For a month")),
]
DELAYS = [
    SelectChoice("", _("At once")),
    SelectChoice("1", _("In an hour")),
    SelectChoice("24", _("In a day")),
    SelectChoice("168", _("In a week")),
]


class EndForm(Form):
    """What ends or closes something. `begins` and `until` take ISO 8601 in UTC from scripts; people choose a delay (in
    hours) and a period (in days)."""

    reach = Pressed(_("Who may no longer reply, and where"))  # two, branch, thread, one, one-thread
    people = HiddenField()  # "all", "two" or "one", from scripts; people choose a reach, or name a person
    person = StringField(
        _("Only for one person (sign-in name)"),
        [Length(max=60)],
        description=_(
            "Without a name it closes for everybody. With a name everybody else goes on and is told nothing."
        ),
    )
    start = SelectField(_("Which comment it begins at"), choices=[], validate_choice=False)
    words = TextAreaField(
        _("Closing words, shown where the replies would go"), [Length(max=MAX_WORDS)], render_kw={"rows": 4}
    )
    reply = TextAreaField(_("Your last word, posted as a reply (may be left empty)"), render_kw={"rows": 4})
    period = SelectField(_("For how long"), choices=PERIODS, default="")
    delay = SelectField(_("From when on"), choices=DELAYS, default="")
    begins = HiddenField()
    until = HiddenField()
    once = BooleanField(_("Let the other person answer once more"))
    staff_may = BooleanField(_("Moderators may still write here"))
    note = StringField(_("Note for the other moderators (not shown)"), [Length(max=500)])
    key = HiddenField(validators=[Length(max=40)], default=new_key)

    def validate_until(self, field: HiddenField) -> None:
        """Refuse what is not ISO 8601."""
        try:
            self.moment(field)
        except (ValueError, OverflowError) as error:
            raise ValidationError(_("Give it as a date and time, like 2026-12-31T18:00:00Z.")) from error

    validate_begins = validate_until

    def moment(self, field: HiddenField) -> datetime | None:
        """Return the beginning or end that a script named, in UTC, or None."""
        if not field.data:
            return None
        named = datetime.fromisoformat(field.data.strip().replace("Z", "+00:00"))
        return named.replace(tzinfo=UTC) if named.tzinfo is None else named.astimezone(UTC)


class ReasonForm(Form):
    """The line that says why something is reopened."""

    reason = StringField(_("Why? (shown to everybody)"), [Length(max=300)])
