"""The wheel works outside the checkout: templates, migrations and static files are inside it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VISIT = """
import forum
from forum import create_app
print(forum.__file__)
answer = create_app().test_client().get("/")
print(answer.status_code)
print(answer.text)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as a packager would, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)], ROOT)
    return next(folder.glob("*.whl"))


def run(command: list[str], folder: Path, **environment: str) -> str:
    """Run a command in a folder, without this checkout's settings, and return what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FORUM_", "PYTHON"))}
    done = subprocess.run(
        command, cwd=folder, env={**kept, **environment}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_holds_what_the_program_needs_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"forum/templates/base.html", "forum/static/forum.css", "forum/migrations/env.py"} <= names
    assert "forum/translations/de/LC_MESSAGES/messages.mo" in names
    versions = {path.name for path in (ROOT / "migrations" / "versions").glob("*.py")}
    assert {f"forum/migrations/versions/{name}" for name in versions} <= names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"forum"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_runs_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    packages = next(home.glob("lib/python*/site-packages"))
    # Its dependencies come from this environment, by path: no network, and not the checkout, which is linked
    # here by a .pth file that is read only in a site-packages folder of one's own.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    python = str(home / "bin" / "python")
    run([sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", str(wheel)], tmp_path)
    instance = str(tmp_path / "instance")
    for command in (["db", "upgrade"], ["demo"]):
        run([str(home / "bin" / "forum"), *command], tmp_path, FORUM_INSTANCE=instance)
    where, status, page = run([python, "-c", VISIT], tmp_path, FORUM_INSTANCE=instance).split("\n", 2)
    assert Path(where).is_relative_to(home)
    assert int(status) == 200
    assert 'class="articles' in page
    assert str(ROOT) not in page
