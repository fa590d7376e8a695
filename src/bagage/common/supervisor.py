"""Keeps the processes of one installation running together: web server, worker, scheduler.

The supervisor starts them, starts again what stops, waiting longer each time, and stops all when it is asked to.
Should it be killed without a chance to do so, each child notices that it lost its parent and ends by itself.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

logger = logging.getLogger(__name__)

# Set by the supervisor for its children: its process id.
SUPERVISED_BY = "BAGAGE_SUPERVISED_BY"

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
# A child that lived this long, in seconds, was well: its next fall waits the shortest time again.
WELL_AFTER = 60.0
# Seconds after which a child that can wait no longer does.
HEAD_START = 10.0
# Seconds that a child gets to end its work when asked to stop.
GRACE = 15.0


def end_with_parent() -> None:
    """Make this process end when the supervisor is gone; does nothing when it has none."""
    supervisor = int(os.environ.get(SUPERVISED_BY) or 0)
    if not supervisor:
        return
    parent = os.getppid()
    if sys.platform == "linux":
        # Immediate, but only for a direct child; the watch below is for the others and for other systems.
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG

    def watch() -> None:
        while os.getppid() == parent and is_alive(supervisor):
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def is_alive(process: int) -> bool:
    """Whether a process of this id exists."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@dataclass
class Child:
    """One process to keep running, and how it fared.

    ``can_wait``: it starts once the others answer (or after :data:`HEAD_START`), so that they do so sooner.
    """

    name: str
    command: Sequence[str]
    can_wait: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    next_start: float = 0.0

    def start(self, keep_open: Sequence[int]) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            env={**os.environ, SUPERVISED_BY: str(os.getpid())},
            pass_fds=tuple(keep_open),
            # A group of its own: Ctrl-C reaches the supervisor alone, which then stops all in order.
            process_group=0,
        )

    def fell(self, now: float) -> float:
        """Note that it ended by itself; return the seconds to wait before it is started again."""
        self.process = None
        self.falls = 1 if now - self.started >= WELL_AFTER else self.falls + 1
        wait = min(LONGEST_WAIT, FIRST_WAIT * float(2 ** (self.falls - 1)))
        self.next_start = now + wait
        return wait


class Supervisor:
    """Runs children until asked to stop."""

    def __init__(self, children: Sequence[Child], *, keep_open: Sequence[int] = ()) -> None:
        self.children = list(children)
        self.keep_open = keep_open
        self.stopping = threading.Event()

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        self.stopping.set()

    def run(
        self, *, is_ready: Callable[[], bool], on_ready: Callable[[], None], give_up_after: int = 5
    ) -> int:
        """Keep all running; return the exit code.

        ``on_ready`` is called once, when ``is_ready`` first answers yes. When a child falls ``give_up_after`` times
        before that moment, something is wrong with the installation: all is stopped and the code is 1.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        ready = False
        began = time.monotonic()
        try:
            while not self.stopping.is_set():
                now = time.monotonic()
                for child in self.children:
                    if child.process is None and now >= child.next_start:
                        if ready or not child.can_wait or now - began >= HEAD_START:
                            child.start(self.keep_open)
                    elif child.process is not None and child.process.poll() is not None:
                        code = child.process.returncode
                        wait = child.fell(now)
                        if not ready and child.falls >= give_up_after:
                            logger.error(
                                "%s does not start (exit code %s): see its messages above", child.name, code
                            )
                            return 1
                        logger.warning(
                            "%s stopped (exit code %s), starts again in %.1f s", child.name, code, wait
                        )
                if not ready and is_ready():
                    ready = True
                    on_ready()
                self.stopping.wait(0.1 if not ready else 0.5)
        finally:
            self.stop_children()
        return 0

    def stop_children(self) -> None:
        """Ask every child to stop, wait for it, and end by force what does not."""
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
