"""Read who is asking, people, and one-time links."""

from forum.people.queries.people import (
    LONGEST_TYPED,
    Invitation,
    PersonRow,
    Profile,
    demo_people,
    invitations,
    link_purpose,
    name_holder,
    other_admins,
    people,
    person_row,
    profile,
    sign_in_id,
    sign_in_name,
    waiting_count,
)
from forum.people.queries.viewers import PERSON, SessionRow, Viewer, language_of, session_row, uses_keys, viewer_of
