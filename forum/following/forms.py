"""The forms of a mail address: shape and length."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from forum.site.forms import Form


class AddressForm(Form):
    """The form of an address that is to follow something."""

    email = EmailField(
        _("Your mail address"),
        [InputRequired(_("This is needed.")), Length(max=254)],
        render_kw={"autocomplete": "email"},
    )


class EraseForm(Form):
    """The form of an address that an admin erases."""

    email = EmailField(_("Mail address"), [InputRequired(_("This is needed.")), Length(max=254)])
