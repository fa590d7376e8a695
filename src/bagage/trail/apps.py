"""The trail."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "bagage.trail"
