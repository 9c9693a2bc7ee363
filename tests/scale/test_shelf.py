"""The shared shelf of finished pages: kept by all, believed only under seal, and never missed when it is gone."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from forum.config import Settings
from forum.shelf import FILE, RedisShelf, Sealed, Shelf, SqliteShelf, in_file, in_redis, make
from tests.redis_server import RedisServer

BUDGET = 1_000_000
PAGE = b"a page of some length " * 500


@pytest.fixture
def file(tmp_path: Path) -> Iterator[SqliteShelf]:
    """Be a small shelf in a file."""
    made = SqliteShelf(tmp_path / FILE, BUDGET)
    yield made
    made.close()


@pytest.fixture
def remote(redis: RedisServer) -> Iterator[RedisShelf]:
    """Be a shelf in Redis."""
    made = RedisShelf(redis.url)
    yield made
    made.close()


@pytest.fixture(params=["file", "redis"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Be the settings of a site with either kind of shelf."""
    url = request.getfixturevalue("redis").url if request.param == "redis" else ""
    return Settings(instance=tmp_path, secret_key="a secret", redis_url=url)


def sealed(site: Settings, program: str = "this version") -> Sealed:
    """Make the shelf of a process of that site; the program's mark is given, for files may change while tests run."""
    inner: Shelf = RedisShelf(site.redis_url) if site.redis_url else SqliteShelf(site.instance / FILE, BUDGET * 10)
    return Sealed(inner, site, program)


@pytest.fixture
def shelf(site: Settings) -> Iterator[Sealed]:
    """Be one process's shelf."""
    made = sealed(site)
    yield made
    made.close()


def elsewhere(site: Settings, code: str) -> str:
    """Run code in another process of the site and return what it prints; `shelf` is its shelf."""
    command = [sys.executable, "-c", _begin(site) + code]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def _begin(site: Settings) -> str:
    return f"""
from pathlib import Path
from forum.config import Settings
from tests.scale.test_shelf import sealed
shelf = sealed(Settings(instance=Path({str(site.instance)!r}), secret_key="a secret", redis_url={site.redis_url!r}))
"""


def test_what_one_process_puts_another_gets(site: Settings, shelf: Sealed) -> None:
    assert shelf.get("a key") is None
    shelf.put("a key", PAGE)
    shelf.put("nothing", b"")
    assert shelf.get("a key") == PAGE
    assert shelf.get("nothing") == b""
    assert elsewhere(site, f"print(shelf.get('a key') == {PAGE!r}, shelf.get('a kez'))") == "True None\n"
    elsewhere(site, "shelf.put('another', bytes(range(256)) * 100)")
    assert shelf.get("another") == bytes(range(256)) * 100


def test_keys_may_be_long_and_strange(shelf: Sealed) -> None:
    keys = ["x" * 100_000, "snow ☃ \x00\n", "", "a", "a:", "a:b"]
    for key in keys:
        shelf.put(key, key.encode() + b"!")
    assert [shelf.get(key) for key in keys] == [key.encode() + b"!" for key in keys]


@pytest.mark.parametrize(
    "different",
    [
        {"secret_key": "another"},
        {"database_url": "postgresql://elsewhere/forum"},
        {"site_name": "Another name"},
        {"site_url": "https://forum.example"},
    ],
    ids=lambda value: next(iter(value)),
)
def test_what_is_another_sites_is_not_found(site: Settings, shelf: Sealed, different: dict[str, str]) -> None:
    shelf.put("a key", PAGE)
    other = sealed(replace(site, **different))  # type: ignore[arg-type]
    assert other.get("a key") is None
    other.put("a key", b"theirs")
    assert shelf.get("a key") == PAGE
    other.close()


def test_another_version_of_the_program_makes_its_pages_itself(site: Settings, shelf: Sealed) -> None:
    shelf.put("a key", PAGE)
    newer = sealed(site, "the next version")
    assert newer.get("a key") is None
    newer.close()


def test_a_process_makes_its_shelf_where_the_settings_say(site: Settings) -> None:
    made = make(site)
    made.put("a key", PAGE)
    assert made.get("a key") == PAGE
    assert (site.instance / FILE).exists() == (not site.redis_url)
    made.close()


