"""Filters of fair connection: ``{% load connection %}``.

{{ cents|euros }}              "10,83 €"; nothing known reads "on ne sait pas"
{{ amount|used:"data_mb" }}    "2,4 Go", "103 min", "43 SMS"
{{ code|condition }}           "Compte bancaire"
"""

from django import template

from bagage.connection import words

register = template.Library()


@register.filter
def euros(cents: int | str | None) -> str:
    """Whole cents as euros."""
    return words.euros(None if cents in (None, "") else int(cents or 0))


@register.filter
def used(amount: int | None, resource: str) -> str:
    """An amount of a resource; none is unlimited."""
    return words.amount_words(resource, amount)


@register.filter
def condition(code: str) -> str:
    """The short label of a condition."""
    return words.condition_label(code)
