"""What the sign-in page shows before anyone is signed in.

{% installation_name as name %}          the name of the association, or ""
{% contact_email as email %}             whom to write to, or ""
{% demonstration_accounts as accounts %} one account a role, only in a demonstration network
{% identity_providers as providers %}    partners whose identity opens a session: name, url
"""

import json
from typing import Any, NamedTuple

from allauth.socialaccount.adapter import get_adapter
from django import template
from django.template.context import Context

from bagage.accounts import queries

register = template.Library()


class Provider(NamedTuple):
    """A partner whose identity opens a session."""

    name: str
    url: str


@register.simple_tag
def installation_name() -> str:
    """The name of the association."""
    return queries.installation().name


@register.simple_tag
def contact_email() -> str:
    """Whom to write to when nothing else works."""
    return queries.installation().contact_email


@register.simple_tag
def demonstration_accounts() -> list[queries.DemonstrationAccount]:
    """One account a role."""
    return queries.demonstration_accounts()


@register.simple_tag(takes_context=True)
def identity_providers(context: Context) -> list[Provider]:
    """Partners whose identity opens a session (OpenID Connect)."""
    request = context["request"]
    return [
        Provider(provider.name, provider.get_login_url(request))
        for provider in get_adapter().list_providers(request)
    ]


@register.simple_tag
def as_json(value: Any) -> str:
    """A value as JSON, for an attribute that a script of ours reads."""
    return json.dumps(value, indent=0)
