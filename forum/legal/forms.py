"""The forms of notices of law: shape and length."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length

from forum.legal.kinds import KINDS
from forum.site.forms import Form

NEEDED = InputRequired(_l("This is needed."))
LONGEST = 10_000  # characters of what somebody says: about five pages
TOO_LONG = Length(max=LONGEST, message=_l("Please say it in at most 10,000 characters."))
EMPTY = SelectChoice("", _l("Please choose"))


class ReportForm(Form):
    """Say that something on this site is against the law."""

    addresses = TextAreaField(
        _l("Where is it?"),
        [NEEDED, Length(max=6000, message=_l("That is too long for addresses."))],
        render_kw={"rows": 3},
        description=_l(
            "The exact address of the comment, of the article, or of the page with a comment and the replies below "
            "it, one a line. The time beside a comment is a link to its address."
        ),
    )
    kind = SelectField(
        _l("What is it?"),
        [InputRequired(_l("Please choose what it is."))],
        choices=[EMPTY, *(SelectChoice(kind, kind) for kind in KINDS)],
    )
    why = TextAreaField(
        _l("Why is it against the law?"),
        [NEEDED, TOO_LONG],
        render_kw={"rows": 6, "maxlength": LONGEST},
        description=_l("Say which words you mean, and what is wrong with them."),
    )
    name = StringField(
        _l("Your name"),
        [Length(max=120, message=_l("Please give a name of at most 120 characters."))],
        render_kw={"autocomplete": "name", "maxlength": 120},
        description=_l("Not needed for child sexual abuse."),
    )
    email = EmailField(
        _l("Your mail address"),
        [Length(max=254, message=_l("This is too long for a mail address."))],
        render_kw={"autocomplete": "email", "maxlength": 254},
        description=_l("Not needed for child sexual abuse. Only those who decide can see name and address."),
    )
    good_faith = BooleanField(
        _l("I believe in good faith that what I say here is correct and complete."),
        [InputRequired(_l("Without this nobody can act on it."))],
    )


class PassForm(Form):
    """Pass a notice on to the writers."""

    words = TextAreaField(_l("What the writer reads"), [NEEDED, TOO_LONG], render_kw={"rows": 5, "maxlength": LONGEST})


class VerdictForm(Form):
    """Decide about a notice."""

    decision = SelectField(
        _l("Decision"),
        [InputRequired(_l("Please use one of the buttons."))],
        choices=[SelectChoice("hide", _l("Remove: against the law")), SelectChoice("keep", _l("Keep"))],
    )
    reasons = TextAreaField(
        _l("Reasons, for both sides"), [NEEDED, TOO_LONG], render_kw={"rows": 5, "maxlength": LONGEST}
    )
