"""Accounts from the shell."""

import re

import pytest
from django.core.management import CommandError, call_command

from bagage.accounts import services
from bagage.accounts.models import User
from tests.accounts.factories import fresh


def test_create_account_prints_a_code_that_opens_it(network, capsys):
    call_command("create_account", "Kadi", "adviser", "--node", "wazemmes")
    printed = capsys.readouterr().out
    code = re.search(r"Code: (.+)", printed)[1]
    assert (
        services.accept_invitation(code, username="kadi", password="des pommes et des poires").first_name
        == "Kadi"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Kadi", "boss"], "ROLE: must be one of"),
        (
            ["Kadi", "adviser", "--node", "Ailleurs"],
            "--node 'Ailleurs': no node has this name. Nodes: Réseau",
        ),
        (["Kadi", "referrer", "--node", "Wazemmes"], "role: "),
        ([" ", "adviser"], "first_name: "),
    ],
)
def test_create_account_refuses_with_the_place_and_the_rule(network, arguments, said):
    with pytest.raises(CommandError) as refusal:
        call_command("create_account", *arguments)
    assert said in str(refusal.value)
    assert (refusal.value.returncode, User.objects.count()) == (2, 4)


def test_reset_password_prints_a_code(network, capsys):
    call_command("reset_password", network.adviser.username.upper())
    code = re.search(r"Code: (.+)", capsys.readouterr().out)[1]
    services.accept_invitation(code, username="helene", password="des pommes et des poires")
    assert fresh(network.adviser).username == "helene"


def test_close_account_closes(network):
    call_command("close_account", network.adviser.username, "--handed-to", network.lille_admin.username)
    assert not fresh(network.adviser).is_active


@pytest.mark.parametrize("command", ["reset_password", "close_account"])
@pytest.mark.parametrize("name", ["personne", "", "x@example.org"])
def test_commands_refuse_who_is_not_there(network, command, name):
    with pytest.raises(CommandError, match="no account has this user name"):
        call_command(command, name)


def test_close_account_refuses_the_last_administrator(network):
    with pytest.raises(CommandError) as refusal:
        call_command("close_account", network.admin.username)
    assert (refusal.value.returncode, fresh(network.admin).is_active) == (2, True)
