"""A real PostgreSQL of the tests' own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import psycopg


class Cluster:
    """PostgreSQL in a folder of its own, reached through a socket there and nowhere else."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder, self._made = programs, folder, 0
        # It refuses to run as root, so root runs it as the user that the package has made.
        self._user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self._user:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        self._run("initdb", "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")

    def _run(self, program: str, *arguments: str) -> None:
        # Its server keeps what it was given for output, so that is a file: with a pipe we would wait for the server's end.
        with (self._folder / f"{program}.txt").open("wb") as output:
            command = [str(self._programs / program), f"--pgdata={self._folder / 'data'}", *arguments]
            run = subprocess.run(command, stdout=output, stderr=output, cwd=self._folder, timeout=60, check=False, **self._user)
        assert run.returncode == 0, (self._folder / f"{program}.txt").read_text(encoding="utf-8")

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' -c fsync=off"
        self._run("pg_ctl", "start", "--wait", "--options", options)

    def stop(self) -> None:
        """Stop it at once, whoever is connected."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def new_database(self) -> str:
        """The address of a new and empty database."""
        self._made += 1
        with psycopg.connect(host=str(self._folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE counts_{self._made}".encode())
        return f"postgresql+psycopg://postgres@/counts_{self._made}?host={self._folder}"


def postgresql_programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, the newest where there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    elsewhere = shutil.which("initdb")
    return found[-1].parent if found else Path(elsewhere).resolve().parent if elsewhere else None
