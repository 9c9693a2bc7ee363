"""The forms of the settings and the documents: shape and length. Which values a setting may have, `choices` says."""

from __future__ import annotations

import wtforms
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, FileField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

NEEDED = InputRequired(_("This is needed."))
WHO_MAY_COMMENT = [
    SelectChoice("members", _("Members")),
    SelectChoice("guests", _("Members and guests")),
    SelectChoice("nobody", _("Nobody for the time being")),
]
SIGN_UP = [
    SelectChoice("open", _("Everybody, at once")),
    SelectChoice("approval", _("Everybody, after an admin has said yes")),
    SelectChoice("invitation", _("Only people with an invitation")),
]


class Form(wtforms.Form):
    """What every form is made from: the messages of WTForms itself are in the language of the request, too."""

    class Meta:
        """The options of a form."""

        @property
        def locales(self) -> list[str]:
            """Return the languages in which WTForms looks its own messages up."""
            return [str(get_locale())]


class Pressed(StringField):
    """The value of buttons or of a list that a page draws itself: nobody types it."""


class SettingsForm(Form):
    """The form of the settings of the site."""

    name = StringField(_("Name"), [Optional(), Length(max=120)])
    tagline = StringField(_("Tagline"), [Length(max=200)], description=_("One line at the foot of every page."))
    url = StringField(_("Address"), [Length(max=200)], description=_("Like https://forum.example"))
    contact = StringField(_("Contact"), [Length(max=300)], description=_("Shown on the contact page."))
    language = SelectField(_("Language"))
    timezone = SelectField(_("Time zone"))
    logo = FileField(_("New logo"), description=_("PNG, JPEG, WebP or GIF, up to 900 kB. It is drawn anew as a PNG."))
    no_logo = BooleanField(_("Take the logo away"))
    accent = StringField(
        _("Accent colour"),
        [Length(max=7)],
        description=_("Like #0b5c6b, dark enough to read on the page. Empty for the usual one."),
    )
    footer_links = TextAreaField(
        _("Links at the foot of every page"),
        [Length(max=2000)],
        description=_("One a line, the words first: About us https://example.org/about"),
    )
    sign_up = SelectField(_("Who may sign up"), choices=SIGN_UP)
    who_may_comment = SelectField(_("Who may comment"), choices=WHO_MAY_COMMENT)
    edit_minutes = IntegerField(_("Minutes for which a comment can be edited"), [InputRequired()])
    hold_everything = BooleanField(_("Every comment waits"))
    hold_guests = BooleanField(_("Guests' comments wait"))
    hold_first = IntegerField(
        _("So many first comments of each person wait"),
        [InputRequired()],
        description=_("0: nobody's. A person who has so many comments published does not wait from then on."),
    )
    hold_links = IntegerField(
        _("A comment with so many links, or more, waits"),
        [InputRequired()],
        description=_("0: links do not matter."),
    )
    hold_words = TextAreaField(
        _("A comment with one of these words waits"),
        [Length(max=40_000)],
        description=_("A word or a phrase a line. Whole words are compared; capitals and accents do not matter."),
    )
    hold_spam = BooleanField(
        _("A comment that looks like spam waits"),
        description=_("The site learns from what its moderators remove as spam, and needs a few dozen of them."),
    )
    report_limit = IntegerField(
        _("Hide a reported comment until somebody decides, when its reports weigh"),
        [InputRequired()],
        description=_(
            "0: never. A report by somebody who was always right weighs nearly 2, by somebody who was right half of the"
            " time nearly 1. Two such readers are needed; guests and newcomers alone hide nothing. 3 is a good start."
        ),
    )
    watch_exchanges = BooleanField(
        _("Show moderators where two people go in circles"),
        description=_(
            "Six rounds or more within a day, and two of these: twelve rounds, half the time between two letters,"
            " longer letters, two reports. Nothing happens to anybody by itself."
        ),
    )
    suspension_days = IntegerField(
        _("Days for which a moderator can suspend somebody at most"),
        [InputRequired()],
        description=_("0: only admins suspend. Admins can suspend for longer, and until further notice."),
    )
    auto_close_days = IntegerField(
        _("Close a discussion so many days after its article was published"),
        [InputRequired()],
        description=_("0: never. An article can have its own number."),
    )
    auto_close_silent_days = IntegerField(
        _("Close a discussion after so many days without a new comment"),
        [InputRequired()],
        description=_("0: never. An hour before, the place where one writes says so."),
    )
    auto_close_words = TextAreaField(
        _("Closing words of a discussion that closes by itself"),
        [Length(max=1000)],
        description=_("Shown where the comments would go. They may be left empty."),
    )
    public_history = BooleanField(_("Everybody can see what was moderated (never who it concerned)"))
    guests_follow = BooleanField(
        _("Visitors can follow by mail, without an account"),
        description=_("They give an address and confirm it by a link. It works where this site sends mail."),
    )
    notice_days = IntegerField(
        _("Days within which a notice is to be decided"),
        [InputRequired()],
        description=_("The person who sends one is told by when. What is late is marked in the queue."),
    )
    complainants_days = IntegerField(
        _("Days for which the name and address of the sender are kept after the decision"),
        [InputRequired()],
        description=_("Then they are erased. 0: with the decision."),
    )
    network_days = IntegerField(
        _("Days for which the site knows which accounts signed in from the same network"),
        [InputRequired()],
        description=_("Moderators see the names of such accounts, never a network. 0: nothing is kept of it."),
    )
    picture_megabytes = IntegerField(_("Megabytes that a picture may have when it is uploaded"), [InputRequired()])
    picture_megapixels = IntegerField(
        _("Millions of pixels that it may have"),
        [InputRequired()],
        description=_(
            "A phone makes up to 50. A picture of another kind than JPEG can have half as many. It is kept 1,600 "
            "pixels wide."
        ),
    )
    article_pictures = IntegerField(
        _("Pictures of one article"),
        [InputRequired()],
        description=_("0: none. A person can keep as many that no article shows yet; those go after a week."),
    )


class DocumentForm(Form):
    """The form of the text of a document."""

    source = TextAreaField(_("Text"), [NEEDED], description=_("Markdown. A numbered list makes numbered rules."))
