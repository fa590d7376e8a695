"""How the sign-in library speaks to our accounts."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Nobody makes an account by herself: accounts are invited."""

    def is_open_for_signup(self, request):
        return False


class MFAAdapter(DefaultMFAAdapter):
    """Second factors."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in by a partner's identity (OpenID Connect): only for accounts that exist."""

    def is_open_for_signup(self, request, sociallogin):
        return False
