"""Forms about objections: shape and length, nothing else."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from forum.site.forms import Form, Pressed


class ObjectionForm(Form):
    """Object to what was done."""

    words = TextAreaField(
        _l("Why was this wrong?"),
        [InputRequired(_l("There is nothing written yet.")), Length(max=2000, message=_l("2,000 characters fit."))],
        render_kw={"rows": 6, "maxlength": 2000},
    )


class AnswerForm(Form):
    """Decide about an objection."""

    outcome = Pressed(validators=[AnyOf(("upheld", "refused"), message=_l("Please use one of the buttons."))])
    reason = TextAreaField(
        _l("Why?"),
        [
            InputRequired(_l("Please say why.")),
            Length(max=1000, message=_l("Please say it in at most 1,000 characters.")),
        ],
        render_kw={"rows": 3, "maxlength": 1000},
        description=_l("The person reads it. Your name is not told."),
    )
