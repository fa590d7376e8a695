"""Addresses of journeys."""

from django.urls import URLPattern, path

from bagage.journeys.views import exits, follow_ups, requests

app_name = "journeys"

urlpatterns: list[URLPattern] = [
    # ---------- what she asks, and sessions ----------
    path("requests/<uuid:uuid>/sessions/", requests.request_sessions, name="request_sessions"),
    path("requests/<uuid:uuid>/topic/", requests.request_topic, name="request_topic"),
    path("requests/<uuid:uuid>/sessions/<uuid:link>/leave/", requests.request_unbook, name="request_unbook"),
    path("demand/", requests.demand, name="demand"),
    # ---------- exit and return ----------
    path("people/<uuid:uuid>/exit/", exits.exit, name="exit"),
    path("people/<uuid:uuid>/come-back/", exits.come_back, name="come_back"),
    path("exits/<uuid:uuid>/", exits.exit_summary, name="exit_summary"),
    path("exits/<uuid:uuid>/exit.pdf", exits.exit_summary_pdf, name="exit_summary_pdf"),
    # ---------- the news asked for ----------
    path("follow-ups/", follow_ups.follow_ups, name="follow_ups"),
    path("follow-ups/<uuid:uuid>/", follow_ups.follow_up, name="follow_up"),
    path("follow-ups/<uuid:uuid>/try/", follow_ups.follow_up_try, name="follow_up_try"),
]
