"""Filters of the counter: ``{% load shop %}``.

{{ count|signed }}  "+3", "−1", "0"
{{ cents|cents }}   "10,83 €", "−2,50 €"; nothing known reads "on ne sait pas"
"""

from django import template

from bagage.shop import words

register = template.Library()


@register.filter
def cents(amount: int | str | None) -> str:
    """Whole cents as euros, with a true minus sign."""
    return words.signed_euros(None if amount in (None, "") else int(amount or 0))


@register.filter
def signed(count: int) -> str:
    """What came or went, with its sign."""
    return f"+{count}" if count > 0 else f"{count}".replace("-", "−")
