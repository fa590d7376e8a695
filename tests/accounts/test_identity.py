"""Sign-in by a partner's identity, against a provider of our own that behaves like ProConnect."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import User
from tests.accounts.factories import make_user

KEY = "k" * 32


class Provider:
    """An OpenID Connect provider on a free port; what it says of someone can be changed by the test."""

    def __init__(self) -> None:
        self.claims = {"sub": "agent-1", "email": "samira@example.org", "given_name": "Samira"}
        self.nonce = ""
        self.asked: dict[str, list[str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                if self.path.endswith("openid-configuration"):
                    self.answer("application/json", json.dumps(provider.configuration()))
                else:  # userinfo, as a signed token
                    self.answer("application/jwt", jwt.encode(provider.claims, KEY, algorithm="HS256"))

            def do_POST(self):
                provider.asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                now = int(time.time())
                identity = {
                    "iss": provider.url, "aud": "bagage", "sub": "agent-1", "iat": now, "exp": now + 60,
                    "nonce": provider.nonce,
                }  # fmt: skip
                token = jwt.encode(identity, KEY, algorithm="HS256")
                self.answer(
                    "application/json",
                    json.dumps({"access_token": "a", "token_type": "Bearer", "id_token": token}),
                )

            def answer(self, kind, body):
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body.encode())

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def configuration(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }


@pytest.fixture
def provider(settings):
    made = Provider()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "proconnect",
                    "name": "ProConnect",
                    "client_id": "bagage",
                    "secret": "s",
                    "settings": {
                        "server_url": made.url,
                        "token_auth_method": "client_secret_post",
                        "email_is_verified": True,
                        "scope": ["openid", "given_name", "usual_name", "email"],
                        "auth_params": {"acr_values": "eidas1"},
                    },
                }
            ],
        }
    }
    yield made
    made.server.shutdown()
    made.server.server_close()


def go(client, provider, *, nonce=None):
    """Press the button, come back from the provider."""
    away = client.post("/accounts/oidc/proconnect/login/")
    sent = {name: values[0] for name, values in parse_qs(urlsplit(away.url).query).items()}
    assert (sent["acr_values"], set(sent["scope"].split())) == (
        "eidas1",
        {"openid", "given_name", "usual_name", "email"},
    )
    provider.nonce = sent["nonce"] if nonce is None else nonce
    return client.get("/accounts/oidc/proconnect/login/callback/", {"code": "c", "state": sent["state"]})


def test_sign_in_page_offers_the_provider(network, client, provider):
    assert 'action="/accounts/oidc/proconnect/login/"' in client.get("/accounts/login/").content.decode()


def test_identity_signs_in_the_account_of_its_mail(network, client, provider):
    user = make_user(Role.ADVISER, network.wazemmes, email="samira@example.org")
    assert go(client, provider).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert "code_verifier" in provider.asked
    # The next time by the identity itself, whatever its mail became.
    client.logout()
    provider.claims["email"] = "other@example.org"
    assert go(client, provider).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_identity_without_an_account_makes_none(network, client, provider):
    count = User.objects.count()
    page = go(client, provider)
    assert (page.status_code, "Pas de compte ici" in page.content.decode()) == (403, True)
    assert (User.objects.count(), SocialAccount.objects.count()) == (count, 0)
    assert "_auth_user_id" not in client.session


def test_identity_with_a_mail_that_is_not_verified(network, client, provider, settings):
    make_user(Role.ADVISER, network.wazemmes, email="samira@example.org")
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["email_is_verified"] = False
    assert go(client, provider).status_code == 403
    provider.claims["email_verified"] = True
    assert go(client, provider).status_code == 302


def test_identity_with_another_nonce_is_refused(network, client, provider):
    make_user(Role.ADVISER, network.wazemmes, email="samira@example.org")
    assert go(client, provider, nonce="another").status_code == 403
    assert "_auth_user_id" not in client.session


def test_identity_with_a_forged_state_is_refused(network, client, provider):
    make_user(Role.ADVISER, network.wazemmes, email="samira@example.org")
    page = client.get("/accounts/oidc/proconnect/login/callback/", {"code": "c", "state": "forged"})
    assert page.status_code in {401, 403}
    assert "_auth_user_id" not in client.session
