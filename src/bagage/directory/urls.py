"""Addresses of the panorama."""

from django.urls import URLPattern, URLResolver, path

from bagage.directory import views

app_name = "directory"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.panorama, name="panorama"),
    path("<uuid:uuid>/", views.structure, name="structure"),
]
