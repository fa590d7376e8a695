"""``bagage``: what it refuses, and how it says so."""

import subprocess
import sys

import pytest

from bagage import __version__


def bagage(*arguments, home, **environment):
    """Run the command as a user does; return (exit code, output, errors)."""
    done = subprocess.run(
        [sys.executable, "-m", "bagage", *arguments],
        env={
            "PATH": "/usr/bin:/bin",
            "BAGAGE_HOME": str(home),
            "PYTHONPATH": ":".join(sys.path),
            **environment,
        },
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def test_version_is_told_without_making_a_home(tmp_path):
    home = tmp_path / "home"
    assert bagage("--version", home=home) == (0, f"{__version__}\n", "")
    assert not home.exists()


def test_overview_lists_the_commands(tmp_path):
    code, said, _ = bagage("--help", home=tmp_path)
    assert code == 0
    listed = {
        line.split()[0]
        for line in said.partition("Commands of Bagage:")[2].splitlines()
        if line.startswith("  ")
    }
    assert {
        "serve",
        "migrate",
        "backup",
        "restore",
        "run_web",
        "run_worker",
        "run_scheduler",
        "load_demo",
    } <= listed


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (["serve", "--port", "0"], "argument --port: must be a whole number from 1 to 65535, not '0'"),
        (["serve", "--port", "80a"], "argument --port: must be a whole number from 1 to 65535, not '80a'"),
        (["serve", "--workers", "65"], "argument --workers: must be a whole number from 1 to 64, not '65'"),
        (["serve", "--host", "no such host"], "argument --host: must be an address of this machine"),
        (["serve", "--color"], "unrecognized arguments: --color"),
        (["restore"], "the following arguments are required: FILE"),
        (["restore", "/nowhere/file.sqlite3"], "FILE: /nowhere/file.sqlite3 does not exist."),
        (["run_job", "nothing"], "argument NAME: invalid choice: 'nothing'"),
        (["fly"], "bagage fly: there is no such command; bagage --help shows all."),
    ],
)
def test_refused_input_names_the_option_and_the_rule(tmp_path, arguments, rule):
    code, _, said = bagage(*arguments, home=tmp_path)
    assert code == 2
    assert rule in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        ("BAGAGE_IDLE_MINUTES", "soon", "must be a whole number from 1 to 720, not 'soon'"),
        ("BAGAGE_BEHIND_PROXY", "perhaps", "must be 1 or 0, not 'perhaps'"),
        ("BAGAGE_PROXIES", "-1", "must be a whole number from 0 to 9, not '-1'"),
        (
            "BAGAGE_PUBLIC_URL",
            "bagage.example.org",
            "must look like https://bagage.example.org, not 'bagage.example.org'",
        ),
        (
            "BAGAGE_TIME_ZONE",
            "Europe/Atlantis",
            "must be a time zone such as Europe/Paris, not 'Europe/Atlantis'",
        ),
        ("BAGAGE_LOG", "loud", "must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not 'LOUD'"),
        ("DATABASE_URL", "mysql://root:secret@localhost/x", "must look like postgres://"),
        ("DATABASE_URL", "secret", "must look like postgres://"),
    ],
)
def test_refused_setting_names_the_variable_and_the_rule(tmp_path, variable, value, rule):
    code, _, said = bagage("check", home=tmp_path, **{variable: value})
    assert code == 2
    assert said.startswith(f"bagage: {variable} ")
    assert rule in said
    assert "secret@" not in said


def test_home_that_cannot_be_made_is_told(tmp_path):
    taken = tmp_path / "file"
    taken.write_text("")
    code, _, said = bagage("check", home=taken)
    assert code == 2
    assert said == f"bagage: BAGAGE_HOME: {taken} is not a folder that can be written\n"
