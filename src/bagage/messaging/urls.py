"""Addresses of the outbox."""

from django.urls import path

from bagage.messaging import views

app_name = "messaging"

urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("paper/", views.paper_list, name="paper_list"),
    path("paper/<uuid:uuid>/tell/", views.tell, name="tell"),
    path("paper/<uuid:uuid>/untell/", views.untell, name="untell"),
    path("settings/", views.transport, name="transport"),
    path("settings/try/", views.transport_try, name="transport_try"),
    path("<uuid:uuid>/", views.message, name="message"),
    path("<uuid:uuid>/resend/", views.resend, name="resend"),
    path("<uuid:uuid>/cancel/", views.cancel, name="cancel"),
]
