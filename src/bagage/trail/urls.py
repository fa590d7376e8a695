"""Addresses of the trail."""

from django.urls import path

from bagage.trail.views import log, privacy

app_name = "trail"

urlpatterns = [
    path("", log.log, name="log"),
    path("verify/", log.verify, name="verify"),
    path("unusual/", privacy.unusual, name="unusual"),
    path("papers/", privacy.papers, name="papers"),
    path("papers/<slug:kind>/", privacy.paper, name="paper"),
    path("papers/<slug:kind>.pdf", privacy.paper_pdf, name="paper_pdf"),
]
