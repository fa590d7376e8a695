"""Addresses of the sign-in library that this house does not use."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect


@login_not_required
def not_here(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """Nobody makes an account by herself, and e-mails are not confirmed by their owner."""
    raise Http404


def to_me(request: HttpRequest) -> HttpResponse:
    """One page says all about one's account."""
    return redirect("accounts:me")
