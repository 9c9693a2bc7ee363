"""`forum user`: add people, list them, change their role, let them set a new password."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from forum.cli import in_site, tell
from forum.cli.site import password_from_stdin

if TYPE_CHECKING:
    from forum.people.models import Person

ROLES = click.Choice(["reader", "author", "moderator", "admin"])


@click.group("user")
def user_command() -> None:
    """Look after people."""


@user_command.command("add")
@click.argument("name")
@click.option("--email", default="", help="Their mail address.")
@click.option("--role", type=ROLES, default="reader", show_default=True)
@click.option("--display-name", default="", help="The name others see.  [default: NAME]")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@in_site
def add(name: str, email: str, role: str, display_name: str, password_stdin: bool) -> None:
    """Add a person called NAME. Without --password-stdin, their link for setting a password is printed."""
    from forum import db
    from forum.people import actions, names, passwords
    from forum.site.queries import site

    username = names.username_from(name) if " " in name.strip() else name
    password_hash = None
    if password_stdin:
        password = password_from_stdin()
        passwords.check(password, site().name, name, display_name, email)
        password_hash = passwords.hashed(password)
    person = actions.add_person(
        None, username, display_name=display_name or name, email=email, role=role, password_hash=password_hash
    )
    link = "" if password_hash else actions.make_reset_link(None, person.id)
    db.commit()
    tell(f"{person.username} is here, as {role}.")
    if link:
        click.echo(_address() + link)


@user_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for machines.")
@in_site
def list_people(as_json: bool) -> None:
    """List everybody, in the order in which they came."""
    from sqlalchemy import select

    from forum.db import session
    from forum.people.models import Person

    found = session.scalars(select(Person).order_by(Person.id))
    if as_json:
        click.echo(json.dumps([_described(person) for person in found], ensure_ascii=False))
        return
    for person in found:
        click.echo(f"{person.username}\t{person.role}\t{_state(person)}\t{person.email or ''}")


@user_command.command("role")
@click.argument("name")
@click.argument("role", type=ROLES)
@in_site
def role(name: str, role: str) -> None:
    """Make NAME a reader, author, moderator or admin."""
    from forum import db
    from forum.people import actions

    person = _called(name)
    actions.set_role(None, person.id, role)
    db.commit()
    tell(f"{person.username} is {role} now.")


@user_command.command("reset")
@click.argument("name")
@in_site
def reset(name: str) -> None:
    """Print a link with which NAME sets a new password, once, within a day."""
    from forum import db
    from forum.people import actions

    link = actions.make_reset_link(None, _called(name).id)
    db.commit()
    click.echo(_address() + link)


def _called(name: str) -> Person:
    from sqlalchemy import select

    from forum.db import session
    from forum.people.models import Person

    person = session.execute(select(Person).where(Person.username == name)).scalar_one_or_none()
    if person is None:
        raise click.ClickException(f"There is nobody called {name}. `forum user list` shows everybody.")
    return person


def _described(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "username": person.username,
        "display_name": person.display_name,
        "email": person.email,
        "role": person.role,
        "state": _state(person),
        "created_at": f"{person.created_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def _state(person: Person) -> str:
    from forum import policy
    from forum.clock import now

    if person.deactivated_at is not None:
        return "off"
    if person.approved_at is None:
        return "waiting"
    return "suspended" if policy.lasting(person.suspended_until, now()) else "active"


def _address() -> str:
    from forum import web

    return web.site().url
