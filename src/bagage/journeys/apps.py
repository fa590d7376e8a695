"""Journeys."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "bagage.journeys"
