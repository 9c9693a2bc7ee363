"""The fields of a picture, which stand in the form of an article: shape and length only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, FileField, HiddenField, StringField
from wtforms.validators import Length

from forum.site.forms import Form


class PictureForm(Form):
    """The fields of a picture to add: the file, and what it shows, unless it is only there to look nice."""

    picture = FileField(
        _("Picture"), description=_("PNG, JPEG, WebP or GIF. You can also drop or paste it into the text.")
    )
    picture_alt = StringField(
        _("What it shows"),
        [Length(max=500)],
        description=_("For those who cannot see it: “Two herons on the pier, one asleep”."),
    )
    picture_decorative = BooleanField(_("It is only there to look nice: nothing is lost without it"))
    picture_caption = StringField(_("Caption"), [Length(max=500)], description=_("Stands below it. May be left empty."))


class PictureFields(PictureForm):
    """What the form of an article has of pictures; `lead` names its lead picture."""

    lead = HiddenField()
