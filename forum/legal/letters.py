"""The letters to the senders of notices of law. Each is composed when it is sent, so that it says what is true then.

The receipt holds no word that was typed into the form: else strangers could send their words to anybody through this
site.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import format_datetime
from flask_babel import gettext as _

from forum.db import session
from forum.jobs import actions as jobs
from forum.jobs.actions import Taken
from forum.legal.models import LegalNotice
from forum.legal.queries import given_back
from forum.legal.tokens import token
from forum.mail.letters import Letter
from forum.people.tokens import token_hash
from forum.process import offers_mail, settings
from forum.site.queries import site

RECEIPT, DECISION = "legal.receipt", "legal.decision"


def ask_for_receipt(notice: LegalNotice, moment: datetime) -> None:
    """Let a receipt be sent, where an address was given and mail is offered. Call in the lock."""
    _ask(RECEIPT, notice, moment)


def ask_for_decision(notice: LegalNotice, moment: datetime) -> None:
    """Let a letter be sent that says what was decided, or that it is being looked at again. Call in the lock."""
    _ask(DECISION, notice, moment)


def path(notice: LegalNotice) -> str:
    """Return the path of a notice's status page."""
    return f"/report/{token(notice.reference, settings().secret_key)}"


def receipt(job: Taken) -> Letter | None:
    """Return the receipt of a notice, None where its sender's address was erased."""
    notice = session.get(LegalNotice, job.subject["notice"])
    if notice is None or notice.email is None:
        return None
    words = [
        _(
            "On %(when)s this site, %(site)s, got a notice of content that is said to be against the law. Its "
            "reference is %(reference)s. Somebody will look at it by %(until)s.",
            when=_at(notice.created_at),
            site=_site(),
            reference=notice.reference,
            until=_at(notice.due_at),
        ),
        _("What became of it stands here. Anybody who has this address can read it:"),
    ]
    after = [_("If you sent no such notice, somebody else gave your address. Then you need do nothing.")]
    return _letter(notice, _("We got your notice"), words, after, "receipt")


def decision(job: Taken) -> Letter | None:
    """Return the letter about a decision as it stands now, None where the sender's address was erased."""
    notice = session.get(LegalNotice, job.subject["notice"])
    if notice is None or notice.email is None:
        return None
    about = {"when": _at(notice.created_at), "site": _site(), "reference": notice.reference}
    if notice.decided_at is None:
        words = [
            _(
                "Your notice of %(when)s at %(site)s, %(reference)s, is being looked at again: a decision about it was "
                "taken back.",
                **about,
            )
        ]
        return _letter(notice, _("Your notice is being looked at again"), words, [], f"open-{job.id}")
    said = (
        _("What you named was removed.")
        if notice.outcome == "hide"
        else _("What you named stays. Nothing was removed.")
    )
    back = given_back(notice)
    words = [
        _("Your notice of %(when)s at %(site)s, %(reference)s, was decided.", **about),
        said,
        *([_("After an objection, a part of it was put back.")] if back else []),
        _("The reasons:"),
        *filter(None, notice.reasons.split("\n")),
        _("It was decided by a person. This is what you sent, and what became of it:"),
    ]
    after = [_("If you think that the decision is wrong, write to the people who run the site, or go to a court.")]
    mark = f"decided-{int(notice.decided_at.timestamp())}{f'-back-{back}' if back else ''}"
    return _letter(notice, _("Your notice was decided"), words, after, mark)


def _ask(kind: str, notice: LegalNotice, moment: datetime) -> None:
    if notice.email is not None and offers_mail():
        jobs.put(kind, moment, {"notice": notice.id}, key=f"{kind}:{notice.id}")


def _letter(notice: LegalNotice, subject: str, words: list[str], after: list[str], mark: str) -> Letter:
    values = {"greeting": "", "words": words, "path": path(notice), "link": _("What became of it"), "after": after}
    id = f"law-{token_hash(notice.reference)[:20]}-{mark}"
    return Letter("", notice.email or "", f"{subject} · {_site()}", "account", id, values)


def _at(moment: datetime) -> str:
    return str(format_datetime(moment, _("d MMMM y, HH:mm z")))


def _site() -> str:
    return site().name or "Correspondence"
