"""Which accounts signed in from the same network: kept as a hash, for some days, and shown to moderators by name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from forum import db
from forum.clock import now
from forum.errors import Forbidden
from forum.people import networks
from forum.people.models import PersonNetwork
from forum.people.networks import LENGTH, network_of
from forum.records.networks import MOST, shared
from tests import factories
from tests.comments.talk import let
from tests.moderation.scene import actor
from tests.people.members import PHRASE, member
from tests.transfer import scene as archive

HOME, NEXT_DOOR, AWAY = "1.2.3.4", "1.2.3.250", "1.2.4.4"
SECRET = "tests only"


def signs_in(cast, username, address):
    """Sign somebody in from an address, by the form, and out again."""
    browser = cast.browser()
    fields = {"csrf_token": browser.token, "username": username, "password": PHRASE}
    answer = browser.client.post("/sign-in", data=fields, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == 303
    db.session.expire_all()


def seen(person, address, ago=timedelta()):
    """Let somebody have signed in from an address."""
    networks.remember_network(person.id, address, SECRET)
    db.session.execute(
        update(PersonNetwork)
        .where(PersonNetwork.person_id == person.id, PersonNetwork.network == network_of(address, SECRET))
        .values(seen_at=now() - ago)
    )
    db.commit()


def rows():
    return db.session.execute(select(PersonNetwork.person_id, PersonNetwork.network)).all()


def names(viewer, person):
    return [one.name for one in shared(actor(viewer), person).neighbours]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (HOME, NEXT_DOOR, True),
        (HOME, AWAY, False),
        (HOME, f"::ffff:{NEXT_DOOR}", True),
        ("2606:4700:1:2::3", "2606:4700:1:ffff::4", True),
        ("2606:4700:1:2::3", "2606:4700:2:2::3", False),
    ],
)
def test_what_is_one_network(one, other, same):
    assert (network_of(one, SECRET) == network_of(other, SECRET)) is same
    assert network_of(one, SECRET) != network_of(one, "another key")
    assert len(network_of(one, SECRET) or "") == LENGTH


@pytest.mark.parametrize(
    "address",
    [
        "",
        "unknown",
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.17.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "100.64.0.1",
    ],
)
def test_what_says_nothing_of_where_somebody_is(address):
    assert network_of(address, SECRET) is None


def test_signing_in_keeps_a_hash_and_no_address(cast):
    wanda, wendy = member("wanda"), member("wendy", "Wendy")
    signs_in(cast, "wanda", HOME)
    signs_in(cast, "wanda", NEXT_DOOR)
    signs_in(cast, "wendy", HOME)
    signs_in(cast, "wendy", "127.0.0.1")
    (_, network), (_, other) = found = rows()
    assert {id for id, _ in found} == {wanda.id, wendy.id}
    assert network == other and "1.2.3" not in network
    assert names(cast.quill, wanda) == ["Wendy"]
    page = cast.browser(cast.quill).get("/moderation/people/wanda").text
    assert "Signed in from the same network in the last 30 days" in page
    assert "/moderation/people/wendy" in page and network not in page


def test_signing_out_forgets_nothing_and_signing_up_is_remembered(cast):
    wanda = member("wanda")
    seen(wanda, HOME)
    browser = cast.browser(wanda)
    browser.post("/sign-out")
    fields = {"csrf_token": browser.token, "username": "walter", "password": "four owls on a wire"}
    fresh = cast.browser()
    answer = fresh.client.post(
        "/sign-up", data={**fields, "csrf_token": fresh.token}, environ_overrides={"REMOTE_ADDR": HOME}
    )
    assert answer.status_code == 303
    db.session.expire_all()
    assert names(cast.quill, wanda) == ["walter"]


def test_a_network_that_many_use_names_nobody(cast):
    seen(cast.tom, HOME)
    for number in range(MOST):
        seen(factories.person(f"Commuter {number}"), HOME)
    assert len(names(cast.quill, cast.tom)) == MOST
    seen(factories.person("One more"), HOME)
    seen(cast.tom, AWAY)
    seen(cast.rosa, AWAY)
    found = shared(actor(cast.quill), cast.tom)
    assert ([one.name for one in found.neighbours], found.is_many) == (["Rosa"], True)
    page = cast.browser(cast.quill).get("/moderation/people/tom").text
    assert "Rosa" in page and "many in a network that many use" in page and "Commuter" not in page


def test_it_ends(cast):
    seen(cast.tom, HOME)
    seen(cast.rosa, HOME, ago=timedelta(days=31))
    assert names(cast.quill, cast.tom) == []
    assert "nobody else" in cast.browser(cast.quill).get("/moderation/people/tom").text
    assert networks.forget_networks(now()) == 1
    db.commit()
    assert [id for id, _ in rows()] == [cast.tom.id]
    assert networks.forget_networks(now()) == 0


def test_a_site_that_keeps_nothing(cast):
    seen(cast.tom, HOME)
    seen(cast.rosa, HOME)
    let(network_days=0)
    wanda = member("wanda")
    signs_in(cast, "wanda", HOME)
    assert wanda.id not in {id for id, _ in rows()}
    assert "same network" not in cast.browser(cast.quill).get("/moderation/people/tom").text
    assert "same network" not in cast.browser().get("/privacy").text
    networks.forget_networks(now())
    db.commit()
    assert rows() == []


def test_nobody_learns_of_those_whose_record_they_may_not_read(cast):
    for person in (cast.tom, cast.quill, cast.ada):
        seen(person, HOME)
    assert names(cast.quill, cast.tom) == []
    assert names(cast.ada, cast.tom) == ["Quill"]
    for person in (cast.tom, cast.ida):
        with pytest.raises(Forbidden):
            shared(actor(person), cast.rosa)
    with pytest.raises(Forbidden):
        shared(actor(cast.quill), cast.ada)


def test_the_privacy_page_says_it(cast):
    assert "keeps for 30 days a mark of the network" in cast.browser().get("/privacy").text


def test_no_archive_has_it(cast):
    seen(cast.tom, HOME)
    data = archive.taken_out()
    assert str(network_of(HOME, SECRET)).encode() not in data
    assert b"person_network" not in data
