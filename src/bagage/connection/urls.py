"""Addresses of fair connection."""

from django.urls import URLPattern, URLResolver

app_name = "connection"

urlpatterns: list[URLPattern | URLResolver] = [
    # ---------- the catalogue ----------
    # ---------- advice ----------
    # ---------- lines ----------
]
