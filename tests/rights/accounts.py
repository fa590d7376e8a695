"""Accounts, organisations, invitations, the first start, and the pages of the sign-in library."""

from typing import Any

from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Membership
from bagage.accounts.services import add_organisation, close_organisation, invite, make_api_token
from tests.rights import Row
from tests.rights.world import World

# Who administers the permanence of the world's adviser: there, or above. Who administers elsewhere does not find her.
ADMINISTRATORS = {
    "administrator_here": 200,
    "administrator_network": 200,
    "administrator_elsewhere": 404,
    "everyone": 403,
}
ADMINISTRATORS_POST = ADMINISTRATORS | {"administrator_here": 302, "administrator_network": 302}
# Who runs referring organisations: only those of her nodes.
RUNS_REFERRERS = {
    "administrator_network": 200,
    "programme_lead_network": 200,
    "administrator": 404,
    "programme_lead": 404,
    "local_officer": 404,
    "everyone": 403,
}
RUNS_REFERRERS_POST = RUNS_REFERRERS | {"administrator_network": 302, "programme_lead_network": 302}
GONE = Row(public=True, expected={"everyone": 404})


def _adviser(world: World) -> dict[str, Any]:
    return {"uuid": world.users["adviser_here"].uuid}


def _partner(world: World, *, is_open: bool = True) -> dict[str, Any]:
    network = world.users["administrator_network"]
    name = "Partenaire ouvert" if is_open else "Partenaire fermé"
    node = add_organisation(world.antenna_a, kind="partner", name=name, by=network)
    return {"uuid": node.uuid if is_open else close_organisation(node, by=network).uuid}


def _second_role(world: World) -> dict[str, Any]:
    given = Membership.objects.create(
        user=world.users["adviser_here"], organisation=world.node_a, role=Role.VOLUNTEER
    )
    return {"uuid": given.uuid}


def _code(world: World) -> dict[str, Any]:
    network = world.users["administrator_network"]
    return {"code": invite(first_name="Kadi", role=Role.ADVISER, node=world.node_a, by=network).code}


def _token(world: World) -> dict[str, Any]:
    adviser = world.users["adviser_here"]
    made = make_api_token(adviser, name="Tableau", ends_on=timezone.localdate(world.now), by=adviser)
    return {"uuid": made.token.uuid}


