"""Say in words what a part of a site is, at the head of what people read."""

from __future__ import annotations

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import Connection, select

from forum.articles.models import Tag
from forum.people.models import Person
from forum.transfer.out.scope import Scope


def in_words(connection: Connection, scope: Scope) -> str:
    """Return what an export holds, as sentences; empty for a whole site and for a whole article."""
    wanted, said = scope.wanted, []
    if scope.tag_id is not None:
        name = connection.execute(select(Tag.name).where(Tag.id == scope.tag_id)).scalar_one()
        said.append(_("Only articles about %(subject)s.", subject=name))
    if scope.person_id is not None:
        name = connection.execute(select(Person.display_name).where(Person.id == scope.person_id)).scalar_one()
        said.append(_("Only what %(name)s wrote.", name=name))
    if wanted.since:
        said.append(
            _("Only what was written from %(day)s on.", day=format_date(wanted.since, "d MMMM y", rebase=False))
        )
    if wanted.until:
        said.append(_("Only what was written until %(day)s.", day=format_date(wanted.until, "d MMMM y", rebase=False)))
    return " ".join(said)
