"""Addresses of people; the screens of one file are in the desk."""

from django.urls import path

from bagage.people import views

app_name = "people"

urlpatterns = [
    path("access/", views.access_requests, name="access_requests"),
    path("access/<uuid:uuid>/", views.access_answer, name="access_answer"),
]
