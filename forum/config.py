"""The settings of one process: defaults < instance/forum.toml < FORUM_* in the environment."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

from forum import mailserver
from forum.siteaddress import fixing, is_site_address, spelled

FLAGS = {**dict.fromkeys(("on", "true", "1", "yes"), True), **dict.fromkeys(("off", "false", "0", "no"), False)}
SHORTEST_SECRET = 16  # characters: nobody guesses that many
FILE = "forum.toml"
SECRET_FILE = "secret-key"  # noqa: S105 -- the name of a file


class Malformed(Exception):
    """A setting that cannot be read. It stops the start, because a guess would be worse."""


@dataclass(frozen=True)
class Settings:
    """The settings of the operator. What an admin sets in the browser is in `site.models.Site`.

    `site_name` and `site_url` are empty where the environment does not fix them.
    """

    instance: Path = Path("instance")
    database_url: str = ""
    redis_url: str = ""
    site_name: str = ""
    site_url: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    check_url: str = ""
    check_secret: str = ""
    check_failure: str = "hold"
    check_private: bool = False
    secret_key: str = ""
    rate_limits: bool = True
    prepared_statements: bool = True
    sqlite_synchronous: str = "FULL"
    trusted_proxies: int = 0
    thread_idle_seconds: int = 30
    lock_seconds: int = 5
    late_hours: int = 48
    database_seconds: int = 10

    @property
    def secure(self) -> bool:
        """Tell whether the site's address is https, so that cookies can be bound to it."""
        return self.site_url.startswith("https://")

    @property
    def database(self) -> str:
        """Return the address of the database, SQLite in the instance folder unless set."""
        url = self.database_url or f"sqlite:///{self.instance.resolve() / 'forum.sqlite3'}"
        # Plain postgresql:// would choose psycopg2, which is not installed.
        for prefix in ("postgresql://", "postgres://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def mark(self) -> str:
        """Return a short name for this site in a store it may share with others: the same for all its processes.

        It is made from the secret key, as every form's token is, and does not reveal it.
        """
        return hmac.digest(self.secret_key.encode(), b"the mark of this site", "sha256").hex()[:12]


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of this process.

    Raises Malformed for a value of the wrong type, or an unknown name in forum.toml.
    """
    environ = os.environ if environ is None else environ
    instance = Path(environ.get("FORUM_INSTANCE", "instance"))
    values: dict[str, object] = {"instance": instance}
    values |= _from_file(instance / FILE)
    for name in (field.name for field in fields(Settings)):
        raw = environ.get("FORUM_" + name.upper())
        if raw is not None:
            values[name] = _parse(name, raw)
    return _checked(replace(Settings(), **values))  # type: ignore[arg-type]  # _parse gave each its type


def ensure_secret_key(settings: Settings) -> Settings:
    """Return the settings with a secret key, made on the first start and kept in the instance folder.

    Raises Malformed where the file holds no key, for with an empty one anybody could sign forms, and where the system
    refuses the file.
    """
    if settings.secret_key:
        return settings
    path = settings.instance / SECRET_FILE
    with _in_reach(path):
        key = _kept_key(path)
    if len(key) < SHORTEST_SECRET:
        raise Malformed(
            f"{path} holds fewer than {SHORTEST_SECRET} characters. Restore it; or delete it: then a new one is made, "
            "links in mails that were sent stop working, and open forms have to be sent again."
        )
    return replace(settings, secret_key=key)


def _kept_key(path: Path) -> str:
    make_folder(path.parent)
    if not path.exists():
        # Written whole and then linked: of two processes starting at once, one makes the key and both read it.
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as draft:
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text("ascii").strip()


@contextlib.contextmanager
def _in_reach(path: Path) -> Iterator[None]:
    """Raise Malformed where the system refuses a file: it is another user's, is a folder, or the disk is full."""
    try:
        yield
    except OSError as error:
        raise Malformed(f"{path} cannot be used: {error.strerror or error}") from error


def is_there(settings: Settings) -> bool:
    """Tell whether there may be a site: a secret key, a file of SQLite, or another database, which has to be asked."""
    own = settings.database.startswith("sqlite:///")
    files = (settings.instance / SECRET_FILE, Path(settings.database.removeprefix("sqlite:///").split("?")[0]))
    with _in_reach(settings.instance):
        return not own or any(file.exists() for file in files)


def make_folder(instance: Path) -> None:
    """Make the instance folder, for its owner alone: it holds every password's hash and the secret key."""
    instance.parent.mkdir(parents=True, exist_ok=True)
    instance.mkdir(mode=0o700, exist_ok=True)


def fix_address(instance: Path, address: str) -> None:
    """Write the site's address into forum.toml, where it is in force: https binds cookies, other hosts are refused."""
    path = instance / FILE
    before = path.read_text("utf-8") if path.exists() else ""
    path.write_text(f"{fixing(address)}\n{before}", "utf-8")


def _from_file(path: Path) -> dict[str, object]:
    try:
        with _in_reach(path):
            table = tomllib.loads(path.read_text("utf-8") if path.exists() else "")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"{path} cannot be read: {error}") from error
    known = {field.name for field in fields(Settings)} - {"instance"}
    if unknown := sorted(set(table) - known):
        raise Malformed(f"{path}: no such setting: {', '.join(unknown)}")
    return {name: _parse(name, str(value)) for name, value in table.items()}


