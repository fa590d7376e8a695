"""The demonstration network."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "bagage.demo"
