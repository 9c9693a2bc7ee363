"""Forms about a person, for moderators: shape and length, nothing else."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Optional

from forum.site.forms import Form


class RemoveForm(Form):
    """Choose what is removed of all that a person wrote, and why. `do` is spam, or hide: with the number of a rule."""

    since = SelectField(
        _l("Since when?"),
        choices=[
            SelectChoice("hour", _l("An hour ago")),
            SelectChoice("day", _l("A day ago")),
            SelectChoice("week", _l("A week ago")),
            SelectChoice("date", _l("The day below")),
        ],
    )
    day = DateField(_l("Day"), [Optional()], description=_l("Only for “The day below”: from its first minute on."))
    article = SelectField(_l("Under which articles?"), choices=[], validate_choice=False)
    do = SelectField(_l("As what?"), [InputRequired(_l("Please choose a rule, or spam."))], choices=[])
