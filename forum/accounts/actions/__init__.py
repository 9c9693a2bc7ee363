"""Sign people up and in, change what they are, make one-time links, and change the site's settings and documents.

`actor` is None where the operator acts at the machine itself (`forum user ...`): whoever can start the program can
read its database anyway.
"""

from forum.accounts.actions.links import cancel_invitation, make_invitation, make_reset_link, use_reset_link
from forum.accounts.actions.own import authenticate, change_password, edit_profile, rename
from forum.accounts.actions.people import (
    add_person,
    approve,
    deactivate,
    reactivate,
    set_role,
    sign_up,
    suspend,
    unsuspend,
)
from forum.accounts.actions.site import change_settings, save_document, touch_site, undo_change

__all__ = [
    "add_person",
    "approve",
    "authenticate",
    "cancel_invitation",
    "change_password",
    "change_settings",
    "deactivate",
    "edit_profile",
    "make_invitation",
    "make_reset_link",
    "reactivate",
    "rename",
    "save_document",
    "set_role",
    "sign_up",
    "suspend",
    "touch_site",
    "undo_change",
    "unsuspend",
    "use_reset_link",
]
