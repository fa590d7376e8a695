"""Persons."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "bagage.people"
