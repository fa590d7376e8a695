"""The outbox."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "bagage.messaging"
