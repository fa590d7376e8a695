"""Who asks for a page of the panorama, when she may have it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from bagage.accounts.models import User
from bagage.directory.permissions import can_keep_panorama, can_see_panorama


def reader_of(request: HttpRequest) -> User:
    """Who is signed in and may look at the panorama. Raises :class:`PermissionDenied` for anyone else."""
    user = request.user
    assert isinstance(user, User)
    if not can_see_panorama(user):
        raise PermissionDenied
    return user


def keeper_of(request: HttpRequest) -> User:
    """Who is signed in and keeps sources and corrections. Raises :class:`PermissionDenied` for anyone else."""
    user = request.user
    assert isinstance(user, User)
    if not can_keep_panorama(user):
        raise PermissionDenied
    return user
