"""`forum mail test`: what the mail server said, and nothing of the password."""

from __future__ import annotations

import subprocess

from tests.mail.server import running
from tests.test_serve import FORUM, environment, free_port, prepared


def run(instance, *arguments, **settings):
    return subprocess.run(
        [FORUM, "mail", "test", *arguments],
        env={**environment(instance), **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_letter_is_sent(tmp_path, mail_server):
    prepared(tmp_path)
    ran = run(tmp_path, "tom@post.example", FORUM_SMTP_URL=mail_server.url, FORUM_SITE_URL="https://talk.example")
    assert ran.returncode == 0, ran.stderr
    assert "The mail server took it: 250 2.0.0 Taken" in ran.stderr
    (one,) = mail_server.received
    assert (one.sender, one.to) == ("noreply@talk.example", "tom@post.example")
    assert "https://talk.example/" in one.part()


def test_what_the_server_answered_is_told_and_no_password(tmp_path):
    prepared(tmp_path)
    with running() as server:
        server.refuse["MAIL"] = "535 5.7.8 Who are you?"
        ran = run(tmp_path, "tom@post.example", FORUM_SMTP_URL=server.url, FORUM_MAIL_FROM="post@talk.example")
    assert ran.returncode == 1
    assert "535 5.7.8 Who are you?" in ran.stderr
    url = f"smtp://forum:sesame@127.0.0.1:{free_port()}"
    ran = run(tmp_path, "tom@post.example", FORUM_SMTP_URL=url)
    assert ran.returncode == 1
    assert "Connection refused" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "sesame" not in ran.stderr


def test_without_a_server_or_an_address_it_says_what_is_missing(tmp_path):
    prepared(tmp_path)
    ran = run(tmp_path, "tom@post.example")
    assert ran.returncode == 1
    assert "FORUM_SMTP_URL is not set." in ran.stderr
    assert run(tmp_path, "nobody").returncode == 2
