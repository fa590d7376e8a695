"""How the sign-in library speaks to our accounts."""

import json
import logging
import secrets
from typing import Any

import jwt
import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bagage.accounts import queries
from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.qr import qr_svg

logger = logging.getLogger("bagage.accounts")
NONCE = "oidc_nonce"

WRONG = _(
    "Cet identifiant et ce mot de passe ne vont pas ensemble. "
    "Vérifiez les majuscules, ou demandez une nouvelle invitation."
)


def set_language_cookie(response: HttpResponse, language: str) -> None:
    """The language of the screens of this browser, as Django's own page sets it."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )


class AccountAdapter(DefaultAccountAdapter):
    """Nobody makes an account by herself: accounts are invited."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": WRONG,
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "enter_current_password": _("Ce n’est pas votre mot de passe actuel."),
        "incorrect_password": _("Ce n’est pas votre mot de passe."),
        "incorrect_code": _("Ce code n’est pas le bon, ou il a déjà servi."),
        "too_many_login_attempts": _("Trop d’essais. Réessayez dans 5 minutes."),
        "rate_limited": _("Trop d’essais. Réessayez dans quelques minutes."),
    }

    # Said by the page one lands on, so not said twice.
    QUIET = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Whoever administers an installation whose first start is not over goes on with it."""
        user = request.user
        if (
            isinstance(user, User)
            and user.can(Ability.RUN_HOUSE)
            and queries.installation().set_up_at is None
        ):
            return reverse("desk:first_start")
        return str(settings.LOGIN_REDIRECT_URL)

    def is_safe_url(self, url: str) -> bool:
        """An address that cannot be taken apart, such as ``http://[``, is no page of ours."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """In the language that she chose, whoever used this browser before."""
        response = super().post_login(request, user, **kwargs)
        if user.language:
            set_language_cookie(response, user.language)
        return response

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _dash, secret = key.partition("-")
        return settings.PUBLIC_URL + reverse(
            "account_reset_password_from_key", kwargs={"uidb36": uid, "key": secret}
        )

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse(settings.LOGIN_URL)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:me")

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> Any:
        """A closed account is not told apart from a wrong password."""
        from allauth.account.internal.flows.logout import logout

        logout(request)
        return render(request, "account/account_inactive.html", status=403)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in self.QUIET:
            super().add_message(request, level, message_template, *args, **kwargs)

    def format_email_subject(self, subject: str) -> str:
        return subject.strip()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the name of the association; the address in the mail is the public one of the installation."""
        context = {**context, "association": queries.installation().name}
        super().send_mail(template_prefix, email, context)


class MFAAdapter(DefaultMFAAdapter):
    """Second steps: a passkey, an app that shows codes, or codes on paper, each good alone."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("Ce code n’est pas le bon, ou il a déjà servi."),
    }

    def is_mfa_enabled(self, user: Any, types: list[str] | None = None) -> bool:
        """Codes on paper count as a second step by themselves: not everyone has a phone for it."""
        if types is not None and {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN} <= set(types):
            types = [*types, Authenticator.Type.RECOVERY_CODES]
        return super().is_mfa_enabled(user, types)

    def build_totp_svg(self, url: str) -> str:
        return qr_svg(url, gettext("Code à viser avec l’application"))

    def generate_authenticator_name(self, user: Any, type: str) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return (
            gettext("Clé d’accès") if not count else gettext("Clé d’accès %(number)s") % {"number": count + 1}
        )

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """As the browser lists her keys."""
        return {**super().get_public_key_credential_user_entity(user), "display_name": user.full_name}

    def _get_site_name(self) -> str:
        return "Bagage"


def unwrap_userinfo(response: requests.Response, *args: Any, **kwargs: Any) -> requests.Response:
    """ProConnect answers who someone is with a signed token where others answer with JSON: read it as JSON.

    It comes over TLS straight from the provider, which OpenID Connect Core 3.1.3.7 (6) accepts in place of its
    signature.
    """
    if response.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "application/jwt":
        claims = jwt.decode(response.text, options={"verify_signature": False})
        response._content = json.dumps(claims).encode()
        response.headers["Content-Type"] = "application/json"
    return response


class NoncedProvider(OpenIDConnectProvider):
    """Each sign-in carries a number used once, which the identity must bring back (ProConnect asks for it)."""

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, Any]:
        request.session[NONCE] = secrets.token_urlsafe(32)
        return {**super().get_auth_params_from_request(request, action), "nonce": request.session[NONCE]}


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in by a partner's identity (OpenID Connect): only for accounts that exist, found by a verified e-mail."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_requests_session(self) -> requests.Session:
        session: requests.Session = super().get_requests_session()
        session.hooks["response"].append(unwrap_userinfo)
        return session

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id=client_id)
        return NoncedProvider(request, app=found.app) if isinstance(found, OpenIDConnectProvider) else found

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link to the account of the same verified e-mail, or refuse: an identity never makes an account."""
        said, asked = (
            sociallogin.account.extra_data.get("id_token", {}).get("nonce"),
            request.session.pop(NONCE, None),
        )
        if said != asked:
            logger.warning("An identity of %s came back with another nonce", sociallogin.account.provider)
            raise ImmediateHttpResponse(
                render(request, "socialaccount/authentication_error.html", status=403)
            )
        if sociallogin.is_existing:
            return
        trusted = bool(self._settings(sociallogin).get("email_is_verified"))
        emails = {
            address.email.lower()
            for address in sociallogin.email_addresses
            if address.email and (address.verified or trusted)
        }
        user = next(
            (
                found
                for email in sorted(emails)
                for found in User.objects.filter(email__iexact=email, is_active=True)
            ),
            None,
        )
        if user is None:
            logger.warning(
                "An identity of %s without an account here was refused", sociallogin.account.provider
            )
            raise ImmediateHttpResponse(
                render(request, "socialaccount/no_account.html", {"has_email": bool(emails)}, status=403)
            )
        sociallogin.connect(request, user)

    @staticmethod
    def _settings(sociallogin: SocialLogin) -> dict[str, Any]:
        app = sociallogin.account.get_provider().app
        return dict(app.settings) if app else {}
