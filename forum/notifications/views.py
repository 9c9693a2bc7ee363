"""Mark notices as read, and spare an address. The pages are `following`'s: they show comments and articles."""

from __future__ import annotations

import hmac

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, web
from forum.notifications import actions
from forum.web.guards import network

blueprint = Blueprint("notifications", __name__)
# Letters that ask an address whether it wants something. The visitor who asks is told nothing of it, else they learnt
# whether others asked, too; so one who follows six things a day waits until tomorrow with the seventh.
ASKED = "6 per day"
# The same from one network, and from everywhere: else a person with many networks lets this site write to strangers
# until no mail server takes its mail any more.
FROM_ONE_NETWORK, FROM_EVERYWHERE = "10 per hour", "600 per hour"


@blueprint.post("/notices/read")
def mark_read() -> Response:
    """Mark as read what was on the page, and not what arrived since."""
    actions.mark_read(web.viewer(), web.number("up_to", request.form) or 0)
    db.commit()
    web.say(_("All marked as read."))
    return web.other_page(url_for("following.notices"))


def is_spared(email: str) -> bool:
    """Tell whether an address, as it is stored, is not to be asked now: it was too often, or others were. This counts.

    What stands between "+" and "@" makes no other mailbox. The counters hold no address.
    """
    name, _at, domain = email.rpartition("@")
    box = f"{name.partition('+')[0]}@{domain}"
    mark = hmac.digest(web.settings().secret_key.encode(), b"asked " + box.encode(), "sha256").hex()
    kept = web.spare(FROM_ONE_NETWORK, f"asking:{network()}") and web.spare(ASKED, f"asked:{mark}")
    return not (kept and web.spare(FROM_EVERYWHERE, "asking"))
