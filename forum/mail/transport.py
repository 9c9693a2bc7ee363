"""Hand a message to the mail server, and say what a refusal means."""

from __future__ import annotations

import re
from base64 import b64encode
from contextlib import suppress
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import TYPE_CHECKING, cast

from forum.mail.headers import line, on_the_wire
from forum.mailserver import MailServer

if TYPE_CHECKING:
    import smtplib

SECONDS = 20.0  # to wait for one answer of the server; a letter takes eight at most, less than the lease of its job
LONGEST = 300  # characters of what a server says
_RULES = re.compile(r"\b5\.7\.\d+")  # RFC 3463: a refusal by rules or rights, no matter for whom the mail is
_MAILBOX = re.compile(r"\b5\.[12]\.\d+")  # RFC 3463: the address, the mailbox
_CONVERSATION = (500, 501, 502, 503, 504, 530, 534, 535, 538)  # the server does not let this site speak to it so


class Refused(Exception):
    """A mail server that does not take a message now; the words are the server's, and have no password in them."""


class Unreachable(Refused):
    """A mail server that does not answer, or lets this site send nothing at all: the next letter would fare alike."""


class AddressRefused(Refused):
    """An address that the mail server refuses for good: it does not exist, or takes nothing."""


def send(server: MailServer, message: EmailMessage, sender: str, to: str, seconds: float = SECONDS) -> str:
    """Send a message to one address, and return what the server answered.

    Raises AddressRefused, Unreachable, and Refused where another time may help.
    """
    import smtplib  # here, because processes that serve pages send nothing

    address = on_the_wire(to)
    try:
        connection = _connected(server, seconds)
        try:
            return _handed_over(connection, message, on_the_wire(sender), address)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()  # whatever it answers: the message is taken, or is not
            connection.close()
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise Unreachable(_words_of(error)) from error


def _connected(server: MailServer, seconds: float) -> smtplib.SMTP:
    import smtplib
    import ssl

    context = ssl.create_default_context()
    if server.tls == "implicit":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=seconds)
    try:
        if server.tls == "starttls":
            connection.starttls(context=context)
        connection.ehlo_or_helo_if_needed()
        if server.user:
            _sign_in(connection, server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _sign_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    if (user + password).isascii():
        connection.login(user, password)
        return
    # RFC 4616, which smtplib does for ASCII only.
    response = b64encode(f"\0{user}\0{password}".encode()).decode()
    code, words = connection.docmd("AUTH", f"PLAIN {response}")
    if code != 235:
        raise Unreachable(_said(code, words))


def _handed_over(connection: smtplib.SMTP, message: EmailMessage, sender: str, to: str) -> str:
    wide = not (sender + to).isascii()
    if wide and not connection.has_extn("smtputf8"):
        raise AddressRefused("The mail server cannot send to an address with letters outside ASCII (SMTPUTF8).")
    code, words = connection.mail(sender, ["SMTPUTF8", "BODY=8BITMIME"] if wide else [])
    if code != 250:
        raise _refusal(code, words, Unreachable)
    code, words = connection.rcpt(to)
    if code not in (250, 251):
        raise _refusal(code, words, AddressRefused)
    code, words = connection.data(_bytes(message, wide))
    if code != 250:
        raise _refusal(code, words, Refused)
    return _said(code, words)


def _refusal(code: int, words: bytes, of: type[Refused]) -> Refused:
    """Return what a refusal means; `of` is what a refusal for good means at this step of the conversation."""
    said = _said(code, words)
    if code == 421:  # the server goes away
        return Unreachable(said)
    if code < 500:
        return Refused(said)
    if code in _CONVERSATION or _RULES.search(said):
        return Unreachable(said)
    return AddressRefused(said) if _MAILBOX.search(said) else of(said)


def _bytes(message: EmailMessage, wide: bool) -> bytes:
    return message.as_bytes(policy=cast(EmailPolicy, message.policy).clone(utf8=True)) if wide else message.as_bytes()


def _words_of(error: Exception) -> str:
    code, words = getattr(error, "smtp_code", None), getattr(error, "smtp_error", b"")
    if code is not None and code > 0:
        return _said(code, words)
    return line(f"{type(error).__name__}: {error}")[:LONGEST]


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return line(f"{code} {text}")[:LONGEST]
