"""Read who is asking, people, and one-time links."""

from forum.people.queries.people import (
    Invitation,
    PersonRow,
    Profile,
    invitations,
    link_purpose,
    name_holder,
    other_admins,
    people,
    person_row,
    profile,
    waiting_count,
)
from forum.people.queries.viewers import PERSON, SessionRow, Viewer, session_row, viewer_of
