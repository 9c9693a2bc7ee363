"""The Flask edge: viewer, sessions, CSRF, headers, rate limits, page-or-fragment, error pages.

The sole importer of flask_login, flask_wtf and flask_limiter. Of the rooms it knows `site` and `people`
only: it reads the settings, and the person behind a session.
"""

from forum.process import settings
from forum.web.edge import from_anywhere, init_app
from forum.web.errors import asks_to_sign_in, sign_in_to_go_on
from forum.web.guards import limited, private, spare
from forum.web.held import Held, held, is_waiting, sent_value
from forum.web.pages import (
    Page,
    attempt,
    checked,
    csrf_field,
    other_page,
    render,
    say,
    sent,
    show_errors,
    wants_fragment,
)
from forum.web.parameters import key, key_text, number
from forum.web.show import language, words
from forum.web.viewer import (
    end_session,
    has_read,
    has_reported,
    is_ours,
    leave_out_session,
    next_language,
    remember_guest_comment,
    remember_report,
    sign_in,
    site,
    unread,
    viewer,
)
from forum.wording import ngettext
