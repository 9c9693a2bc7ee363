"""Mail addresses in the form in which they are compared."""

from __future__ import annotations

from flask_babel import gettext as _

from forum.errors import Invalid


def normal(typed: str) -> str | None:
    """Return an address as it is stored, in lower case, None for an empty one. Raises Invalid for the field `email`.

    The domain is not checked for a mail server: that needs a network, and says nothing about the person.
    """
    if not typed.strip():
        return None
    import email_validator  # takes 20 ms, and most processes see no address

    # Intranets have addresses under .local and .internal, and test machines under .test; the library's own way.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        found = email_validator.validate_email(typed.strip(), check_deliverability=False, globally_deliverable=False)
    except email_validator.EmailNotValidError as error:
        # The library says in English alone what is wrong.
        raise Invalid({"email": _("This is not a mail address. One looks like name@example.org.")}) from error
    return found.normalized.lower()
