"""The wheel alone, in a bare environment: installed by pip, served by one command, on a new home."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from packaging.requirements import Requirement

from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("install"),
    # Its home is on SQLite either way: once is enough.
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="run with the tests on SQLite"),
]
# Nothing of this environment may help the bare one.
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("BAGAGE_", "DJANGO_", "PYTEST_", "OIDC_", "COV_"))
    and name not in {"DATABASE_URL", "SECRET_KEY", "PYTHONPATH", "VIRTUAL_ENV"}
}


def run(*command, **options):
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=CLEAN,
        **options,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def package_files() -> set[str]:
    """What the package needs to run: all of it but caches and the sources of the catalogues."""
    source = ROOT / "src"
    return {
        str(path.relative_to(source))
        for path in (source / "bagage").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy, so that nothing is left in the tree, and nothing left there is taken."""
    copy = tmp_path_factory.mktemp("source")
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, copy / name)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", copy / "dist", copy)
    [built] = (copy / "dist").glob("*.whl")
    return built


def put_locked_requirements(site: Path) -> None:
    """Into a bare environment, all that ``requirements.txt`` names and this environment holds by it, and nothing else.

    ``make setup`` installed the same files by their hashes: fetching and compiling them once more would tell nothing.
    """
    for line in re.findall(r"^\w.*==.*$", (ROOT / "requirements.txt").read_text(), re.MULTILINE):
        asked = Requirement(line.rstrip(" \\"))
        if asked.marker is not None and not asked.marker.evaluate():
            continue
        held = metadata.distribution(asked.name)
        assert held.version in asked.specifier
        for file in held.files or ():
            if ".." not in file.parts:
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), site / file)


@pytest.fixture(scope="module")
def command(wheel, tmp_path_factory) -> Path:
    """``bagage`` in an environment that holds the locked requirements and the wheel, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder)
    [site] = (folder / "lib").glob("python3*/site-packages")
    put_locked_requirements(site)
    pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "--quiet", "install", "--no-deps", "--no-compile", wheel)
    run(*pip, "check")
    return folder / "bin" / "bagage"


def test_wheel_holds_every_file_of_the_package(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("bagage/")}
    assert sorted(package_files() - held) == []
    assert sorted(held - package_files()) == []


def test_wheel_holds_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert tops == {"bagage", wheel.name.partition("-py3")[0] + ".dist-info"}


@dataclass
class Answer:
    status: int
    body: str
    location: str


def ask(port: int, path: str) -> Answer:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        caller.request("GET", path)
        response = caller.getresponse()
        return Answer(
            response.status,
            response.read().decode("utf-8", "replace"),
            response.headers.get("Location") or "",
        )
    finally:
        caller.close()


def health(port: int) -> int:
    try:
        return ask(port, "/health/").status
    except (OSError, http.client.HTTPException):
        return 0


def wait_until(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def family(process: int) -> list[int]:
    """The processes below one, however deep."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    below: dict[int, list[int]] = {}
    for line in listed.splitlines():
        child, parent, state = line.split()
        if not state.startswith("Z"):
            below.setdefault(int(parent), []).append(int(child))
    found, front = [], [process]
    while front:
        front = [child for parent in front for child in below.get(parent, [])]
        found += front
    return found


def is_running(process: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


class Served:
    """``bagage serve`` on a home, its words in a file."""

    def __init__(self, command: Path, home: Path) -> None:
        self.port = free_port()
        self.log = home.with_suffix(".log")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [command, "serve", "--port", str(self.port)],
                env={**CLEAN, "BAGAGE_HOME": str(home)},
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=home.parent,
            )

    def wait(self) -> float:
        """Seconds until all works."""
        started = time.monotonic()
        assert wait_until(lambda: health(self.port) == 200, 60), (
            self.log.read_text() + ask(self.port, "/health/").body
        )
        return time.monotonic() - started

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture(scope="module")
def migrated(command, tmp_path_factory) -> Path:
    """A home that was begun: only a first start has to make one."""
    folder = tmp_path_factory.mktemp("migrated") / "home"
    run("env", f"BAGAGE_HOME={folder}", command, "migrate")
    return folder


@pytest.fixture
def begun(home, migrated) -> None:
    """The home of the test is one that was begun."""
    shutil.copytree(migrated, home)


@pytest.fixture
def served(command, home):
    started: list[Served] = []

    def start() -> Served:
        started.append(Served(command, home))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def test_first_start_opens_the_guided_set_up(served):
    server = served()
    server.wait()
    path, answer = "/", ask(server.port, "/")
    for _ in range(4):
        if not answer.location:
            break
        path = urlsplit(urljoin(path, answer.location)).path
        answer = ask(server.port, path)
    assert (answer.status, answer.location) == (200, "")
    assert "<form" in answer.body
    styles = re.findall(r'<link[^>]+href="(/static/[^"]+\.css)"', answer.body)
    assert styles
    assert [ask(server.port, style).status for style in styles] == [200] * len(styles)


def test_asked_to_stop_it_stops_all_and_says_so_by_its_code(begun, served):
    server = served()
    server.wait()
    below = family(server.process.pid)
    assert len(below) >= 4  # web server, one worker of it or more, outbox worker, scheduler
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0, server.log.read_text()
    assert [process for process in below if is_running(process)] == []


def test_killed_it_leaves_no_process_and_starts_again(begun, served):
    server = served()
    server.wait()
    below = family(server.process.pid)
    server.process.kill()
    server.process.wait()
    assert wait_until(lambda: not any(is_running(process) for process in below), 5), server.log.read_text()
    # How soon is for the bench to say: this machine may be busy with other tests.
    served().wait()


def test_what_falls_is_started_again(begun, served):
    server = served()
    server.wait()
    before = family(server.process.pid)
    for process in before:
        os.kill(process, signal.SIGKILL)
    assert wait_until(lambda: len(set(family(server.process.pid)) - set(before)) >= len(before), 15)
    server.wait()


def test_second_server_of_a_home_is_refused(begun, served, command, home):
    served().wait()
    done = subprocess.run(
        [command, "serve", "--port", str(free_port())],
        env={**CLEAN, "BAGAGE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (2, f"bagage serve: The home {home} is served already.\n")
