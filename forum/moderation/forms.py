"""Forms of this room: shape and length, nothing else."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import AnyOf, InputRequired, Length

from forum.site.forms import Form, Pressed

DECISIONS = ("keep", "hide", "hide-replies", "spam")
REASONS = {
    "spam": _l("Spam"),
    "abuse": _l("Abusive"),
    "danger": _l("Somebody is in danger"),
    "private": _l("Private details"),
    "untrue": _l("Untrue"),
    "illegal": _l("Against the law"),
    "off-topic": _l("Off topic"),
    "other": _l("Something else"),
}


class FlagForm(Form):
    """Report a comment."""

    reason = SelectField(
        _l("What is wrong with it?"),
        choices=[SelectChoice("", _l("Please choose")), *(SelectChoice(*reason) for reason in REASONS.items())],
        validators=[InputRequired(_l("Please choose what is wrong with it."))],
    )
    note = TextAreaField(
        _l("Anything a moderator should know"),
        validators=[Length(max=1000, message=_l("Please say it in at most 1,000 characters."))],
        render_kw={"rows": 3, "maxlength": 1000},
    )


class DecisionForm(Form):
    """Decide about a comment. `reason` is the number of a rule; `seen` says what the page showed."""

    decision = Pressed(validators=[AnyOf(DECISIONS, message=_l("Please use one of the buttons."))])
    reason = Pressed(_l("Which rule?"), validators=[Length(max=10, message=_l("There is no such rule."))])
    note = TextAreaField(
        _l("Note for the other moderators"),
        validators=[Length(max=1000, message=_l("Please say it in at most 1,000 characters."))],
    )
    seen = HiddenField(validators=[Length(max=60)])


class TagsForm(Form):
    """Choose in which tags somebody moderates."""

    tags = StringField(
        _l("Moderates in"),
        validators=[Length(max=2000, message=_l("Please use at most 2,000 characters."))],
        description=_l("Names of subjects, with commas between them. Empty: in none."),
    )


class ExchangeForm(Form):
    """Decide about an exchange that goes in circles; `words` are read by both."""

    outcome = Pressed()
    words = TextAreaField(
        _l("What both read"),
        validators=[Length(max=1000, message=_l("Please say it in at most 1,000 characters."))],
        render_kw={"rows": 3, "maxlength": 1000},
    )


class EraseForm(Form):
    """Erase a comment or an earlier version. `reason` is the number of a rule."""

    reason = Pressed(_l("Which rule?"), validators=[Length(max=10, message=_l("There is no such rule."))])
