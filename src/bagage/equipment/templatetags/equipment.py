"""Filters of equipment: ``{% load equipment %}``.

{{ cents|device_price }}    "30,00 €"; nothing to pay reads "donné"
"""

from django import template

from bagage.equipment import words

register = template.Library()


@register.filter
def device_price(cents: int) -> str:
    """Whole cents as euros."""
    return words.price(cents)
