"""The URL map: one line an activity."""

from django.urls import include, path

from bagage.common import views as common
from bagage.config import documentation, rest
from bagage.config.health import health

urlpatterns = [
    path("health/", health, name="health"),
    # Asked hundreds of times a second: found before the addresses that begin with anything.
    path("api/v1/", rest.urls),
    path("hsds/", rest.hsds_urls),
    path("", include("bagage.desk.urls")),
    path("accounts/", include("bagage.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("messages/", include("bagage.messaging.urls")),
    path("trail/", include("bagage.trail.urls")),
    path("imports/", include("bagage.imports.urls")),
    path("people/", include("bagage.people.urls")),
    path("", include("bagage.directory.urls")),
    path("permanences/", include("bagage.permanences.urls")),
    path("connection/", include("bagage.connection.urls")),
    path("equipment/", include("bagage.equipment.urls")),
    path("shop/", include("bagage.shop.urls")),
    path("journeys/", include("bagage.journeys.urls")),
    path("", include("bagage.referrals.urls")),
    path("api/", documentation.page, name="programs"),
    path("", include("bagage.common.urls")),
]

handler400 = common.bad_request
handler403 = common.forbidden
handler404 = common.not_found
handler500 = common.server_error
