"""The forms of this room: shape and length. What a name or a password may be, the actions check."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length

from forum.site.forms import NEEDED, WHO_MAY_COMMENT, Form

NAME = Length(max=200)  # the action checks more; this bounds what it has to check
ROLES = [
    SelectChoice("reader", _("Reader: reads and comments")),
    SelectChoice("author", _("Author: also writes articles and moderates under them")),
    SelectChoice("moderator", _("Moderator: also moderates everywhere")),
    SelectChoice("admin", _("Admin: everything")),
]
STATES = ("", "waiting", "suspended", "off", "staff")
EMAIL_HINT = _("Not needed. You can sign in with it. Only you and the admins see it.")
DISPLAY_HINT = _("How others see you. Any letters, and spaces. You can change it every 30 days.")


class SignInForm(Form):
    """The form for signing in."""

    username = StringField(_("Name or mail address"), [NEEDED, NAME], render_kw={"autocomplete": "username"})
    password = PasswordField(_("Password"), [NEEDED], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class SignUpForm(Form):
    """The form for a new account."""

    username = StringField(
        _("Sign-in name"),
        [NEEDED, NAME],
        description=_("2 to 40 letters and digits, with - _ . between them. It does not change later."),
        render_kw={"autocomplete": "username"},
    )
    display_name = StringField(
        _("Name shown to others"), [NAME], description=DISPLAY_HINT, render_kw={"autocomplete": "name"}
    )
    email = EmailField(_("Mail address"), [NAME], description=EMAIL_HINT, render_kw={"autocomplete": "email"})
    password = PasswordField(
        _("Password"),
        [NEEDED],
        description=_("At least 8 characters. A few words in a row are easy to keep in mind and hard to guess."),
        render_kw={"autocomplete": "new-password"},
    )
    next = HiddenField()


class ForgotForm(Form):
    """The form that asks for a link for a new password."""

    username = StringField(_("Name or mail address"), [NEEDED, NAME], render_kw={"autocomplete": "username"})


def _new_password() -> PasswordField:
    return PasswordField(
        _("New password"),
        [NEEDED],
        description=_("At least 8 characters."),
        render_kw={"autocomplete": "new-password"},
    )


class NewPasswordForm(Form):
    """The form for a new password."""

    password = _new_password()


class ChangePasswordForm(Form):
    """The form for the old password and a new one, asked for and complained about in this order."""

    old = PasswordField(_("Your password now"), [NEEDED], render_kw={"autocomplete": "current-password"})
    password = _new_password()


class ProfileForm(Form):
    """The form of one's profile."""

    display_name = StringField(_("Name shown to others"), [NEEDED, NAME], description=DISPLAY_HINT)
    about = TextAreaField(_("About you"), [Length(max=500)], description=_("Up to 500 characters, shown to everybody."))
    email = EmailField(_("Mail address"), [NAME], description=EMAIL_HINT, render_kw={"autocomplete": "email"})
    language = SelectField(_("Language"), description=_("Of the pages you see, and of the mails you get."))
    hides_comments = BooleanField(_("Do not list my comments on my profile"))


class SetupForm(Form):
    """The form of what a site needs before it opens."""

    site_name = StringField(_("Name of the site"), [NEEDED, Length(max=120)])
    address = StringField(
        _("Its address"), [Length(max=200)], description=_("Where readers find it, like https://forum.example")
    )
    username = StringField(
        _("Your sign-in name"),
        [NEEDED, NAME],
        description=_("2 to 40 letters and digits, with - _ . between them."),
        render_kw={"autocomplete": "username"},
    )
    display_name = StringField(_("Your name as others see it"), [NAME], description=_("Any letters, and spaces."))
    password = PasswordField(
        _("Your password"),
        [NEEDED],
        description=_("At least 8 characters."),
        render_kw={"autocomplete": "new-password"},
    )
    language = SelectField(_("Language"))
    timezone = SelectField(_("Time zone"), default="UTC")
    who_may_comment = SelectField(_("Who may comment"), choices=WHO_MAY_COMMENT)
    contact = StringField(
        _("Contact"),
        [Length(max=300)],
        description=_("A mail address or another way to reach you, shown on the contact page. Please give one."),
    )


class RoleForm(Form):
    """The form of a person's role."""

    role = SelectField(_("Role"), choices=ROLES)


class InviteForm(Form):
    """The form of an invitation."""

    note = StringField(_("For whom"), [Length(max=200)], description=_("Only admins see this."))
    email = EmailField(
        _("Mail address"),
        [NAME],
        description=_("The invitation is sent there. Without an address, you hand the link over."),
    )
