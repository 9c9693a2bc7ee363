"""What `forum serve` looks at before it starts: whether it may serve this site here, and what its operator should know.

Nothing opened here stays open: the workers are forked from this process.
"""

from __future__ import annotations

import ipaddress
import socket

import click
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client

from forum import db, schema
from forum.articles.lists import listing
from forum.cli import tell, trouble
from forum.people.actions import make_setup_link
from forum.policy import NOBODY
from forum.site.queries import SiteView, site


def make_ready(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> None:
    """Make an empty database ready and print the site's address, with its setup link where it needs one.

    Raises ClickException where the database, the demo or the port is not as it must be.
    """
    base = f"http://[{address}]:{port}" if address.version == 6 else f"http://{address}:{port}"
    try:
        schema.make_ready()
        settings = site()
        if settings.is_demo and not address.is_loopback:
            raise click.ClickException("This is the demo: everybody knows its passwords. Serve it on 127.0.0.1 only.")
        _check_port(address, port)
        tell(f"The site is at {base}/")
        _tell_more(settings, base)
    except OperationalError as error:
        raise click.ClickException(trouble(error)) from error


def draw_once(app: Flask, base: str) -> None:
    """Draw the home page and the newest discussion, so that the workers begin with what a page needs.

    Templates, statements and the language are then made once, and in memory that the workers share.
    """
    browser = Client(app, use_cookies=False)  # Flask's own loads a debugger
    for path in ("/", *(f"/articles/{item.slug}" for item in listing(NOBODY).items[:1])):
        browser.get(path, base_url=base, headers={"Accept-Encoding": "gzip"})


def _check_port(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> None:
    # The server shares its port between processes, so a second one would start beside the first without a word.
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        socket.create_server((str(address), port), family=family).close()
    except OSError as error:
        raise click.ClickException(f"Cannot listen at {address}, port {port}: {error.strerror}") from error


def _tell_more(settings: SiteView, base: str) -> None:
    if settings.is_demo:
        # Only here: the demo and its texts need not be loaded for a site that is none.
        from forum.cli.demo import SIGN_INS
        from forum.people.passwords import DEMO_PASSWORD

        tell(f"This is a demo with made-up people. The password of each is {DEMO_PASSWORD}")
        for name, able in SIGN_INS:
            tell(f"  {name:10}{able}")
    elif settings.set_up_at is None and (path := _setup_path()):
        tell(f"It is not set up yet. Open this address to do so; it works once:\n  {base}{path}")


def _setup_path() -> str:
    path = make_setup_link()
    db.commit()
    return path
