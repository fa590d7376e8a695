"""Who asks by a program: the holder of a token, or whoever is signed in."""

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from bagage.accounts import services
from bagage.accounts.models import User
from bagage.common.row_security import reads_as


class ByToken(HttpBearer):
    """``Authorization: Bearer bagage_…``: the owner of a live token."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = services.user_of_api_token(token)
        if user is not None:
            reads_as(user.pk)
        return user


class BySession(AuthBase):
    """A page of Bagage that is open in a browser: its session, and for anything but reading the CSRF token as well."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"

    def __call__(self, request: HttpRequest) -> User | None:
        if not isinstance(request.user, User) or not request.user.is_active:
            return None
        if check_csrf(request):
            raise HttpError(403, "The CSRF token is missing or wrong.")
        return request.user


WHO = [ByToken(), BySession()]
