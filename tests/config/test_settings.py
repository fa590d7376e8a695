"""The settings as a process reads them, each in a process of its own."""

import json
import re
import subprocess
import sys
from pathlib import Path

from bagage.config.home import secret_key

ROOT = Path(__file__).resolve().parent.parent.parent
ASK = (
    "import json; from bagage.config import settings as s; "
    "print(json.dumps([getattr(s, n) for n in {names!r}], default=str))"
)


def settings_of(home, *names, **environment):
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(names=names)],
        env={
            "PATH": "/usr/bin:/bin",
            "BAGAGE_HOME": str(home),
            "PYTHONPATH": ":".join(sys.path),
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_home_is_for_its_owner_alone(tmp_path):
    home = tmp_path / "home"
    settings_of(home, "DEBUG")
    assert oct(home.stat().st_mode & 0o777) == "0o700"
    assert oct((home / "secret_key").stat().st_mode & 0o777) == "0o600"


def test_secret_key_is_made_once(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY")
    first = secret_key(tmp_path)
    assert len(first) >= 50
    assert secret_key(tmp_path) == first


def test_secret_key_of_a_stopped_first_start_is_made_again(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY")
    (tmp_path / "secret_key").touch()
    assert len(secret_key(tmp_path)) >= 50


def test_sqlite_waits_its_turn_and_survives_a_power_cut(tmp_path):
    [databases] = settings_of(tmp_path, "DATABASES")
    options = databases["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    pragmas = {part.strip() for part in options["init_command"].split(";")}
    assert {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"} <= pragmas


def test_postgresql_keeps_a_pool(tmp_path):
    url = "postgres://bagage:secret@db.example.org:5432/bagage"
    [databases] = settings_of(tmp_path, "DATABASES", DATABASE_URL=url, BAGAGE_POOL="3")
    assert databases["default"]["OPTIONS"]["pool"] == {"min_size": 1, "max_size": 3, "timeout": 20}
    assert databases["default"]["CONN_MAX_AGE"] == 0


def test_postgresql_keeps_the_plans_of_questions(tmp_path):
    url = "postgres://bagage:secret@db.example.org:5432/bagage"
    databases, kept = settings_of(tmp_path, "DATABASES", "KEPT_PLANS", DATABASE_URL=url)
    options = databases["default"]["OPTIONS"]
    assert (kept, options["server_side_binding"], options["prepare_threshold"]) == (500, True, 2)


def test_postgresql_behind_a_pooler_keeps_no_plan(tmp_path):
    url = "postgres://bagage:secret@db.example.org:5432/bagage"
    databases, kept = settings_of(
        tmp_path, "DATABASES", "KEPT_PLANS", DATABASE_URL=url, BAGAGE_KEPT_PLANS="0"
    )
    options = databases["default"]["OPTIONS"]
    assert (kept, "server_side_binding" in options, "prepare_threshold" in options) == (0, False, False)


def test_https_address_makes_cookies_secure(tmp_path):
    told = settings_of(
        tmp_path,
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS",
        BAGAGE_PUBLIC_URL="https://bagage.example.org:8443/",
    )
    assert told == [
        True,
        True,
        ["bagage.example.org", "127.0.0.1", "localhost", "[::1]"],
        ["https://bagage.example.org:8443"],
    ]


def test_forwarded_headers_are_not_believed_without_a_proxy(tmp_path):
    assert settings_of(
        tmp_path, "ALLAUTH_TRUSTED_PROXY_COUNT", "USE_X_FORWARDED_HOST", BAGAGE_BEHIND_PROXY="1"
    ) == [1, True]
    assert settings_of(tmp_path, "ALLAUTH_TRUSTED_PROXY_COUNT") == [0]


def test_every_variable_is_in_the_guide():
    """Those of the code and those that the user guide explains are the same."""
    asked = {
        name
        for path in (ROOT / "src" / "bagage").rglob("*.py")
        for name in re.findall(r'"((?:BAGAGE|OIDC)_[A-Z_]+|DATABASE_URL|SECRET_KEY)"', path.read_text())
    }
    told = {
        name
        for path in (ROOT / "docs" / "guide").glob("*.md")
        for name in re.findall(r"`((?:BAGAGE|OIDC)_[A-Z_]+|DATABASE_URL|SECRET_KEY)`", path.read_text())
    }
    # Between our own processes.
    assert sorted(asked ^ told) == ["BAGAGE_SUPERVISED_BY"]


def test_source_url_is_an_address_of_the_web_or_nothing(tmp_path):
    assert settings_of(tmp_path, "SOURCE_URL") == [""]
    address = "https://code.example.org/bagage?branch=ours"
    assert settings_of(tmp_path, "SOURCE_URL", BAGAGE_SOURCE_URL=address) == [address]
    done = subprocess.run(
        [sys.executable, "-m", "bagage", "check"],
        env={
            "PATH": "/usr/bin:/bin",
            "BAGAGE_HOME": str(tmp_path),
            "PYTHONPATH": ":".join(sys.path),
            "BAGAGE_SOURCE_URL": "javascript:alert(1)",
        },
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr.strip()) == (
        2,
        "bagage: BAGAGE_SOURCE_URL must look like https://code.example.org/bagage, not 'javascript:alert(1)'",
    )
