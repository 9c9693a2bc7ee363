"""Forms of this room: shape and length, nothing else."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Optional

from forum.site.forms import Form


class SearchForm(Form):
    """Where to look, and in which order. It is sent with GET, so it changes nothing."""

    author = StringField(_l("Written by (sign-in name)"), render_kw={"maxlength": 60, "autocapitalize": "none"})
    subject = StringField(_l("Subject"), render_kw={"maxlength": 60})
    article = StringField(_l("Article (end of its address)"), render_kw={"maxlength": 120, "autocapitalize": "none"})
    since = DateField(_l("From"), validators=[Optional()])
    until = DateField(_l("Until"), validators=[Optional()])
    order = SelectField(
        _l("Order"), choices=[SelectChoice("newest", _l("Newest first")), SelectChoice("best", _l("Best first"))]
    )
