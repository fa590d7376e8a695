"""The solidarity counter."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "bagage.shop"
