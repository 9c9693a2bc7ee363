"""`forum demo`: fill an empty database with a small made-up site."""

from __future__ import annotations

import click

from forum import db, schema
from forum.cli import in_app, tell
from forum.demo.fill import fill
from forum.people.passwords import DEMO_PASSWORD

# (sign-in name, what they can do), for those who show a newcomer around. All share DEMO_PASSWORD.
SIGN_INS = [
    ("odile", "admin: settings, people, export"),
    ("fenwick", "moderator: reports, what waits for approval, ends any exchange"),
    ("mina", "author: wrote the article about the clock"),
    ("josef", "author: wrote the article about the ladders"),
    ("bertram", "reader: in the long exchange under the clock"),
    ("tobias", "reader: had a comment removed, and a notice about it"),
]


@click.command("demo")
@in_app
def demo_command() -> None:
    """Fill an empty database with a small site to look at, with made-up people."""
    schema.make_ready()
    if not fill():
        db.rollback()
        tell("The demo is there already.")
        return
    db.commit()
    tell(f"The demo is ready. Everybody's password is {DEMO_PASSWORD}. You can sign in as")
    for username, able in SIGN_INS:
        tell(f"  {username:10}{able}")
