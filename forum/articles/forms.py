"""The form of an article: shape and length only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateTimeLocalField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from forum.pictures.forms import PictureFields


class ArticleForm(PictureFields):
    """The form of an article. `published_at` is in the time zone of the site; `seen` is the mark of the words shown."""

    title = StringField(_("Title"), [DataRequired(_("Please give it a title.")), Length(max=200)])
    standfirst = TextAreaField(
        _("Standfirst"), [Length(max=300)], description=_("A sentence or two under the title, and in lists.")
    )
    body = TextAreaField(_("Text"), [DataRequired(_("Please write something first.")), Length(max=200_000)])
    tags = StringField(_("Subjects"), [Length(max=700)], description=_("Words between commas: library, opening hours"))
    slug = StringField(
        _("Address"), [Length(max=200)], description=_("Left empty, it is made from the title: a-bench-for-the-square")
    )
    source_name = StringField(_("Quoted from"), [Length(max=120)], description=_("The name of the paper, site or book"))
    source_url = StringField(_("Address of the source"), [Length(max=500)], description=_("https://…"))
    foreword = TextAreaField(_("Your words before the quoted piece"), [Length(max=20_000)])
    afterword = TextAreaField(_("Your words after it"), [Length(max=20_000)])
    updated = BooleanField(_("Tell readers it was updated"))
    updated_words = StringField(
        _("What was updated"), [Length(max=300)], description=_("If you like: Corrected the date of the meeting.")
    )
    published_at = DateTimeLocalField(_("Date and time"), [Optional()], format="%Y-%m-%dT%H:%M")
    auto_close_days = IntegerField(_("So many days after it was published"), [Optional()])
    auto_close_silent_days = IntegerField(_("After so many days without a new comment"), [Optional()])
    seen = HiddenField()
