"""A letter as a message (RFC 5322), in plain text and in HTML. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from forum.mail.headers import line, on_the_wire, registry
from forum.mail.letters import Letter

LONGEST_SUBJECT = 200  # characters: no mail program shows more
ANCESTORS = 10  # of the letters that one answers; mail programs draw the tree with fewer
# Bodies in seven bits: any server takes them, and no line is longer than 78.
POLICY = SMTP.clone(cte_type="7bit", header_factory=registry())


@dataclass(frozen=True)
class Sender:
    """The sender of a site's mail, and the host in the ids of its messages."""

    name: str
    address: str
    host: str


def message(letter: Letter, text: str, html: str, sender: Sender, at: datetime) -> EmailMessage:
    """Return the message of a letter that was drawn."""
    made = EmailMessage(policy=POLICY)
    made["From"] = mailbox(sender.name, sender.address)
    made["To"] = mailbox(letter.name, letter.address)
    made["Subject"] = line(letter.subject)[:LONGEST_SUBJECT]
    made["Date"] = format_datetime(at)
    made["Message-ID"] = named(letter.id, sender.host)
    _place(made, letter, sender)
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence notice answers it
    made["X-Auto-Response-Suppress"] = "All"  # the same for servers of Microsoft
    made.set_content(_sendable(text), charset="utf-8")
    made.add_alternative(_sendable(html), subtype="html", charset="utf-8")
    return made


def named(id: str, host: str) -> str:
    """Return the Message-ID of what has this id here."""
    return f"<{id}@{host}>"


def mailbox(name: str, address: str) -> str:
    """Return a name and an address as one value of a header."""
    return f"{line(name)} <{on_the_wire(address)}>".strip()


def _place(made: EmailMessage, letter: Letter, sender: Sender) -> None:
    before = [named(id, sender.host) for id in letter.thread.ancestors[-ANCESTORS:]]
    if before:
        made["In-Reply-To"] = before[-1]
        made["References"] = " ".join(before)
    if letter.subscription is not None:
        made["List-Id"] = mailbox(letter.subscription.name, f"{letter.subscription.id}.{sender.host}")
        made["List-Unsubscribe"] = f"<{letter.subscription.leave}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # half of a pair of UTF-16 cannot be sent
