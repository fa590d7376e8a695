"""``bagage run_web``: the web server alone, started by ``bagage serve``. Only its workers load the models."""

import argparse
import ipaddress
import os
import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

# Requests that one worker process answers at the same time; while one waits for the database, another goes on.
THREADS = 4


def whole_number(lowest: int, highest: int) -> Any:
    """A check for argparse: a whole number within bounds."""

    def check(text: str) -> int:
        if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {lowest} to {highest}, not {text!r}"
            )
        return int(text)

    return check


def address(text: str) -> str:
    """A check for argparse: an address or a name of this machine to listen on."""
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        pass
    try:
        return str(socket.getaddrinfo(text, None, type=socket.SOCK_STREAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        raise argparse.ArgumentTypeError(
            f"must be an address of this machine, such as 127.0.0.1, not {text!r}"
        ) from error


def add_web_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--host", type=address, default="127.0.0.1", help="address to listen on (127.0.0.1; 0.0.0.0: all)"
    )
    parser.add_argument("--port", type=whole_number(1, 65535), default=8000, help="port to listen on (8000)")
    parser.add_argument(
        "--workers",
        type=whole_number(1, 64),
        default=max(1, min(8, os.cpu_count() or 1)),
        help="web server processes (one a core, at most 8)",
    )


class Command(BaseCommand):
    help = "Run the web server alone (bagage serve runs it with the worker and the scheduler)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_web_arguments(parser)

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        Granian(
            "bagage.config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=workers,
            blocking_threads=THREADS,
            # A thread that ends closes its database connection: keep both for a quiet hour.
            blocking_threads_idle_timeout=600,
            respawn_failed_workers=True,
            respawn_interval=1.0,
            workers_kill_timeout=10,
            log_level=LogLevels.warning,
        ).serve()
