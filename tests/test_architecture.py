"""The order of the house, where import-linter does not look: foreign keys, addresses, signals, migrations."""

import io
import re
import subprocess
import sys
import tomllib
import weakref
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.dispatch import Signal
from django.urls import get_resolver

from tests.rights import all_rows, url_names

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
# Line by line from the top; activities on one line know nothing of each other.
LADDER = [
    [name.strip(" ()") for name in line.split("|")]
    for line in next(each for each in CONTRACTS if "exhaustive" in each)["layers"]
]
RUNG = {name: number for number, line in enumerate(LADDER) for name in line}
OURS = [config for config in apps.get_app_configs() if config.name.startswith("bagage.")]


def test_layers_hold():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_activity_stands_on_the_ladder():
    assert sorted(config.label for config in OURS if config.label not in RUNG) == []


def test_foreign_keys_point_down_the_ladder():
    wrong = []
    for config in OURS:
        for model in config.get_models(include_auto_created=True):
            for each in model._meta.get_fields():
                if not (
                    isinstance(each, models.ForeignObject | models.ManyToManyField) and each.related_model
                ):
                    continue
                target = each.related_model._meta.app_config
                if not target.name.startswith("bagage."):
                    continue
                if target.label != config.label and RUNG[target.label] <= RUNG[config.label]:
                    wrong.append(f"{config.label}.{model.__name__}.{each.name} points at {target.label}")
    assert wrong == []


def test_no_address_names_a_row_by_its_number():
    wrong = [
        name
        for name, entry in url_names()
        if not name.startswith(("account_", "mfa_", "socialaccount_", "openid_connect_"))
        and re.search(r"\b(pk|id)\b|int:", str(entry.pattern))
    ]
    assert wrong == []


def test_every_activity_names_its_addresses():
    for entry in get_resolver().url_patterns:
        module = getattr(entry, "urlconf_name", None)
        if getattr(module, "__name__", "").startswith("bagage."):
            assert entry.namespace == module.__name__.split(".")[1]


# What opens without signing in. Anything added here is seen by the whole world.
PUBLIC = [
    "api:openapi-json",
    "api:place",
    "api:place_changes",
    "api:places",
    "api:services",
    "api:sessions",
    "hsds:api-root",
    "hsds:openapi-json",
    "hsds:organization",
    "hsds:organizations",
    "hsds:root",
    "hsds:service",
    "hsds:service_at_location",
    "hsds:service_at_locations",
    "hsds:services",
    "hsds:taxonomies",
    "hsds:taxonomy",
    "hsds:taxonomy_term",
    "hsds:taxonomy_terms",
    "directory:embedded",
    "directory:own",
    "directory:place",
    "directory:places",
    "permanences:reception",
    "programs",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_signup",
    "accounts:invitation",
    "accounts:invitation_accept",
    "accounts:no_email_confirmation",
    "accounts:no_email_confirmation_key",
    "accounts:no_identity_sign_up",
    "accounts:no_login_code",
    "accounts:no_sign_up",
    "common:careful",
    "common:favicon",
    "common:gallery",
    "common:help",
    "common:manifest",
    "common:ping",
    "common:rights_notice",
    "common:set_language",
    # The page of a card tells a stranger nothing: the same whatever the code.
    "desk:card_scan",
    "health",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_callback",
    "openid_connect_login",
    "referrals:arrival",
    "referrals:enter",
    "referrals:enter_code",
    "referrals:give_back",
    "referrals:refer_by_link",
    "referrals:signed",
    "referrals:signed_answer",
    "referrals:signed_ask",
    "referrals:signed_calendar",
    "referrals:signed_sent",
    "referrals:signed_slip",
    "referrals:signed_slip_pdf",
    "referrals:signed_withdraw",
    "socialaccount_login_cancelled",
    "socialaccount_signup",
]


def test_public_addresses_are_the_listed_ones():
    public = {name for name, rows in all_rows().items() if any(row.public for row in rows)}
    assert sorted(public) == sorted(PUBLIC)


def test_migrations_are_up_to_date(db):
    said = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said)
    except SystemExit:
        pytest.fail(said.getvalue())


def test_every_activity_with_tables_has_migrations():
    wrong = [
        config.label
        for config in OURS
        if list(config.get_models()) and not list((Path(config.path) / "migrations").glob("0001_*.py"))
    ]
    assert wrong == []


def reactions() -> dict[str, list[str]]:
    """Each event of each activity, with the functions of other activities that answer it."""
    table: dict[str, list[str]] = {}
    for config in OURS:
        module = sys.modules.get(f"{config.name}.events")
        for name, signal in sorted(vars(module).items()) if module else []:
            if isinstance(signal, Signal):
                answers = []
                for _, receiver, *_ in signal.receivers:
                    function = receiver() if isinstance(receiver, weakref.ReferenceType) else receiver
                    if function is None:  # a listener of another test, gone since; Django drops it later
                        continue
                    answers.append(f"{function.__module__.removeprefix('bagage.')}.{function.__name__}")
                table[f"{config.label}.events.{name}"] = sorted(answers)
    return table


def test_events_and_reactions_are_those_of_the_document():
    document = (ROOT / "ARCHITECTURE.md").read_text() if (ROOT / "ARCHITECTURE.md").exists() else ""
    told = {}
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) >= 2 and re.fullmatch(r"`[a-z_]+\.events\.[a-z_]+`", cells[0]):
            told[cells[0].strip("`")] = sorted(re.findall(r"`([a-z_.]+)`", cells[1]))
    found = reactions()
    shown = "\n".join(
        f"| `{event}` | {', '.join(f'`{each}`' for each in answers) or '—'} |"
        for event, answers in found.items()
    )
    assert told == found, f"the table in ARCHITECTURE.md should read:\n{shown}"


def test_events_import_nothing_from_above():
    for config in OURS:
        source = Path(config.path) / "events.py"
        if source.exists():
            assert "reactions" not in source.read_text()


def test_django_model_signals_stay_unused():
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*.py")
        if re.search(r"\b(pre|post)_(save|delete|init)\b|\bm2m_changed\b", path.read_text())
    ]
    assert wrong == []


def test_domain_asks_no_clock():
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").glob("bagage/*/domain/**/*.py")
        if re.search(
            r"\b(datetime\.now|date\.today|datetime\.today|timezone\.now|time\.time)\(", path.read_text()
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["utils", "helpers", "manager", "managers", "misc", "api"])
def test_no_drawer_without_a_name(name):
    assert [str(path.relative_to(ROOT)) for path in (ROOT / "src").rglob(f"{name}.py")] == []


def test_contract_lines_descend():
    order = [RUNG[name] for line in LADDER for name in line]
    assert all(upper <= lower for upper, lower in pairwise(order))
