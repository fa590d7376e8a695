"""Rules that need no database."""

from datetime import datetime, timedelta

import pytest

from bagage.accounts.domain.grants import CHILDREN, fits, roles_of_kind
from bagage.accounts.domain.invitations import InvitationState, secret_hash, state_of
from bagage.accounts.domain.roles import ABILITIES, Role
from bagage.accounts.domain.usernames import clean_username, propose_username

NOW = datetime(2026, 11, 26, 10)


@pytest.mark.parametrize("kind", CHILDREN)
def test_roles_of_kind_referrers_work_outside_and_nobody_else_does(kind):
    outside = kind in {"referring", "partner"}
    assert (Role.REFERRER in roles_of_kind(kind)) == outside
    assert fits(Role.ADVISER, kind) != outside


def test_abilities_every_role_has_some():
    assert set(ABILITIES) == set(Role)


def test_state_of_used_then_ended_then_expired():
    later, before = NOW + timedelta(days=1), NOW - timedelta(days=1)
    assert state_of(used_at=None, ended_at=None, expires_at=later, now=NOW) == InvitationState.WAITING
    assert state_of(used_at=None, ended_at=None, expires_at=NOW, now=NOW) == InvitationState.EXPIRED
    assert state_of(used_at=None, ended_at=before, expires_at=before, now=NOW) == InvitationState.ENDED
    assert state_of(used_at=before, ended_at=before, expires_at=before, now=NOW) == InvitationState.USED


def test_secret_hash_depends_on_the_key_of_the_installation():
    assert secret_hash("ABC", "one") != secret_hash("ABC", "two")
    assert len(secret_hash("ABC", "one")) == 64


@pytest.mark.parametrize(
    ("typed", "kept"), [(" Claire ", "claire"), ("nadia.accueil", "nadia.accueil"), ("a1b", "a1b")]
)
def test_clean_username_in_small_letters(typed, kept):
    assert clean_username(typed) == kept


@pytest.mark.parametrize("typed", ["", "ab", "hélène", "a b c", "claire@example.org", ".claire", "x" * 61])
def test_clean_username_refuses(typed):
    with pytest.raises(ValueError, match="3 to 60"):
        clean_username(typed)


def test_propose_username_from_any_script():
    assert propose_username("Hélène", set()) == "helene"
    assert propose_username("Hélène", {"helene", "helene2"}) == "helene3"
    assert clean_username(propose_username("Li", set())) == "li01"
    assert clean_username(propose_username("مريم", set()))
    assert propose_username("…", set()) == "compte"
