"""Addresses of permanences."""

from django.urls import URLPattern

app_name = "permanences"

urlpatterns: list[URLPattern] = []
