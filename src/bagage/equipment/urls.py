"""Addresses of equipment."""

from django.urls import URLPattern, URLResolver

app_name = "equipment"

urlpatterns: list[URLPattern | URLResolver] = []
