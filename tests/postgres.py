"""A PostgreSQL server for one test run, on a Unix socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path
from types import TracebackType

import psycopg

BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"), key=lambda path: path.parent.name)
# A crash loses a test's database, which nobody will miss; jit costs more than it saves on small queries.
# Nor would any test's database live long enough to be vacuumed.
OPTIONS = (
    "-c autovacuum=off -c fsync=off -c listen_addresses='' -c jit=off -c max_connections=120 -c shared_buffers=64MB"
)


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


class Reused:
    """One database for many tests, emptied after each, because making one takes longer.

    Where a test changed its tables, or left it so that it cannot be emptied, the next test gets a new one.
    """

    def __init__(self, cluster: Cluster, template: str) -> None:
        self._cluster, self._template = cluster, template
        self._name = ""
        self._outside = psycopg.connect(cluster.url("postgres"), autocommit=True)

    def take(self) -> str:
        """Return the address of a database as the template is."""
        if not self._name:
            self._name = f"test_{uuid.uuid4().hex[:12]}"
            self._cluster.create(self._name, self._template)
            options = f"-c client_min_messages=warning -c application_name={OWN}"
            self._inside = psycopg.connect(self._cluster.url(self._name), autocommit=True, options=options)
            self._inside.execute(REMEMBER)
            self._inside.execute("SET session_replication_role = replica")  # no trigger, no check of references
        return self._cluster.url(self._name)

    def give_back(self) -> None:
        """End whatever is still connected, and empty the database.

        The connection that empties it stays: a new one would learn the tables anew, which takes as long again.
        """
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
        self._outside.execute(ended, [self._name, self._inside.info.backend_pid])
        try:
            self._inside.execute(EMPTY, prepare=False)
        except (psycopg.errors.RaiseException, psycopg.OperationalError):
            self._drop()

    def close(self) -> None:
        """Drop the database and close the connections."""
        if self._name:
            self._drop()
        self._outside.close()

    def _drop(self) -> None:
        self._inside.close()
        self._outside.execute(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
        self._name = ""


OWN = "emptying"  # the name of the connection that is none of a test's
# The rows and numbers that the template has, in a schema that the program does not look at; and a note of every change
# of the tables.
REMEMBER = """
CREATE SCHEMA pristine;
CREATE TABLE pristine.changed (at timestamptz);
CREATE TABLE pristine.numbers AS
    SELECT format('%I.%I', schemaname, sequencename) AS name, start_value, last_value FROM pg_sequences
    WHERE schemaname = 'public';
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
    LOOP EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', 'of_' || name, name); END LOOP;
END $$;
CREATE FUNCTION pristine.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name = 'public') THEN
        INSERT INTO pristine.changed VALUES (now()); END IF;
END $$;
CREATE FUNCTION pristine.note_drop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects() WHERE schema_name = 'public') THEN
        INSERT INTO pristine.changed VALUES (now()); END IF;
END $$;
CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION pristine.note();
CREATE EVENT TRIGGER note_drop ON sql_drop EXECUTE FUNCTION pristine.note_drop();
"""
LARGE = (
    1 << 16
)  # bytes: a table that is larger is truncated, with all others, for its dead rows would slow the next test
EMPTY = f"""
DO $$ DECLARE names text[]; name text; BEGIN
    IF EXISTS (SELECT FROM pristine.changed) THEN RAISE EXCEPTION 'a test changed the tables'; END IF;
    SELECT array_agg(relname) INTO names FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0;
    IF EXISTS (SELECT FROM pg_class WHERE relname = ANY (names) AND pg_relation_size(oid) > {LARGE}) THEN
        EXECUTE 'TRUNCATE ' || (SELECT string_agg(quote_ident(relname), ', ') FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r');
    ELSE
        FOREACH name IN ARRAY names LOOP EXECUTE format('DELETE FROM public.%I', name); END LOOP;
    END IF;
    FOR name IN SELECT relname FROM pg_class
        WHERE relnamespace = 'pristine'::regnamespace AND relname LIKE 'of\\_%'
    LOOP
        EXECUTE format('INSERT INTO public.%I SELECT * FROM pristine.%I', substr(name, 4), name);
    END LOOP;
    PERFORM setval(numbers.name::regclass, coalesce(numbers.last_value, numbers.start_value),
        numbers.last_value IS NOT NULL)
        FROM pristine.numbers JOIN pg_sequences ON format('%I.%I', schemaname, sequencename) = numbers.name
        WHERE pg_sequences.last_value IS DISTINCT FROM numbers.last_value;
END $$
"""
