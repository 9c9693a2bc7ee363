"""Forms: shape and length only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length

from forum.site.forms import Form

PLACES = [
    SelectChoice("there", _("To another comment or article")),
    SelectChoice("thread", _("Here, as a thread of its own")),
    SelectChoice("article", _("Into a new article")),
]


class MoveForm(Form):
    """Where a comment is moved with its replies. `confirm` is sent by the page that says what will happen."""

    place = RadioField(_("Where to"), choices=PLACES, default="there", validate_choice=False)
    address = StringField(_("Its address"), [Length(max=500)])
    title = StringField(_("Title of the new article"), [Length(max=200)])
    reason = StringField(_("Why? (told to those who wrote it; may be left empty)"), [Length(max=300)])
    confirm = HiddenField()


class MergeForm(Form):
    """The article to which a whole discussion is moved."""

    address = StringField(_("Address of the other article"), [Length(max=500)])
    reason = StringField(_("Why? (told to those who wrote there; may be left empty)"), [Length(max=300)])
    confirm = HiddenField()
