"""The processes behind `forum serve`: forked from one that has the app, replaced when they die, with nothing in them
that serving does not need.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import text

from forum import db
from tests import factories
from tests.test_serve import FORUM, environment, free_port, prepared, wait_for

# Python begins processes so where it cannot fork them.
SPAWNING = "import multiprocessing; multiprocessing.set_start_method('spawn'); from forum.cli import main; main()"
COMMANDS = {"fork": [FORUM], "spawn": [sys.executable, "-c", SPAWNING]}
PATIENCE = 60  # seconds
# What an app that has drawn its first page has loaded of others' packages. A developer who adds one makes every site
# larger and its start slower: see whether an import where it is needed would do.
LOADED = {
    *("_argon2_cffi_bindings", "_cffi_backend", "argon2", "babel", "bleach", "blinker", "click", "deprecated", "flask"),
    *("flask_babel", "flask_limiter", "flask_login", "flask_sqlalchemy", "flask_wtf", "granian", "itsdangerous"),
    *("jinja2", "limits", "markdown_it", "markupsafe", "mdit_py_plugins", "mdurl", "ordered_set", "packaging", "pytz"),
    *("sqlalchemy", "typing_extensions", "webencodings", "werkzeug", "wrapt", "wtforms"),
}
HEAVY = {
    *("alembic", "smtplib", "forum.demo", "forum.cli.demo", "forum.transfer.into", "forum.transfer.out"),
    *("psycopg", "sqlalchemy.dialects.postgresql"),
}
SEES = """
import gc, json, sys
from forum.cli import inside, serve
made = serve.app()
assert serve.app() is made
from forum.cli.ready import draw_once
with inside(made):
    draw_once(made, "http://localhost:8000")
files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
print(json.dumps({"frozen": gc.get_freeze_count(), "collecting": gc.isenabled(), "files": files}))
"""


@contextmanager
def serving(
    instance: Path, *options: str, way: str = "fork", **settings: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `forum serve`; give its process and its address, and see that it ends without a word of trouble."""
    port = free_port()
    process = subprocess.Popen(
        [*COMMANDS[way], "serve", "--port", str(port), *options],
        env={**environment(instance), "FORUM_RATE_LIMITS": "off", **settings},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=PATIENCE)[1]
    assert "Traceback" not in said
    assert process.returncode in (0, 1)  # 1 where a worker had been killed


def on(cast: Any) -> dict[str, str]:
    """Return the settings that make a server serve the test's own site."""
    url = db.engine().url.render_as_string(hide_password=False).replace("+psycopg", "")
    return {"FORUM_DATABASE_URL": url, "FORUM_SECRET_KEY": str(cast.app.secret_key)}


def workers(process: subprocess.Popen[str], number: int) -> list[int]:
    """Return the ids of the processes that serve, as soon as there are so many that do."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        children = psutil.Process(process.pid).children()
        found = [child.pid for child in children if _serves(child)]
        if len(found) == number:
            return found
        time.sleep(0.05)
    raise AssertionError("the workers did not start")


def _serves(child: psutil.Process) -> bool:
    """Tell whether a process has begun to serve: only those have threads of the server's own."""
    try:
        return child.num_threads() > 1 and child.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("way", COMMANDS)
def test_a_worker_that_dies_is_replaced_and_serves(cast, tmp_path, way):
    first = cast.article.slug
    with serving(tmp_path, "--workers", "1", way=way, **on(cast)) as (process, base):
        assert b"Something to argue about." in wait_for(process, f"{base}/articles/{first}")
        (dead,) = workers(process, 1)
        os.kill(dead, signal.SIGKILL)
        later = factories.article(cast.ida, body="Written while nobody served.").slug
        assert b"Written while nobody served." in wait_for(process, f"{base}/articles/{later}")
        assert workers(process, 1) != [dead]
        assert b"Something to argue about." in wait_for(process, f"{base}/articles/{first}")


@pytest.mark.parametrize("way", COMMANDS)
def test_no_worker_outlives_its_parent(tmp_path, way):
    prepared(tmp_path)
    port = free_port()
    command = [*COMMANDS[way], "serve", "--port", str(port), "--workers", "2"]
    process = subprocess.Popen(command, env=environment(tmp_path), stderr=subprocess.DEVNULL, text=True)
    wait_for(process, f"http://127.0.0.1:{port}/healthz")
    serving = [psutil.Process(pid) for pid in workers(process, 2)]
    process.kill()
    process.wait(PATIENCE)
    assert psutil.wait_procs(serving, PATIENCE)[1] == []


def test_the_worker_beside_is_replaced_when_it_dies_and_ends_with_the_server(cast, tmp_path):
    with serving(tmp_path, "--workers", "1", **on(cast)) as (process, base):
        wait_for(process, f"{base}/healthz")
        first = seen_worker()
        number = int(first.split("-")[-2])
        os.kill(number, signal.SIGKILL)
        assert seen_worker(other_than=first) != first
    db.session.rollback()
    assert seen_worker(other_than=first, within=0) == ""


def seen_worker(other_than: str = "", within: float = PATIENCE) -> str:
    """Return the name of a worker that has said that it is there, nothing where none has."""
    end = time.monotonic() + within
    while True:
        db.session.rollback()
        names = set(db.session.scalars(text("SELECT name FROM workers"))) - {other_than}
        if names or time.monotonic() >= end:
            return next(iter(names), "")
        time.sleep(0.1)


def test_no_connection_of_the_parent_is_carried_into_a_worker(cast, tmp_path):
    settings, before = on(cast), sessions()
    with serving(tmp_path, "--workers", "2", "--no-worker", **settings) as (process, _):
        found = workers(process, 2)
        assert sessions() == before
        for pid in {process.pid, *found}:
            assert [file.path for file in psutil.Process(pid).open_files() if ".sqlite3" in file.path] == []


def sessions() -> int:
    """Return how many connections PostgreSQL has to the test's database, this process's own among them; 0 on SQLite."""
    if db.engine().dialect.name == "sqlite":
        return 0
    db.session.rollback()  # or it would tell what it told before: its statistics stand still in a transaction
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    return int(db.session.execute(text(count)).scalar_one())


def test_workers_share_the_app_with_the_process_they_were_forked_from(tmp_path):
    prepared(tmp_path)
    with serving(tmp_path, "--workers", "2") as (process, _):
        for pid in workers(process, 2):
            held = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
            shared, own = (int(re.findall(rf"{kind}_Dirty: +(\d+) kB", held)[0]) for kind in ("Shared", "Private"))
            # A round of the garbage collector would write into every page there is.
            assert shared > 3 * own


def test_nothing_is_loaded_that_serving_does_not_need_and_what_is_loaded_is_not_looked_through_again(tmp_path):
    prepared(tmp_path)
    ended = subprocess.run(
        [sys.executable, "-c", SEES], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    found = json.loads(ended.stdout)
    theirs = {name.partition(".")[0] for name, file in found["files"].items() if "site-packages" in file}
    assert theirs - {"_distutils_hack"} == LOADED
    assert found["files"].keys() & HEAVY == set()
    assert found["frozen"] > 50_000
    assert found["collecting"]
