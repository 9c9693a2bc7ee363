"""Compare servers on the same application: `make bench-servers`.

gunicorn, uWSGI and bjoern are installed into an environment of their own in a temporary folder; they are no
dependencies of the forum's. uWSGI and bjoern are compiled there, the latter with Debian's libev-dev. Each server is
given the same site, one after the other. SERVERS=bjoern measures those with that in their name, and only prints.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import load, memory, pages, posting, report, running, site, slow
from bench.load import QUICK, Asked, Load
from bench.measure import tell
from bench.running import Running
from bench.site import Planted

PACKAGES = ("gunicorn>=27,<28", "uWSGI>=2.0.31,<3", "bjoern>=3.2,<4")
APP = "bench.serving:create_app()"
BJOERN = """
import os, sys, bjoern
from bench.serving import create_app
bjoern.listen(create_app(), "127.0.0.1", int(sys.argv[1]))
os.fork()
bjoern.run()
"""
ROUNDS, SECONDS = (1, 1) if QUICK else (3, 2)


@dataclass(frozen=True)
class Candidate:
    """One server with one setting; `options` are granian's, `command` another server's with PORT in it."""

    name: str
    options: dict[str, object] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    patience: bool = False  # whether to wait what becomes of bodies that do not end


CANDIDATES = (
    Candidate("granian as `forum serve` starts it", patience=True),
    *(
        Candidate(f"granian, {workers} × {threads}", {"workers": workers, "blocking_threads": threads})
        for workers, threads in ((1, 4), (2, 1), (2, 2), (2, 8), (2, 16), (2, 64))
    ),
    Candidate("the same, HTTP/1 only", {"http": "1"}),
    Candidate("the same, runtime mt", {"runtime_mode": "mt"}),
    Candidate("the same, runtime st", {"runtime_mode": "st"}),
    Candidate("the same, 2 runtime threads", {"runtime_threads": 2}),
    Candidate(
        "gunicorn gthread, 2 × 4",
        command=("gunicorn", "-k", "gthread", "-w", "2", "--threads", "4", "-b", "127.0.0.1:PORT", APP),
        patience=True,
    ),
    Candidate(
        "uWSGI, 2 × 4",
        command=(
            *("uwsgi", "--http11-socket", "127.0.0.1:PORT", "--master", "--processes", "2", "--threads", "4"),
            *("--lazy-apps", "--die-on-term", "--disable-logging", "--need-app", "--module", APP),
        ),
        patience=True,
    ),
    Candidate("bjoern, 2 processes", command=("python", "-c", BJOERN, "PORT"), patience=True),
)


def main() -> None:
    """Measure each, and put the table into the report."""
    chosen = [item for item in CANDIDATES if os.environ.get("SERVERS", "") in item.name]
    with tempfile.TemporaryDirectory(prefix="forum-bench-") as name:
        folder = Path(name)
        (folder / "site").mkdir()
        planted = site.plant(folder / "site", f"sqlite:///{folder}/site/forum.sqlite3", [1000], chain=0)
        programs = _install(folder / "servers") if any(item.command for item in chosen) else folder
        rows = []
        for candidate in chosen:
            tell(candidate.name)
            if candidate.command and not (programs / candidate.command[0]).exists():
                continue
            with _started(candidate, planted, programs) as server:
                rows.append(_row(candidate, planted, server, folder))
                tell(" | ".join(rows[-1]))
    heads = ["", "visitor /s", "p99 ms", "signed in /s", "p99 ms", "posts/s", "p99 ms", "reads/s beside 8 slow bodies"]
    made = report.table([*heads, "p99 ms", "memory MB", "a body that stops", "that never ends"], rows)
    if chosen == list(CANDIDATES):
        report.REPORT.write_text(report.fill(report.REPORT.read_text("utf-8"), "servers", made), "utf-8")
    print(made)


def _row(candidate: Candidate, planted: Planted, server: Running, folder: Path) -> list[str]:
    page = server.url("/articles/tree-1000")
    visitor = Asked(page, (pages.PACKED,))
    member = Asked(page, (pages.PACKED, f"Cookie: session={planted.cookies[1]}"))
    read = load.rounds({"visitor": visitor, "member": member}, rounds=ROUNDS, seconds=SECONDS)
    posts = posting.rounds(planted, server, ["tree-1000"], folder, rounds=ROUNDS, seconds=SECONDS)["tree-1000"]
    if posts.refused or posts.lost:
        raise SystemExit(f"{candidate.name}: {posts.refused} posts refused, {posts.lost} lost\n{posts.load.told}")
    held = memory.held(server.pid, planted.settings.instance)
    beside = slow.reads_meanwhile(planted, server, visitor, seconds=SECONDS)
    patience = slow.patience(planted, server) if candidate.patience and not QUICK else ("", "")
    figures = (read["visitor"], read["member"], posts.load, beside)
    return [candidate.name, *(cell for load in figures for cell in _cells(load)), report.figure(held), *patience]


def _cells(found: Load) -> tuple[str, str]:
    return report.figure(found.rate), report.figure(found.p99) if found.rate else ""


@contextmanager
def _started(candidate: Candidate, planted: Planted, programs: Path) -> Iterator[Running]:
    if not candidate.command:
        with running.changed(planted, granian=json.dumps(candidate.options)) as server:
            yield server
        return
    port = running.free_port()
    program, *rest = (part.replace("PORT", str(port)) for part in candidate.command)
    ours = [str(report.ROOT), *(entry for entry in sys.path if entry.endswith("-packages"))]
    environ = planted.environ | {"PYTHONPATH": os.pathsep.join(ours)}
    with running.server([str(programs / program), *rest], port, environ, "/articles/tree-1000") as server:
        yield server


def _install(folder: Path) -> Path:
    """Install the servers, each for itself: one that does not build is left out. Return where the programs are.

    Without pip's cache: what was compiled there for another Python of the same version would not run with this one.
    """
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    for package in PACKAGES:
        command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-cache-dir", package]
        if subprocess.run(command, check=False).returncode:
            tell(f"{package} cannot be installed here and is left out")
    return folder / "bin"


if __name__ == "__main__":
    main()
