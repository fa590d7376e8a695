"""Skills."""

from django.apps import AppConfig


class SkillsConfig(AppConfig):
    name = "bagage.skills"
