"""Accounts and scope."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "bagage.accounts"

    def ready(self) -> None:
        from bagage.accounts import reactions

        reactions.connect()
