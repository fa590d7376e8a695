import os
import signal
import subprocess
import sys
import textwrap
import time

from bagage.common.supervisor import LONGEST_WAIT, SUPERVISED_BY, Child, Supervisor, is_alive

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def wait_until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def ended(process: int) -> bool:
    """Gone, or dead and waiting to be collected by whoever adopted it."""
    if not is_alive(process):
        return True
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True).stdout
    return state.strip().startswith("Z") or not state.strip()


def test_fall_waits_longer_each_time_up_to_a_limit():
    child = Child("web", SLEEP)
    child.started = 1000.0
    waits = [child.fell(1001.0) for _ in range(9)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]


def test_fall_after_a_good_while_waits_shortest_again():
    child = Child("web", SLEEP)
    child.started, child.falls = 1000.0, 6
    assert child.fell(1060.0) == 0.5


def test_supervisor_starts_again_what_stops_and_stops_all(monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    flaky = Child("flaky", [sys.executable, "-c", "pass"])
    steady = Child("steady", SLEEP)
    supervisor = Supervisor([flaky, steady])
    code = supervisor.run(is_ready=lambda: flaky.falls >= 2, on_ready=supervisor.stop)
    assert code == 0
    assert steady.process is not None
    assert steady.process.returncode == -signal.SIGTERM


def test_supervisor_starts_what_can_wait_once_the_others_answer(monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    web, worker = Child("web", SLEEP), Child("worker", SLEEP, can_wait=True)
    asked = []

    def is_ready():
        asked.append(worker.process)
        return len(asked) == 3

    supervisor = Supervisor([web, worker])
    monkeypatch.setattr(worker, "start", lambda keep_open: supervisor.stop())
    assert supervisor.run(is_ready=is_ready, on_ready=lambda: None) == 0
    assert asked == [None, None, None]


def test_supervisor_gives_up_when_a_child_never_starts(monkeypatch, caplog):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    broken = Child("broken", [sys.executable, "-c", "raise SystemExit(3)"])
    supervisor = Supervisor([broken])
    code = supervisor.run(is_ready=lambda: False, on_ready=supervisor.stop, give_up_after=2)
    assert code == 1
    assert caplog.messages[-1] == "broken does not start (exit code 3): see its messages above"


def test_child_ends_when_its_supervisor_is_killed(tmp_path):
    notes = tmp_path / "child"
    child = f"""
        import os, time
        from bagage.common.supervisor import end_with_parent
        end_with_parent()
        open({str(notes)!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    """
    supervisor = f"""
        import os, subprocess, sys, time
        os.environ[{SUPERVISED_BY!r}] = str(os.getpid())
        subprocess.Popen([sys.executable, "-c", {textwrap.dedent(child)!r}])
        time.sleep(60)
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(supervisor)])
    try:
        assert wait_until(lambda: notes.exists() and notes.read_text())
    finally:
        parent.kill()
        parent.wait()
    assert wait_until(lambda: ended(int(notes.read_text())))


def test_grandchild_notices_by_the_watch_alone(tmp_path):
    """The web server's workers are children of a child: only the watch tells them."""
    notes = tmp_path / "child"
    child = f"""
        import os, sys, time
        sys.platform = "elsewhere"  # without the help of Linux
        from bagage.common.supervisor import end_with_parent
        end_with_parent()
        open({str(notes)!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    """
    environment = {**os.environ}
    middle = f"""
        import subprocess, sys, time
        subprocess.Popen([sys.executable, "-c", {textwrap.dedent(child)!r}])
        time.sleep(60)
    """
    supervisor = f"""
        import os, subprocess, sys, time
        os.environ[{SUPERVISED_BY!r}] = str(os.getpid())
        middle = subprocess.Popen([sys.executable, "-c", {textwrap.dedent(middle)!r}])
        print(middle.pid, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(supervisor)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    middle_process = int(parent.stdout.readline())
    try:
        assert wait_until(lambda: notes.exists() and notes.read_text())
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    try:
        assert wait_until(lambda: ended(int(notes.read_text())))
    finally:
        os.kill(middle_process, signal.SIGKILL)
