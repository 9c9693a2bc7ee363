"""What the privacy page says by itself: facts that follow from the settings in force. Pure."""

from __future__ import annotations

from flask_babel import gettext as _

from forum.site.queries import SiteView


def facts(site: SiteView, sends_mail: bool, keeps_addresses: bool, checks_outside: bool) -> list[str]:
    """Return what is kept about people on this site, a sentence or two each.

    `keeps_addresses`: some follow without an account, be it from a time when that was allowed. `checks_outside`: a
    program elsewhere is asked about comments.
    """
    found = [
        _("Reading needs no account and leaves nothing behind. No script, font or picture comes from another site."),
        _(
            "One cookie with a random number, and only once you open a form or sign in. Signed in, it is yours until "
            "30 days after your last visit, and for a year at most; otherwise it ends with your browser."
        ),
        _(
            "For those who are not signed in, the site keeps under this number which comments a guest wrote or "
            "reported in this browser: for a day. What is older is deleted when the next person signs in."
        ),
        _(
            "A second cookie, for a year, says that you signed in with this browser before: so nobody who tries "
            "passwords for your account elsewhere keeps you out."
        ),
        *_about_reading(),
        _(
            "An account has a sign-in name, a shown name, a password of which only a hash is kept, what you write "
            "about yourself, and a mail address if you give one. The address is seen by you and the admins."
        ),
        _(
            "Your comments are public, with your shown name and the time. When you edit one, earlier versions are kept "
            "for you and the moderators. When you delete one, only moderators can still read it."
        ),
        _("Moderators see who reported a comment; its writer never does."),
        _(
            "What moderators decide about you (a warning, waiting for approval, slow mode, a suspension, a ban) is "
            "kept with rule, words and dates. You are told of each. They also keep notes, which only they read. What "
            "you say against a decision is read by moderators only."
        ),
        _(
            "Your network address is not stored with what you write. It is counted, for an hour at most, to slow down "
            "those who send too much; the counts that are over are deleted with the next one."
        ),
    ]
    if site.network_days:
        found.append(_about_networks(site.network_days))
    found += _about_what_waits(site, checks_outside)
    found.append(_about_complainants(site))
    if site.who_may_comment == "guests":
        found.append(
            _("Guests leave a name and, if they like, a mail address, which moderators see and readers do not.")
        )
    if site.public_history:
        found.append(_("A public page lists what moderators did and under which rule, without the names concerned."))
    found.append(
        _(
            "Your notices are kept until you read them, and for 90 days after that. A notice goes at once "
            "when what it tells of is removed before you read it."
        )
    )
    found += _about_mail() if sends_mail else [_("This site sends no mail.")]
    if keeps_addresses or (sends_mail and site.guests_follow):
        found += _about_addresses()
    return [str(fact) for fact in found]


def _about_reading() -> list[str]:
    return [
        _(
            "Your browser stores the text you are writing, until it is posted; without an account also when you last "
            "read which discussion, so that you find what is new; and what you chose for reading."
        ),
        _(
            "With an account the site keeps when you last read which discussion, for the same reason: for a year, "
            "and for you alone."
        ),
    ]


def _about_networks(days: int) -> str:
    return str(
        _(
            "When you sign in or sign up, the site keeps for %(days)s days a mark of the network you come from (not of "
            "your address), made with a key that only this site has. By it moderators see which accounts signed in "
            "from the same network; they never see which network that is. The mark is in no archive.",
            days=days,
        )
    )


def _about_complainants(site: SiteView) -> str:
    return str(
        _(
            "A person who reports illegal content gives a name and a mail address, but for a child's sake needs "
            "neither. Only admins and the moderators who decide can see both, and each look is noted in the log; the "
            "person who wrote what is reported never sees them. Both are erased %(days)s days after the decision; what "
            "was written stays.",
            days=site.complainants_days,
        )
    )


def _about_mail() -> list[str]:
    return [
        _(
            "This site sends mail to the address of your account: a link that confirms the address, and nothing else "
            "until you opened it; then a link for a new password when somebody asks for one, and a word when somebody "
            "signs in to your account with a browser that lacks the second cookie (neither which browser that was nor "
            "its address is kept); and your notices, as you choose. Each of those mails has a link that ends them."
        ),
        _(
            "The address is kept as long as it is in your profile. An address that refuses our mail gets no more, and "
            "its owner sees why. The mail server through which mail goes out sees address and text."
        ),
        _("An address to which an admin sends an invitation is kept until the mail is sent."),
    ]


def _about_addresses() -> list[str]:
    return [
        _(
            "You can follow articles and discussions with a mail address and no account. Before its owner opened the "
            "link in our mail and said yes, the address is kept only until that mail is sent; where it cannot be sent, "
            "for a week. The link works for a week."
        ),
        _(
            "A confirmed address is kept with what it follows, when its mails come, and for 30 days what it was told. "
            "Each mail has a link that ends it and one to a page that lists all. When the address follows nothing any "
            "more, it is erased at once, and also when our mail is refused there. Admins can see these addresses, and "
            "each look is noted in the log."
        ),
    ]


def _about_what_waits(site: SiteView, checks_outside: bool) -> list[str]:
    found = []
    if checks_outside:
        found.append(
            _(
                "Before your comment is published, and when you edit it, its text, your shown name and the article's "
                "title are sent to a program outside of this site, which says whether it may be published."
            )
        )
    if site.hold_spam:
        found.append(
            _(
                "The site learns from what its moderators remove as spam how often words occur in spam and in other "
                "comments. It keeps numbers, not words, and counts anew every hour."
            )
        )
    return found
