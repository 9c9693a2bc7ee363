"""Draw letters and send them."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage

from flask import render_template, request
from flask_babel import gettext

from forum import web
from forum.clock import now
from forum.mail import transport
from forum.mail.letters import Letter
from forum.mail.messages import Sender, message
from forum.mailserver import parsed, sender_at
from forum.siteaddress import host_of


def sender() -> Sender:
    """Return who this site's mail is from."""
    host = host_of(web.site().url) or "localhost"
    return Sender(web.site().name, sender_at(host, web.settings().mail_from), host)


def drawn(letter: Letter) -> EmailMessage:
    """Return the message of a letter, drawn in the language of the request."""
    home = request.host_url.rstrip("/")
    if letter.subscription is not None:
        letter = replace(letter, subscription=replace(letter.subscription, leave=home + letter.subscription.leave))
    values = {**letter.values, "letter": letter, "home": home}
    # The words of a template are markup by default: in plain text nothing may be escaped.
    text = render_template(f"mail/{letter.template}.txt", _=gettext, **values)
    html = render_template(f"mail/{letter.template}.html", **values)
    return message(letter, text.strip() + "\n", html, sender(), now())


def send(letter: Letter, seconds: float = transport.SECONDS) -> str:
    """Draw a letter and send it; return what the server answered. Raises `transport.Refused`."""
    server = parsed(web.settings().smtp_url)
    return transport.send(server, drawn(letter), sender().address, letter.address, seconds)
