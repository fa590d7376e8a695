"""``bagage serve``: the whole installation, from the first start on."""

import http.client
import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from bagage import __version__
from bagage.common import installation, row_security
from bagage.common.management.commands.run_web import add_web_arguments
from bagage.common.supervisor import Child, Supervisor


class Command(BaseCommand):
    help = (
        "Serve Bagage: web server, worker and scheduler together, watched; the first start prepares the home."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_web_arguments(parser)
        parser.add_argument(
            "--without-backup", action="store_true", help="upgrade even when no back-up can be made first"
        )

        parser.add_argument(
            "--demo", action="store_true", help="load the demonstration network into an empty home"
        )

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        check_port(host, port)
        # The children of a server that was killed end within a second: wait for them.
        with installation.held("serve", wait=5) as lock:
            if lock is None:
                raise CommandError(f"The home {settings.BAGAGE_HOME} is served already.", returncode=2)
            self.prepare(without_backup=options["without_backup"], demo=options["demo"])
            local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
            shown = f"http://{f'[{local}]' if ':' in local else local}:{port}"
            os.environ.setdefault("BAGAGE_PUBLIC_URL", shown)
            python = [sys.executable, "-m", "bagage"]
            supervisor = Supervisor(
                [
                    Child(
                        "web",
                        [*python, "run_web", f"--host={host}", f"--port={port}", f"--workers={workers}"],
                    ),
                    Child("worker", [*python, "run_worker"], can_wait=True),
                    Child("scheduler", [*python, "run_scheduler"], can_wait=True),
                ],
                keep_open=[lock],
            )
            code = supervisor.run(
                is_ready=lambda: answers(local, port),
                on_ready=lambda: self.announce(shown),
            )
        if code:
            raise SystemExit(code)

    def prepare(self, *, without_backup: bool, demo: bool) -> None:
        """Database up to date, static files in place."""
        if installation.unapplied_migrations() or installation.data_version() != __version__:
            is_new = installation.is_database_empty()
            if is_new:
                self.stdout.write(f"Preparing the home {settings.BAGAGE_HOME} …")
            asked = {"without_backup": True} if without_backup else {}
            call_command("migrate", verbosity=0, stdout=self.stdout, **asked)
        row_security.settle()
        if demo:
            call_command("load_demo", stdout=self.stdout)
        installation.collect_static_files()
        connections.close_all()

    def announce(self, address: str) -> None:
        self.stdout.write(
            f"Bagage answers at {address}  (home: {Path(settings.BAGAGE_HOME)}; Ctrl-C stops it)"
        )
        self.stdout.flush()


def check_port(host: str, port: int) -> None:
    """CommandError when nobody could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"--host {host} --port {port}: cannot listen there ({error.strerror}); choose another with --port.",
                returncode=2,
            ) from error


def answers(host: str, port: int) -> bool:
    """Whether the web server answers, whatever it says."""
    caller = http.client.HTTPConnection(host, port, timeout=5)
    try:
        caller.request("GET", "/health/", headers={"Host": f"127.0.0.1:{port}"})
        caller.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        caller.close()
    return True
