"""Letters as jobs: composed in one transaction, sent without any, and ended in the next one.

A worker that is killed between the sending and the end of the job sends the letter twice, with the same Message-ID.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from flask_babel import force_locale

from forum import db
from forum.clock import now
from forum.errors import NotFound
from forum.following import confirming
from forum.following import letters as notices
from forum.jobs.actions import Hopeless, Later, NotNow, Taken
from forum.legal import letters as legal
from forum.mail.drawing import send
from forum.mail.letters import Letter
from forum.mail.transport import AddressRefused, Unreachable
from forum.moderation import alarm
from forum.notifications import followers
from forum.people import letters as people
from forum.people.actions import pause_mail
from forum.people.queries import language_of
from forum.process import offers_mail
from forum.site.queries import site

QUIET = 60.0  # seconds in which a mail server that let nothing through is not asked again
COMPOSE: dict[str, Callable[[Taken], Letter | None]] = {
    "people.verify": people.verification,
    "people.reset": people.reset,
    "people.new-browser": people.new_browser,
    "people.invite": people.invitation,
    "followers.confirm": confirming.confirmation,
    "queue.late": alarm.letter,
    "notices.mail": notices.notice,
    "notices.digest": notices.digest,
    legal.RECEIPT: legal.receipt,
    legal.DECISION: legal.decision,
}
TYPED = (followers.JOB, legal.RECEIPT, legal.DECISION)  # to addresses that visitors typed
# What is noted once a letter was sent, and returns what is left to do.
SENT: dict[str, Callable[[Taken, Letter], Later | None]] = {
    "notices.mail": notices.sent,
    "notices.digest": notices.sent,
}
_quiet_until = 0.0


def send_letter(job: Taken) -> Later | None:
    """Compose the letter of a job and send it; an address that is refused for good gets no more mail.

    Raises NotNow while the mail server is not to be asked, and what `mail.transport.send` raises.
    """
    if not offers_mail():
        raise Unreachable("FORUM_SMTP_URL is not set for this worker.")
    if (wait := _quiet_until - time.monotonic()) > 0:
        raise NotNow(now() + timedelta(seconds=wait))
    # In the reader's language; a reader without an account, or who chose none, gets the site's.
    with force_locale(language_of(job.subject.get("person")) or site().language):
        return _send(job)


def _send(job: Taken) -> Later | None:
    global _quiet_until
    letter = COMPOSE[job.kind](job)
    db.commit()  # nobody waits for the mail server: a link that is in no letter yet harms nobody
    if letter is None:
        return None
    try:
        send(letter)
    except Unreachable:
        _quiet_until = time.monotonic() + QUIET
        raise
    except AddressRefused as refused:
        _refused(job, letter, refused)
        return None
    return SENT[job.kind](job, letter) if job.kind in SENT else None


def _refused(job: Taken, letter: Letter, refused: AddressRefused) -> None:
    """Send no more to an address that takes nothing: a person's is paused, one without an account is erased."""
    if "person" in job.subject:
        pause_mail(job.subject["person"], letter.address, str(refused))
    elif "address" in job.subject:
        with suppress(NotFound):  # its owner was faster
            followers.forget_address(job.subject["address"])
    elif job.kind not in TYPED:  # whatever a visitor typed is no news for admins
        raise Hopeless(str(refused)) from refused