ROWS: dict[str, Row | list[Row]] = {
    "desk:first_start": Row(expected={"administrator": 302, "everyone": 403}),
    "accounts:here": Row(expected={"everyone": 204}),
    "accounts:me": Row(expected={"everyone": 200}),
    # Whoever works here, for herself; who only refers has nothing to ask by a program.
    "accounts:tokens": [
        Row(expected={"referrer": 403, "everyone": 200}),
        Row(
            method="post",
            data=lambda world: {"name": "Tableau", "ends_on": str(timezone.localdate(world.now))},
            expected={"referrer": 403, "everyone": 200},
        ),
    ],
    "accounts:token_revoke": Row(
        method="post", kwargs=_token, expected={"adviser_here": 302, "everyone": 404}
    ),
    "accounts:invitation": Row(public=True, expected={"everyone": 200}),
    "accounts:invitation_accept": [
        Row(public=True, kwargs=_code, expected={"everyone": 200}),
        Row(public=True, kwargs=lambda world: {"code": "AAAABBBBCCCC"}, expected={"everyone": {404, 429}}),
    ],
    "accounts:staff": Row(expected={"administrator": 200, "everyone": 403}),
    "accounts:staff_invite": [
        Row(expected={"administrator": 200, "everyone": 403}),
        Row(
            method="post",
            data=lambda world: {"first_name": "Kadi", "role": "adviser", "node": str(world.node_a.uuid)},
            expected=ADMINISTRATORS_POST | {"administrator_elsewhere": 422},
        ),
        Row(
            method="post",
            data=lambda world: {
                "first_name": "Kadi",
                "role": "administrator",
                "node": str(world.network.uuid),
            },
            expected={"administrator_network": 302, "administrator": 422, "everyone": 403},
        ),
    ],
    "accounts:staff_member": Row(kwargs=_adviser, expected=ADMINISTRATORS),
    "accounts:staff_edit": Row(kwargs=_adviser, expected=ADMINISTRATORS),
    "accounts:role_give": Row(
        method="post",
        kwargs=_adviser,
        data=lambda world: {"role": "volunteer", "node": str(world.node_a.uuid)},
        expected=ADMINISTRATORS_POST,
    ),
    "accounts:staff_invite_again": Row(method="post", kwargs=_adviser, expected=ADMINISTRATORS_POST),
    # Only in the session of who made the invitation.
    "accounts:invitation_sheet": Row(kwargs=_adviser, expected={"administrator": 404, "everyone": 403}),
    "accounts:invitation_pdf": Row(kwargs=_adviser, expected={"administrator": 404, "everyone": 403}),
    "accounts:staff_close": [
        Row(kwargs=_adviser, expected=ADMINISTRATORS),
        Row(
            method="post", kwargs=_adviser, data=lambda world: {"handed_to": ""}, expected=ADMINISTRATORS_POST
        ),
    ],
    "accounts:role_end": Row(method="post", kwargs=_second_role, expected=ADMINISTRATORS_POST),
    "accounts:organisations": Row(
        expected={"administrator": 200, "programme_lead": 200, "local_officer": 200, "everyone": 403}
    ),
    "accounts:organisation_add": Row(
        kwargs=lambda world: {"uuid": world.antenna_a.uuid}, expected=RUNS_REFERRERS
    ),
    "accounts:organisation_edit": [
        Row(
            kwargs=lambda world: {"uuid": world.node_a.uuid},
            expected={
                "administrator_here": 200,
                "administrator_network": 200,
                "administrator_elsewhere": 404,
                "programme_lead_elsewhere": 404,
                "local_officer_elsewhere": 404,
                "everyone": 403,
            },
        ),
        Row(kwargs=lambda world: {"uuid": world.referring_a.uuid}, expected=RUNS_REFERRERS),
    ],
    "accounts:organisation_close": Row(method="post", kwargs=_partner, expected=RUNS_REFERRERS_POST),
    "accounts:organisation_reopen": Row(
        method="post", kwargs=lambda world: _partner(world, is_open=False), expected=RUNS_REFERRERS_POST
    ),
    "accounts:no_sign_up": GONE,
    "accounts:no_email_page": Row(expected={"everyone": 302}),
    "accounts:no_email_confirmation": GONE,
    "accounts:no_email_confirmation_key": Row(
        public=True, kwargs=lambda world: {"key": "x"}, expected={"everyone": 404}
    ),
    "accounts:no_login_code": GONE,
    "accounts:no_identities_page": Row(expected={"everyone": 302}),
    "accounts:no_identity_sign_up": GONE,
    # ---------- the sign-in library; nobody of the world has a password ----------
    "account_login": Row(public=True, expected={"anonymous": 200, "closed": 200, "everyone": 302}),
    "account_logout": Row(public=True, expected={"anonymous": 302, "closed": 302, "everyone": 200}),
    "account_inactive": Row(public=True, expected={"everyone": 200}),
    "account_signup": GONE,
    "account_reauthenticate": Row(expected={"everyone": 403}),
    "account_email": Row(expected={"everyone": 302}),
    "account_email_verification_sent": GONE,
    "account_change_password": Row(expected={"everyone": 302}),
    "account_set_password": Row(expected={"everyone": 200}),
    "account_reset_password": Row(public=True, expected={"everyone": 200}),
    "account_confirm_login_code": GONE,
    "account_confirm_email": Row(public=True, kwargs=lambda world: {"key": "x"}, expected={"everyone": 404}),
    "account_reset_password_from_key_done": Row(public=True, expected={"everyone": 200}),
    # A forged link: a page that says so.
    "account_reset_password_from_key": Row(
        public=True, kwargs=lambda world: {"uidb36": "1", "key": "forged-key"}, expected={"everyone": 200}
    ),
    "account_reset_password_done": Row(public=True, expected={"everyone": 200}),
    "mfa_index": Row(expected={"everyone": 200}),
    "mfa_authenticate": Row(public=True, expected={"everyone": 302}),
    "mfa_reauthenticate": Row(expected={"everyone": 403}),
    "mfa_activate_totp": Row(expected={"everyone": 200}),
    "mfa_deactivate_totp": Row(expected={"everyone": 404}),
    "mfa_view_recovery_codes": Row(expected={"everyone": 404}),
    "mfa_generate_recovery_codes": Row(expected={"everyone": 200}),
    "mfa_download_recovery_codes": Row(expected={"everyone": 404}),
    "mfa_list_webauthn": Row(expected={"everyone": 200}),
    "mfa_add_webauthn": Row(expected={"everyone": 200}),
    "mfa_reauthenticate_webauthn": Row(expected={"everyone": 403}),
    "mfa_remove_webauthn": Row(kwargs=lambda world: {"pk": 1}, expected={"everyone": 404}),
    "mfa_edit_webauthn": Row(kwargs=lambda world: {"pk": 1}, expected={"everyone": 404}),
    "mfa_login_webauthn": Row(public=True, expected={"everyone": 302}),
    "socialaccount_login_cancelled": Row(public=True, expected={"everyone": 200}),
    "socialaccount_login_error": Row(expected={"everyone": 401}),
    "socialaccount_signup": GONE,
    "socialaccount_connections": Row(expected={"everyone": 302}),
    "openid_connect_login": Row(
        public=True, kwargs=lambda world: {"provider_id": "nobody"}, expected={"everyone": 404}
    ),
    "openid_connect_callback": Row(
        public=True, kwargs=lambda world: {"provider_id": "nobody"}, expected={"everyone": 404}
    ),
    "usersessions_list": Row(expected={"everyone": 200}),
}
