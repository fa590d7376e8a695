"""Devices."""

from django.apps import AppConfig


class EquipmentConfig(AppConfig):
    name = "bagage.equipment"
