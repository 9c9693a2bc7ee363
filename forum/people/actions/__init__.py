"""Sign people up and in, change what they are, make one-time links, and set a new site up.

`actor` is None where the operator acts at the machine itself (`forum user ...`): a person who can start the program
can read its database anyway.
"""

from forum.people.actions.links import cancel_invitation, make_invitation, make_reset_link, use_reset_link
from forum.people.actions.mail import (
    ask_for_link,
    ask_for_reset,
    invite_by_mail,
    pause_mail,
    resume_mail,
    tell_of_new_browser,
    verify_address,
)
from forum.people.actions.own import authenticate, change_password, edit_profile, rename, use_keys
from forum.people.actions.people import (
    add_person,
    approve,
    deactivate,
    reactivate,
    set_role,
    sign_up,
)
from forum.people.actions.setup import FirstSettings, make_setup_link, set_up
