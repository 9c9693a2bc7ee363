"""Which accounts sign in from the same network: kept as a keyed hash, for the days that the site's setting says.

A hash with a key that only this site has: a person who gets the table alone can try no addresses with it.
"""

from __future__ import annotations

import hmac
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, tuple_

from forum import db
from forum.clock import now
from forum.db import session
from forum.people.models import PersonNetwork
from forum.site.queries import site

WIDTH = {4: 24, 6: 48}  # bits: what a provider commonly gives to one house or a few
LENGTH = 32  # letters of a hash: 128 bits
AT_ONCE = 500  # rows deleted in one transaction


def network_of(address: str, secret: str) -> str | None:
    """Return the hash of the network of an address; None where the address says nothing of where somebody is.

    An address of no public network is that of a proxy or of a house network, which all would have alike.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    found = getattr(found, "ipv4_mapped", None) or found
    if not found.is_global:
        return None
    network = ipaddress.ip_network(f"{found}/{WIDTH[found.version]}", strict=False)
    return hmac.digest(secret.encode(), f"network {network}".encode(), "sha256").hex()[:LENGTH]


def remember_network(person_id: int, address: str, secret: str) -> None:
    """Note from which network somebody signed in, where the site keeps that. The sign-in itself says who they are."""
    network = network_of(address, secret)
    if network is None or not site().network_days:
        return
    db.lock()
    row = {"person_id": person_id, "network": network}
    session.execute(delete(PersonNetwork).filter_by(**row), execution_options={"synchronize_session": False})
    session.execute(insert(PersonNetwork).values(**row, seen_at=now()))


def forget_networks(moment: datetime) -> int:
    """Delete some of what is older than the site keeps it, and return how many."""
    before = moment - timedelta(days=site().network_days)
    key = PersonNetwork.person_id, PersonNetwork.network
    some = session.execute(select(*key).where(PersonNetwork.seen_at <= before).limit(AT_ONCE)).all()
    if not some:
        return 0
    db.lock()
    # Asked once more inside the lock: somebody may have signed in from there at this moment.
    old = delete(PersonNetwork).where(PersonNetwork.seen_at <= before, tuple_(*key).in_(some))
    session.execute(old, execution_options={"synchronize_session": False})
    return len(some)
