"""Addresses of the trail."""

from django.urls import path

from bagage.trail import views

app_name = "trail"

urlpatterns = [
    path("", views.log, name="log"),
    path("verify/", views.verify, name="verify"),
]