class Tampered:
    """Be a store in which somebody else writes."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.kept[key] = value

    def close(self) -> None:
        pass


def test_nothing_is_believed_that_the_site_did_not_put_there(caplog: pytest.LogCaptureFixture) -> None:
    store = Tampered()
    shelf = Sealed(store, Settings(secret_key="a secret"), "this version")
    shelf.put("one", PAGE)
    shelf.put("two", b"another page")
    one, two = store.kept
    sealed = store.kept[one]
    for forged in (b"", b"x", PAGE, sealed[:-1], sealed + b"x", bytes(32) + PAGE, store.kept[two]):
        store.kept[one] = forged
        assert shelf.get("one") is None
    for at in (0, 31, 32, len(sealed) - 1):
        store.kept[one] = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert shelf.get("one") is None
    assert "not what this site put there" in caplog.text
    store.kept[one] = sealed
    assert shelf.get("one") == PAGE


def test_the_file_is_for_its_owner_only(tmp_path: Path, file: SqliteShelf) -> None:
    (tmp_path / FILE).write_bytes(b"")
    (tmp_path / FILE).chmod(0o644)
    file.put("a key", PAGE)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {FILE: 0o600, f"{FILE}-wal": 0o600, f"{FILE}-shm": 0o600}


def test_the_oldest_goes_first(tmp_path: Path, file: SqliteShelf) -> None:
    for number in range(1000):
        file.put(f"page {number}", bytes([number % 256]) * 10_000)
    kept = [number for number in range(1000) if file.get(f"page {number}") is not None]
    assert kept == list(range(kept[0], 1000))
    assert BUDGET * 0.9 <= len(kept) * 10_000 <= BUDGET * 1.1
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < BUDGET * 2 + 5_000_000  # the journal has 4 MB
    file.put("huge", bytes(BUDGET + 1))
    assert file.get("huge") is None
    assert file.get("page 999") is not None


def test_nothing_stays_longer_than_a_day(file: SqliteShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    file.put("a key", PAGE)
    monkeypatch.setattr(in_file, "DAY", -1)
    assert file.get("a key") is None
    file.sweep()
    monkeypatch.setattr(in_file, "DAY", 60)
    assert file.get("a key") is None


def test_redis_forgets_after_a_day(redis: RedisServer, remote: RedisShelf) -> None:
    remote.put("a key", PAGE)
    assert 0 < remote._client.ttl("a key") <= in_redis.DAY


@pytest.mark.parametrize("damage", ["garbage", "cut", "another table", "a hole"])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, damage: str) -> None:
    path = tmp_path / FILE
    before = SqliteShelf(path, BUDGET)
    for number in range(20):
        before.put(f"page {number}", PAGE)
    before.close()
    whole = path.read_bytes()
    if damage == "garbage":
        path.write_bytes(os.urandom(50_000))
    elif damage == "cut":
        path.write_bytes(whole[:6_000])
    elif damage == "a hole":
        path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    else:
        path.unlink()
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE pages (key TEXT)")
        other.close()
    shelf = SqliteShelf(path, BUDGET)
    assert shelf.get("page 3") is None
    shelf.put("page 3", b"new")
    assert shelf.get("page 3") == b"new"
    shelf.close()


def test_a_file_far_beyond_the_budget_is_begun_anew(tmp_path: Path) -> None:
    large = SqliteShelf(tmp_path / FILE, 10 * BUDGET)
    for number in range(80):
        large.put(f"page {number}", bytes(100_000))
    large.close()
    small = SqliteShelf(tmp_path / FILE, BUDGET)
    small.put("a key", PAGE)
    assert small.get("a key") == PAGE
    assert (tmp_path / FILE).stat().st_size < 2 * BUDGET
    small.close()


def test_a_file_deleted_in_the_middle_is_begun_anew_by_all(tmp_path: Path, file: SqliteShelf) -> None:
    """An operator may delete it at any time; two threads here, as two processes hold it."""
    file.put("a key", PAGE)
    told: list[bytes | None] = []
    deleted, seen = threading.Event(), threading.Event()

    def other() -> None:
        told.append(file.get("a key"))
        seen.set()
        deleted.wait(10)
        told.append(file.get("a key"))
        told.append(file.get("another"))

    thread = threading.Thread(target=other)
    thread.start()
    assert seen.wait(10)
    for path in tmp_path.iterdir():
        path.unlink()
    assert file.get("a key") is None
    file.put("another", PAGE)
    deleted.set()
    thread.join()
    assert told == [PAGE, None, PAGE]


def test_where_nothing_can_be_written_all_is_a_miss(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    for path in (tmp_path / FILE, tmp_path / "no such folder" / FILE):
        shelf = SqliteShelf(path, BUDGET)
        shelf.put("a key", PAGE)
        assert shelf.get("a key") is None


def test_a_full_disk_forgets_nothing_that_is_there(file: SqliteShelf) -> None:
    file.put("a key", PAGE)
    full = file._connection()
    full.execute("PRAGMA max_page_count=1")  # SQLite then says the same as where the disk is full
    file.put("another", PAGE * 10)
    assert file.get("another") is None
    assert file.get("a key") == PAGE


def test_a_locked_file_is_a_miss_for_writers_only(tmp_path: Path, file: SqliteShelf) -> None:
    file.put("a key", PAGE)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    file.put("another", PAGE)
    assert file.get("a key") == PAGE
    assert file.get("another") is None
    other.execute("ROLLBACK")
    other.close()
    file.put("another", PAGE)
    assert file.get("another") == PAGE


def test_a_thread_that_ends_leaves_no_connection_behind(file: SqliteShelf) -> None:
    for _ in range(5):
        thread = threading.Thread(target=file.get, args=("a key",))
        thread.start()
        thread.join()
    gc.collect()
    assert len(file._held) == 0
    file.get("a key")
    assert len(file._held) == 1


def test_many_write_at_once(site: Settings, shelf: Sealed) -> None:
    """Two processes and four threads; whoever does not get through in time misses, and nothing comes back wrong."""
    code = "[shelf.put(f'{n % 40}', f'{n % 40}'.encode() * 5000) for n in range(200)]"
    with subprocess.Popen([sys.executable, "-c", _begin(site) + code]) as other:
        threads = [threading.Thread(target=_churn, args=(shelf,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert other.wait(60) == 0
    found = {key: shelf.get(str(key)) for key in range(40)}
    assert all(value in (None, str(key).encode() * 5000) for key, value in found.items())
    assert sum(value is not None for value in found.values()) > 30


def _churn(shelf: Sealed) -> None:
    for number in range(200):
        key = str(number % 40)
        shelf.put(key, key.encode() * 5000)
        assert shelf.get(key) in (None, key.encode() * 5000)


def test_a_redis_that_is_stopped_is_not_asked_for_a_while(
    redis: RedisServer, remote: RedisShelf, caplog: pytest.LogCaptureFixture
) -> None:
    remote.put("a key", PAGE)
    redis.stop()
    for _ in range(3):
        assert remote.get("a key") is None
        remote.put("a key", PAGE)
    assert len(caplog.records) == 1
    redis.start()
    remote.put("a key", PAGE)
    assert remote.get("a key") is None  # still left alone
    remote._asleep = 0.0
    remote.put("a key", PAGE)
    assert remote.get("a key") == PAGE


def test_a_redis_that_answers_nobody_is_a_miss(redis: RedisServer, remote: RedisShelf) -> None:
    remote.put("a key", PAGE)
    redis.hang()
    assert remote.get("a key") is None
    redis.go_on()
    assert remote.get("a key") is None  # not asked
    remote._asleep = 0.0
    assert remote.get("a key") == PAGE


def test_a_redis_started_anew_is_used_at_once(redis: RedisServer, remote: RedisShelf) -> None:
    remote.put("a key", PAGE)
    redis.stop()
    redis.start()
    assert remote.get("a key") is None
    remote.put("a key", PAGE)
    assert remote.get("a key") == PAGE


def test_a_full_redis_can_still_be_read(tmp_path: Path) -> None:
    with RedisServer("--maxmemory", "3mb", "--maxmemory-policy", "noeviction") as full:
        shelf = RedisShelf(full.url)
        for number in range(40):
            shelf.put(str(number), bytes(200_000))
        assert shelf.get("39") is None
        assert shelf.get("0") == bytes(200_000)
        shelf.close()


def test_a_key_of_another_kind_in_redis_is_a_miss(remote: RedisShelf) -> None:
    remote._client.rpush("a key", "x")
    assert remote.get("a key") is None
