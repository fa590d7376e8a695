"""Addresses of pages that belong to no activity."""

from django.urls import path

from bagage.common import views

app_name = "common"
urlpatterns = [
    path("components/", views.gallery, name="gallery"),
    path("help/", views.help, name="help"),
    path("careful/", views.careful, name="careful"),
    path("rights/", views.rights_notice, name="rights_notice"),
    path("i18n/setlang/", views.set_language, name="set_language"),
    path("ping", views.ping, name="ping"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
