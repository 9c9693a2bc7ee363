"""A PostgreSQL server for one test run, on a Unix socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import psycopg

BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"), key=lambda path: path.parent.name)
# A crash loses a test's database, which nobody will miss; jit costs more than it saves on small queries.
OPTIONS = "-c fsync=off -c listen_addresses='' -c jit=off -c max_connections=120 -c shared_buffers=64MB"


class Cluster:
    """Start the server on entering, stop it and delete its files on leaving."""

    def __init__(self, options: str = OPTIONS) -> None:
        self.options = options

    def __enter__(self) -> Cluster:
        self.folder = Path(tempfile.mkdtemp(prefix="forum-pg-"))
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self.folder, "postgres")
        self._run(
            "initdb", "-D", f"{self.folder}/data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres"
        )
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = f"-k {self.folder} {self.options}"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-o", options, "start")

    def stop(self) -> None:
        """Stop it as a crash would."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")

    def url(self, name: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template0") -> None:
        """Make a database, empty or as a copy."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(BIN / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=60)
