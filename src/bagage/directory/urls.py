"""Addresses of the panorama: for who works here, and for anyone."""

from django.urls import URLPattern, URLResolver, path

from bagage.directory.views import panorama, public

app_name = "directory"

urlpatterns: list[URLPattern | URLResolver] = [
    path("panorama/", panorama.panorama, name="panorama"),
    path("panorama/<uuid:uuid>/", panorama.structure, name="structure"),
    path("places/", public.places, name="places"),
    path("places/embed/", public.embedded, name="embedded"),
    path("places/<uuid:uuid>/", public.place, name="place"),
]
