"""The form of a saved reply: shape and length, nothing else."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from forum.site.forms import Form

LONGEST = 2000


class SavedReplyForm(Form):
    """Keep a text under a title."""

    title = StringField(
        _l("Title, as it stands in the list"),
        [InputRequired(_l("Please give it a title.")), Length(max=80, message=_l("Please give it a shorter title."))],
        render_kw={"maxlength": 80},
    )
    text = TextAreaField(
        _l("The text"),
        [
            InputRequired(_l("Please write the text.")),
            Length(max=LONGEST, message=_l("Please say it in at most 2,000 characters.")),
        ],
        render_kw={"rows": 5, "maxlength": LONGEST},
    )
    shared = BooleanField(_l("For everybody who moderates"))
