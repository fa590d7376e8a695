"""A throw-away PostgreSQL for the tests and for developers.

    python -m tests.servers start --folder /tmp/bagage-pg --port 55432   # stays up; prints DATABASE_URL
    python -m tests.servers stop --folder /tmp/bagage-pg
    python -m tests.servers with-postgresql -- pytest …                  # up for one command, gone after it

The server listens on 127.0.0.1 only, holds one role and one database called ``bagage``, and does not
flush to disk (``fsync=off``): its data is lost with the machine, and that is meant.
"""

import argparse
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
}


class NoPostgreSQL(Exception):
    """PostgreSQL's programs are not on this machine."""


def programs() -> Path:
    """The folder that holds ``initdb`` and ``pg_ctl``: the newest version installed."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = [
        path.parent
        for pattern in ("usr/lib/postgresql/*", "usr/pgsql-*", "opt/homebrew/opt/postgresql*")
        for path in Path("/").glob(f"{pattern}/bin/initdb")
    ]
    if not found:
        raise NoPostgreSQL("PostgreSQL is not installed: its programs initdb and pg_ctl were not found.")
    return max(
        found, key=lambda folder: int("".join(sign for sign in folder.parent.name if sign.isdigit()) or 0)
    )


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(command: Sequence[str | Path], *, log: Path | None = None) -> None:
    """Run as the user ``postgres`` when root: PostgreSQL refuses to run as root.

    With a ``log``, the output goes there: a server that stays up inherits it, and a pipe would never end.
    """
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    with log.open("w+") if log else tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(part) for part in command],
            cwd="/",
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **({"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}),
        )
        output.seek(0)
        if done.returncode:
            raise SystemExit(f"{command[0]} failed:\n{output.read()}")


def start(folder: Path, port: int) -> str:
    """Make the server's folder if need be, start it, and return its ``DATABASE_URL``."""
    bin_folder = programs()
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o700)
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        _run(
            [
                bin_folder / "initdb",
                "--pgdata",
                data,
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ]
        )
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write("".join(f"{name} = '{value}'\n" for name, value in SETTINGS.items()))
            configuration.write(f"unix_socket_directories = '{folder}'\n")
    _run(
        [
            bin_folder / "pg_ctl",
            "start",
            "--wait",
            "--silent",
            "--pgdata",
            data,
            "--log",
            folder / "server.log",
            "-o",
            f"-p {port}",
        ],
        log=folder / "pg_ctl.log",
    )
    psql = [
        bin_folder / "psql",
        "--host=127.0.0.1",
        f"--port={port}",
        "--username=postgres",
        "--quiet",
        "--no-psqlrc",
    ]
    marker = folder / "ready"
    if not marker.exists():
        _run([*psql, "--command=CREATE ROLE bagage LOGIN CREATEDB PASSWORD 'bagage'"])
        _run([*psql, "--command=CREATE DATABASE bagage OWNER bagage"])
        marker.touch()
    return f"postgres://bagage:bagage@127.0.0.1:{port}/bagage"


def stop(folder: Path) -> None:
    """Stop the server at once; it need not be running."""
    data = folder / "data"
    if (data / "postmaster.pid").exists():
        _run([programs() / "pg_ctl", "stop", "--silent", "--mode=immediate", "--pgdata", data])


@contextmanager
def postgresql() -> Iterator[str]:
    """A server for the length of a ``with`` block; yields its ``DATABASE_URL``."""
    folder = Path(tempfile.mkdtemp(prefix="bagage-pg-"))
    try:
        yield start(folder, free_port())
    finally:
        stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _as_exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    starting = actions.add_parser("start", help="start a server that stays up")
    starting.add_argument("--folder", type=Path, required=True)
    starting.add_argument("--port", type=int, default=55432)
    stopping = actions.add_parser("stop", help="stop it")
    stopping.add_argument("--folder", type=Path, required=True)
    around = actions.add_parser("with-postgresql", help="run one command with DATABASE_URL set")
    around.add_argument("command", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.action == "start":
            print(start(chosen.folder.resolve(), chosen.port))
        elif chosen.action == "stop":
            stop(chosen.folder.resolve())
        else:
            command = chosen.command[1:] if chosen.command[:1] == ["--"] else chosen.command
            if not command:
                parser.error("with-postgresql: give the command to run after --")
            signal.signal(signal.SIGTERM, _as_exit)
            with postgresql() as url:
                return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}).returncode
    except NoPostgreSQL as error:
        print(error, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
