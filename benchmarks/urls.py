"""The real addresses, and the reference: a page that asks the database one thing and says it in plain text."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from bagage.config.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM accounts_organisation ORDER BY path LIMIT 1")
        return HttpResponse(str(cursor.fetchone()), content_type="text/plain")


urlpatterns = [path("bench/bare/", bare), *urlpatterns]
