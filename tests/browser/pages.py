"""Every page of the demo, and who looks at it."""

from __future__ import annotations

CLOCK = "/articles/the-ferry-house-clock-is-going-to-be-right"  # with the long exchange
LADDERS = "/articles/what-a-year-of-lending-ladders-has-taught-us"  # with a removed comment
TIMETABLE = "/articles/the-last-paper-timetable"  # with a deleted comment and one that waits
RIVER = "/articles/how-to-read-the-river-before-you-cross-it"  # a link article
FORK = 24  # the comment from which the two branches of the long exchange go out
ENDED, ENDED_LAST = 25, 41  # the branch that was ended, and its last comment
OPEN, OPEN_LAST = 26, 44  # the branch beside it
CLOCK_ID, RIVER_ID, TIMETABLE_FIRST = 4, 1, 45
EDITED, REMOVED, HELD, REPORTED = 27, 13, 55, 54

# who (empty: a visitor) -> name of the page -> its path
PAGES = {
    "": {
        "home": "/",
        "article": CLOCK,
        "article-newest": f"{CLOCK}?order=newest",
        "article-removed": LADDERS,
        "article-deleted": TIMETABLE,
        "article-link": RIVER,
        "tag": "/tags/ferry",
        "branch": f"/comments/{ENDED}/branch",
        "branch-further": f"/comments/21/branch?from={FORK}",
        "more-visitor": f"/comments/{OPEN}/more",
        "reply-visitor": f"/comments/{OPEN}/reply",
        "flag-visitor": f"/comments/{OPEN}/flag",
        "closing": "/closures/1",
        "profile": "/people/mina",
        "comments-of": "/people/bertram/comments",
        "sign-in": "/sign-in",
        "sign-up": "/sign-up",
        "rules": "/rules",
        "subscribe": "/subscribe",
        "privacy": "/privacy",
        "contact": "/contact",
        "history": "/history",
        "found": "/search?q=clock",
        "not-found": "/articles/nothing-here",
    },
    "bertram": {
        "article-member": CLOCK,
        "comment": f"{CLOCK}/comments",
        "reply": f"/comments/{OPEN_LAST}/reply",
        "reply-closed": f"/comments/{ENDED_LAST}/reply",
        "more-member": f"/comments/{OPEN}/more",
        "flag": f"/comments/{OPEN_LAST}/flag",
        "withdraw": "/comments/43/withdraw",
        "edit-comment": "/comments/43/edit",
        "notices-empty": "/notices",
        "own-profile": "/people/bertram",
        "edit-profile": "/people/bertram/edit",
        "forbidden": "/moderation/queue",
    },
    "tobias": {"notices": "/notices", "own-removed": LADDERS},
    "mina": {
        "home-author": "/",
        "article-author": CLOCK,
        "new-article": "/articles/new",
        "edit-article": f"{CLOCK}/edit",
    },
    "fenwick": {
        "queue": "/moderation/queue",
        "figures": "/moderation/figures",
        "saved-replies": "/moderation/replies",
        "warning": "/moderation/people/bertram/warning",
        "reply-moderator": f"/comments/{OPEN_LAST}/reply",
        "queue-waiting": "/moderation/queue?tab=waiting",
        "queue-decided": "/moderation/queue?tab=decided",
        "case": f"/moderation/queue/{REPORTED}",
        "case-removed": f"/moderation/queue/{REMOVED}",
        "closed": "/moderation/closures",
        "end-exchange": f"/comments/{OPEN_LAST}/close",
        "close-article": f"{CLOCK}/close",
        "reopen": "/closures/1/reopen",
        "closing-moderator": "/closures/1",
        "article-moderator": LADDERS,
        "article-held": TIMETABLE,
        "waiting-alone": f"/comments/{HELD}",
        "versions": f"/comments/{EDITED}/history",
        "more-moderator": f"/comments/{OPEN_LAST}/more",
    },
    "odile": {
        "article-admin": CLOCK,
        "more-admin": f"/comments/{OPEN_LAST}/more",
        "profile-admin": "/people/bertram",
        "settings": "/admin/settings",
        "people": "/admin/people",
        "person": "/admin/people/9",
        "documents": "/admin/documents",
        "edit-document": "/admin/documents/rules",
        "welcome": "/admin/welcome",
        "export": "/admin/export",
        "import": "/admin/import",
        "erase": f"/moderation/comments/{REPORTED}/erase",
    },
}
