"""Forms about sanctions: shape and length, nothing else."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from forum.site.forms import Form

LONGEST_DAYS, LONGEST_MINUTES = 3650, 10_080  # ten years; a week
_SHORT = Length(max=1000, message=_l("Please say it in at most 1,000 characters."))
_BOX = {"rows": 3, "maxlength": 1000}


class SanctionForm(Form):
    """Sanction a person. A page shows only the fields that the kind has; `reason` is the number of a rule."""

    reason = SelectField(_l("Which rule?"), choices=[], validate_choice=False)
    minutes = IntegerField(
        _l("Minutes between two comments"),
        [Optional(), NumberRange(1, LONGEST_MINUTES, _l("Between 1 and 10,080 minutes."))],
    )
    days = IntegerField(
        _l("For how many days?"), [Optional(), NumberRange(1, LONGEST_DAYS, _l("Between 1 and 3,650 days."))]
    )
    words = TextAreaField(_l("What the person reads"), [_SHORT], render_kw=_BOX)
    note = TextAreaField(
        _l("Note for the other moderators"),
        [_SHORT],
        render_kw=_BOX,
        description=_l("Neither the person nor readers see it."),
    )
    comment = HiddenField(validators=[Length(max=20)])


class LiftForm(Form):
    """End a sanction before its time."""

    why = TextAreaField(
        _l("Why is it lifted?"),
        [InputRequired(_l("Please say why.")), _SHORT],
        render_kw=_BOX,
        description=_l("The person reads it."),
    )
