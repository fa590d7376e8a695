"""Accounts and scope."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "bagage.accounts"