def _parse(name: str, raw: str) -> object:
    kind = type(getattr(Settings, name))
    if kind is bool:
        if (word := raw.strip().lower()) not in FLAGS:
            raise Malformed(f"FORUM_{name.upper()} must be on or off, not {raw!r}")
        return FLAGS[word]
    if kind is int:
        if not raw.isdecimal():
            raise Malformed(f"FORUM_{name.upper()} must be a whole number, not {raw!r}")
        return int(raw)
    return Path(raw) if name == "instance" else raw


def _checked(settings: Settings) -> Settings:
    if settings.site_url:
        _check_address(settings.site_url)
    if settings.sqlite_synchronous not in ("FULL", "NORMAL"):
        raise Malformed("FORUM_SQLITE_SYNCHRONOUS must be FULL or NORMAL")
    if not 5 <= settings.thread_idle_seconds <= 600:
        raise Malformed("FORUM_THREAD_IDLE_SECONDS must be between 5 and 600")
    if not settings.database.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise Malformed("FORUM_DATABASE_URL must begin with sqlite:/// or postgresql://")
    if settings.redis_url:
        _check_redis(settings.redis_url)
    _check_mail(settings)
    _check_check(settings)
    return replace(settings, site_url=spelled(settings.site_url))


def _check_address(site_url: str) -> None:
    if not is_site_address(site_url):
        raise Malformed("FORUM_SITE_URL must be like https://forum.example, without a path")


def _check_mail(settings: Settings) -> None:
    try:
        if settings.smtp_url:
            mailserver.parsed(settings.smtp_url)
    except ValueError as error:
        # Never the address itself in the message: it may hold a password.
        raise Malformed(f"FORUM_SMTP_URL must be like {error}") from None
    if settings.mail_from and not mailserver.is_address(settings.mail_from):
        raise Malformed("FORUM_MAIL_FROM must be a mail address, like noreply@forum.example")


def _check_check(settings: Settings) -> None:
    """Refuse a check of comments elsewhere that could not be asked, or whose question nobody could believe."""
    if settings.check_url and not settings.check_url.startswith(("https://", "http://")):
        raise Malformed("FORUM_CHECK_URL must be like https://check.example/comments")
    if settings.check_url and len(settings.check_secret) < SHORTEST_SECRET:
        raise Malformed(f"FORUM_CHECK_SECRET must have {SHORTEST_SECRET} characters or more, as FORUM_CHECK_URL is set")
    if settings.check_failure not in ("hold", "publish"):
        raise Malformed("FORUM_CHECK_FAILURE must be hold or publish")


def _check_redis(url: str) -> None:
    """Refuse an address that no client accepts. Whether a server answers there is seen later, and may change."""
    import redis  # takes 4 MB and 50 ms: loaded only for a site with Redis

    # Never the address itself in the message: it may hold a password.
    shape = "FORUM_REDIS_URL must be like redis://host:6379/0, rediss://host:6379/0 or unix:///run/redis/redis.sock"
    try:
        address = urlsplit(url)
        if not (address.path.startswith("/") if address.scheme == "unix" else address.hostname):
            raise Malformed(shape)
        number = address.path.strip("/") if address.scheme != "unix" else ""
        if address.scheme not in ("redis", "rediss", "unix") or not (number.isdecimal() or not number):
            raise Malformed(shape)
        redis.Redis.from_url(url).connection_pool.make_connection()
    except (ValueError, TypeError, redis.RedisError) as error:
        raise Malformed(f"{shape}; options that no client knows are refused too") from error
