"""`forum serve`: what it starts with, and what it refuses to start with."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from forum import config, create_app, db, schema
from forum.cli.ready import draw_once
from forum.site.models import Site
from tests.cast import Cast

FORUM = str(Path(sys.executable).parent / "forum")


def environment(instance: Path) -> dict[str, str]:
    """Return the environment of a fresh instance."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
    return {**kept, "FORUM_INSTANCE": str(instance)}


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def prepared(instance: Path) -> Flask:
    """Make the app of an instance, its database migrated."""
    app = create_app(config.Settings(instance=instance))
    with app.app_context():
        schema.upgrade()
        db.engine().dispose()
    return app


@pytest.mark.parametrize("site_url", ["", "https://talk.example"])
def test_the_newest_discussion_is_drawn_before_the_workers_begin(
    database: str, settings: config.Settings, tmp_path: Path, site_url: str
) -> None:
    made = create_app(replace(settings, instance=tmp_path, database_url=database, site_url=site_url))
    with made.app_context():
        Cast(made)
        assert made.extensions["store"].held == 0
        draw_once(made, site_url or "http://localhost:8000")
        assert made.extensions["store"].held > 0
        db.session.remove()
        db.engine().dispose()


def serve(instance: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `forum serve` where it is expected to refuse."""
    return subprocess.run(
        [FORUM, "serve", *options], env=environment(instance), capture_output=True, text=True, timeout=60, check=False
    )


def test_it_prepares_an_empty_database_and_prints_the_setup_link(tmp_path: Path) -> None:
    port = free_port()
    command = [FORUM, "serve", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, env=environment(tmp_path), stderr=subprocess.PIPE, text=True)
    try:
        page = wait_for(process, f"http://127.0.0.1:{port}/static/forum.css")
    finally:
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
    assert b"--paper" in page
    assert f"The site is at http://127.0.0.1:{port}/" in said
    assert f"  http://127.0.0.1:{port}/" in said.partition("works once:")[2]
    assert process.returncode == 0
    assert (tmp_path / config.SECRET_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("round", range(3))
def test_ctrl_c_in_a_terminal_ends_all_of_it_at_once(tmp_path: Path, round: int) -> None:
    """A terminal sends it to every process of the group, not to the first alone."""
    port = free_port()
    command = [FORUM, "serve", "--port", str(port), "--workers", "2"]
    process = subprocess.Popen(command, env=environment(tmp_path), stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(process, f"http://127.0.0.1:{port}/healthz")
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(28) == 0  # a process that waits to be killed takes 30
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(process: subprocess.Popen[str], url: str) -> bytes:
    """Return what the server answers as soon as it does."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bytes(answer.read())
        except OSError:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=0.1)
    raise AssertionError("the server did not start")


def test_it_refuses_a_schema_that_is_behind(tmp_path: Path) -> None:
    with prepared(tmp_path).app_context():
        schema.downgrade("0017")
        db.engine().dispose()
    refused = serve(tmp_path, "--port", str(free_port()))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "forum db upgrade" in refused.stderr


def test_the_demo_is_for_this_machine_only(tmp_path: Path) -> None:
    with prepared(tmp_path).app_context():
        db.lock()
        db.session.get_one(Site, 1).is_demo = True
        db.commit()
        db.engine().dispose()
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        refused = serve(tmp_path, "--host", host, "--port", str(free_port()))
        assert refused.returncode == 1
        assert "demo" in refused.stderr


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    prepared(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = serve(tmp_path, "--port", str(port))
    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr


@pytest.mark.parametrize("options", [["--host", "example.org"], ["--port", "0"], ["--workers", "0"], ["--no-such"]])
def test_wrong_usage_is_told(tmp_path: Path, options: list[str]) -> None:
    assert serve(tmp_path, *options).returncode == 2


def test_a_database_that_is_none_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "forum.sqlite3").mkdir()
    refused = serve(tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ")
    assert refused.stderr.count("\n") == 1


def test_a_malformed_setting_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "forum.toml").write_text("site_nmae = 'x'\n", "utf-8")
    refused = serve(tmp_path)
    assert refused.returncode == 1
    assert "site_nmae" in refused.stderr
    assert refused.stderr.count("\n") == 1
