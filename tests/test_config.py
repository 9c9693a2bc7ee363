"""Settings: where they come from, and that a malformed one stops the start."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from forum import config, mailserver
from forum.config import Malformed, Settings, ensure_secret_key, load
from forum.mailserver import MailServer


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "forum.toml").write_text('site_name = "File"\nsite_url = "https://file.example"\n', "utf-8")
    read = load({"FORUM_INSTANCE": str(tmp_path), "FORUM_SITE_NAME": "Environment"})
    assert (read.site_name, read.site_url) == ("Environment", "https://file.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE_LIMITS", "perhaps"),
        ("TRUSTED_PROXIES", "one"),
        ("TRUSTED_PROXIES", "-1"),
        ("SITE_URL", "forum.example"),
        ("SITE_URL", "https://forum.example/path"),
        ("SITE_URL", "ftp://forum.example"),
        ("SQLITE_SYNCHRONOUS", "OFF"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("REDIS_URL", "http://somewhere"),
        ("REDIS_URL", "redis:///0"),
        ("REDIS_URL", "redis://host:99999/0"),
        ("REDIS_URL", "redis://host/zero"),
        ("REDIS_URL", "redis://host/0?no_such_option=1"),
        ("REDIS_URL", "unix://"),
    ],
)
def test_a_malformed_setting_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Malformed, match=name.split("_")[0]):
        load({"FORUM_INSTANCE": str(tmp_path), f"FORUM_{name}": value})


@pytest.mark.parametrize("text", ["site_nmae = 'x'", "instance = 'elsewhere'", "site_name =", "\xff"])
def test_a_malformed_file_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "forum.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(Malformed):
        load({"FORUM_INSTANCE": str(tmp_path)})


def test_words_for_on_and_off() -> None:
    assert [load({"FORUM_RATE_LIMITS": word}).rate_limits for word in ("off", "0", "No", "on", "TRUE")] == [
        *(False, False, False),
        *(True, True),
    ]


def test_other_variables_are_nobodys_business() -> None:
    assert load({"PATH": "/bin", "FORUMS": "x"}) == Settings()


@pytest.mark.parametrize("url", ["redis://host", "rediss://:word@host:6380/2", "unix:///run/redis/redis.sock?db=1"])
def test_an_address_of_redis_is_taken_without_asking_it(url: str) -> None:
    assert load({"FORUM_REDIS_URL": url}).redis_url == url


def test_a_malformed_address_of_redis_does_not_betray_its_password() -> None:
    with pytest.raises(Malformed) as refused:
        load({"FORUM_REDIS_URL": "redis://:word@host:x/0"})
    assert "word" not in str(refused.value)


def test_a_site_has_one_mark_and_another_site_another() -> None:
    first, again, other = (Settings(secret_key=key, site_name=name).mark for key, name in ("ab", "ac", "bb"))
    assert first == again != other


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_always_reached_through_psycopg(scheme: str) -> None:
    assert load({"FORUM_DATABASE_URL": f"{scheme}://host/name"}).database == "postgresql+psycopg://host/name"


def test_https_makes_cookies_secure() -> None:
    assert load({"FORUM_SITE_URL": "https://forum.example"}).secure
    assert not load({"FORUM_SITE_URL": "http://forum.example"}).secure


def test_the_secret_key_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: ensure_secret_key(Settings(instance=tmp_path / "new")).secret_key, range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 43
    assert stat.S_IMODE((tmp_path / "new" / config.SECRET_FILE).stat().st_mode) == 0o600
    assert ensure_secret_key(Settings(instance=tmp_path, secret_key="given")).secret_key == "given"


@pytest.mark.parametrize("held", ["", "\n", "cut"])
def test_a_file_without_a_key_stops_the_start(tmp_path: Path, held: str) -> None:
    (tmp_path / config.SECRET_FILE).write_text(held)
    with pytest.raises(Malformed, match="delete it"):
        ensure_secret_key(Settings(instance=tmp_path))


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, "starttls")),
        ("smtp://mail.example:25?starttls=off", MailServer("mail.example", 25, "off")),
        (
            "smtps://me%40mail.example:a%2Fb%3A%40@mail.example",
            MailServer("mail.example", 465, "implicit", "me@mail.example", "a/b:@"),
        ),
        ("smtp://[::1]:2525?starttls=off", MailServer("::1", 2525, "off")),
    ],
)
def test_an_address_of_a_mail_server(url: str, server: MailServer) -> None:
    settings = load({"FORUM_SMTP_URL": url})
    assert mailserver.parsed(settings.smtp_url) == server
    assert "a/b" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://:word@mail.example",
            "smtp://u:word@mail.example:x",
        ),
        *(
            "smtp://u:word@mail.example:0",
            "smtp://u:word@mail.example/path",
            "smtp://u:word@mail.example?starttls=maybe",
        ),
        *("smtp://u:word@mail.example?tls=off", "smtps://u:word@mail.example?starttls=off", "smtp://u:word@[mail"),
        *("smtp://u:%FFword@mail.example", "smtp://u:word@mail.example:99999", "smtp://u:word@mail.example#x"),
    ],
)
def test_a_malformed_address_of_a_mail_server_does_not_betray_its_password(url: str) -> None:
    with pytest.raises(Malformed, match="FORUM_SMTP_URL") as refused:
        load({"FORUM_SMTP_URL": url})
    assert "word@mail" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("address", ["nobody", "a@b c", "Me <me@mail.example>", "a@b@c", "a@b\r\nBcc: x@y", "@b", "a@"])
def test_mail_is_from_an_address(address: str) -> None:
    with pytest.raises(Malformed, match="FORUM_MAIL_FROM"):
        load({"FORUM_MAIL_FROM": address})


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("talk.example", "noreply@talk.example"),
        ("", "noreply@localhost"),
        ("127.0.0.1", "noreply@[127.0.0.1]"),
        ("[::1]", "noreply@[IPv6:::1]"),
    ],
)
def test_without_one_mail_is_from_an_address_at_the_sites_host(host: str, address: str) -> None:
    assert mailserver.sender_at(host) == address
    assert mailserver.sender_at(host, "post@mail.example") == "post@mail.example"
