"""What the figures were taken on: machine, versions, date."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import load
from tests.postgres import BIN

PACKAGES = ("flask", "sqlalchemy", "granian", "bleach", "jinja2", "psycopg")


def about() -> dict[str, str]:
    """Return what to say of this run, in order."""
    memory = int(_first(r"MemTotal:\s+(\d+)", "/proc/meminfo")) / 1e6
    processor = _first(r"model name\s*:\s*(.+)", "/proc/cpuinfo")
    system = _first(r'PRETTY_NAME="?([^"\n]+)', "/etc/os-release")
    return {
        "Date": datetime.now(UTC).date().isoformat(),
        "Machine": f"{os.cpu_count()} cores of {processor}, {memory:.0f} GB memory",
        "System": f"{system}, Linux {platform.release().split('-')[0]}",
        "Python": f"{platform.python_version()}; " + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "Databases": f"SQLite {sqlite3.sqlite_version}, PostgreSQL {_told(str(BIN / 'postgres'), '--version')}",
        "Load": f"wrk {_told('wrk', '-v')} with {load.CLIENTS} connections on the same cores; "
        f"median of {load.ROUNDS} rounds of {load.SECONDS} s"
        f"{' -- a quick run: whether it works, not how fast it is' if load.QUICK else ''}",
        "Ceiling": f"nginx {_told(shutil.which('nginx') or '/usr/sbin/nginx', '-v')}, gzip_static, 2 workers",
    }


def _first(pattern: str, path: str) -> str:
    found = re.search(pattern, Path(path).read_text("utf-8"))
    return found[1].strip() if found else "unknown"


def _told(program: str, question: str) -> str:
    """Return the version a program tells of itself."""
    said = subprocess.run([program, question], capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+(\.\d+)?", said.stdout + said.stderr)
    return found[0] if found else "unknown"
