"""Fixtures of moderation."""

from tests.mail.fixtures import mail_server, mailing  # noqa: F401
