"""The form of an address that is to follow something: shape and length."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import EmailField, Form
from wtforms.validators import InputRequired, Length


class AddressForm(Form):
    """A mail address."""

    email = EmailField(
        _("Your mail address"),
        [InputRequired(_("This is needed.")), Length(max=254)],
        render_kw={"autocomplete": "email"},
    )
