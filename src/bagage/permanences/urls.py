"""Addresses of permanences."""

from django.urls import path

from bagage.permanences import views

app_name = "permanences"

urlpatterns = [
    path("", views.site_list, name="site_list"),
    path("<uuid:uuid>/", views.site, name="site"),
    path("<uuid:uuid>/edit/", views.site_edit, name="site_edit"),
    path("<uuid:uuid>/closures/", views.closure_add, name="closure_add"),
    path("<uuid:uuid>/closures/<slug:first>/remove/", views.closure_remove, name="closure_remove"),
    path("<uuid:uuid>/blocks/", views.blocks, name="blocks"),
    path("blocks/<uuid:uuid>/withdraw/", views.block_withdraw, name="block_withdraw"),
]
