"""Bricks; a Django app only so that its templates, static files and tags are found."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "bagage.common"
