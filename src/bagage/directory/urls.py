"""Addresses of the panorama: for who works here, and for anyone."""

from django.urls import URLPattern, URLResolver, path

from bagage.directory.views import own, panorama, public, sources

app_name = "directory"

urlpatterns: list[URLPattern | URLResolver] = [
    path("panorama/", panorama.panorama, name="panorama"),
    path("panorama/<uuid:uuid>/", panorama.structure, name="structure"),
    path("panorama/<uuid:uuid>/link/", own.own_link, name="own_link"),
    path("panorama/<uuid:uuid>/link/end/", own.own_link_end, name="own_link_end"),
    path("panorama/proposals/", own.proposal_list, name="proposals"),
    path("panorama/proposals/<uuid:uuid>/decide/", own.proposal_decide, name="proposal_decide"),
    path("panorama/sources/", sources.sources, name="sources"),
    path("panorama/sources/new/", sources.source_new, name="source_new"),
    path("panorama/sources/<uuid:uuid>/", sources.source, name="source"),
    path("panorama/sources/<uuid:uuid>/change/", sources.source_change, name="source_change"),
    path("panorama/<uuid:uuid>/part/", sources.part_again, name="part_again"),
    path("panorama/sources/<uuid:uuid>/read/", sources.source_read, name="source_read"),
    path("panorama/rows/<uuid:uuid>/mend/", sources.row_mend, name="row_mend"),
    path("panorama/likely/", sources.likely, name="likely"),
    path("panorama/likely/<uuid:uuid>/decide/", sources.likely_decide, name="likely_decide"),
    path("places/own/<str:token>/", own.own, name="own"),
    path("places/", public.places, name="places"),
    path("places/embed/", public.embedded, name="embedded"),
    path("places/<uuid:uuid>/", public.place, name="place"),
]
