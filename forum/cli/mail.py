"""`forum mail`: try whether mail goes out."""

from __future__ import annotations

import click

from forum.cli import in_site, tell


@click.group("mail")
def mail_command() -> None:
    """Look after mail."""


@mail_command.command("test")
@click.argument("address")
@in_site
def test(address: str) -> None:
    """Send a letter to ADDRESS and say what the mail server answered.

    Exits with 1 where it did not take the letter.
    """
    from flask import current_app

    from forum import mailserver, web
    from forum.mail import drawing
    from forum.mail.transport import Refused
    from forum.people.views.mail import test_letter
    from forum.process import offers_mail

    if not mailserver.is_address(address):
        raise click.UsageError(f"{address!r} is not a mail address")
    if not offers_mail():
        raise click.ClickException(f"FORUM_SMTP_URL is not set. It is like {mailserver.SHAPE}.")
    server = mailserver.parsed(web.settings().smtp_url)
    with current_app.test_request_context(base_url=web.site().url or "http://localhost:8000"):
        tell(f"To {server}, {mailserver.IN_WORDS[server.tls]}, from {drawing.sender().address} ...")
        try:
            said = drawing.send(test_letter("", address))
        except Refused as refused:
            raise click.ClickException(f"The mail was not sent. The answer was: {refused}") from refused
    tell(f"The mail server took it: {said}")
