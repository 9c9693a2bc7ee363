"""Forms: shape and length only."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, HiddenField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional

from forum.site.forms import Form


def new_key() -> str:
    """Return a form's one-time key, by which posting twice makes one comment."""
    return secrets.token_urlsafe(18)


class CommentForm(Form):
    """The box a comment is written in."""

    # `required` keeps a person who sends nothing at the article; what is nothing, the action says.
    body = TextAreaField(_("Your comment"), render_kw={"rows": 6, "required": True})
    key = HiddenField(validators=[Length(max=40)], default=new_key)
    answers = BooleanField(_("Tell me of answers"))


class GuestForm(CommentForm):
    """The box with what a guest says of themselves."""

    guest_name = StringField(
        _("Your name"),
        [InputRequired(_("Please say what to call you.")), Length(max=60)],
        render_kw={"autocomplete": "name"},
    )
    guest_email = EmailField(
        _("Mail address"),
        [Optional(), Length(max=254), Email(_("This is not an e-mail address."))],
        description=_("Not needed, and not shown."),
    )
