"""The site's own host in every spelling, and no other (RFC 9110, 4.2.3)."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from forum import config, create_app, db
from forum.config import Malformed
from tests.cast import Cast


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        (
            "http://Forum.Example:8114",
            ["forum.example:8114", "FORUM.example:8114", "forum.example.:8114", "forum.example"],
        ),
        ("http://[0:0:0:0:0:0:0:1]:8114", ["[::1]:8114", "[0:0::1]:8114"]),
        ("http://forum.example.", ["forum.example", "forum.example.", "Forum.Example:80"]),
        ("http://B\u00fccher.example", ["xn--bcher-kva.example", "XN--bcher-kva.example."]),
    ],
)
def test_every_spelling_is_answered_and_others_are_not(
    cast: Cast, database: str, settings: config.Settings, tmp_path: Path, address: str, hosts: list[str]
) -> None:
    spelled = config.load({"FORUM_SITE_URL": address, "FORUM_INSTANCE": str(tmp_path)}).site_url
    app = create_app(replace(settings, instance=tmp_path, database_url=database, site_url=spelled))
    client = app.test_client()
    pages = ("/", f"/articles/{cast.article.slug}", "/sign-in")
    answers = {host: [client.get(page, headers={"Host": host}).status_code for page in pages] for host in hosts}
    others = [
        client.get("/", headers={"Host": host}).status_code
        for host in ("evil.example", "[::2]:8114", "", "forum.example.evil")
    ]
    with app.app_context():
        db.engine().dispose()
    assert answers == {host: [200, 200, 200] for host in hosts}
    assert others == [400] * 4


@pytest.mark.parametrize("number", [0, 1])
def test_the_hosts_of_the_small_case_are_answered(
    cast: Cast, database: str, settings: config.Settings, tmp_path: Path, shared: Path, number: int
) -> None:
    asked = (shared / "cases" / "http-host-in-other-spelling.sh").read_text()
    address = re.findall(r"(http://\S+:8114)\b(?!/)", asked)[number]
    host = re.findall("-H 'Host: ([^']*)'", asked)[number]
    spelled = config.load({"FORUM_SITE_URL": address, "FORUM_INSTANCE": str(tmp_path)}).site_url
    app = create_app(replace(settings, instance=tmp_path, database_url=database, site_url=spelled))
    answer = app.test_client().get("/", headers={"Host": host})
    with app.app_context():
        db.engine().dispose()
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "forum.example",
        "http://forum.example:port",
        "http://[::1",
        "http://[::g]",
        "http://x:0",
        "https://a.b/c",
    ],
)
def test_an_address_that_is_none_stops_the_start(tmp_path: Path, address: str) -> None:
    with pytest.raises(Malformed):
        config.load({"FORUM_SITE_URL": address, "FORUM_INSTANCE": str(tmp_path)})
