"""The tag ``url``, with addresses that are worked out once."""

from typing import Any
from uuid import UUID

from django import template
from django.template import defaulttags
from django.template.base import FilterExpression, Parser, Token
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape

from bagage.common.addresses import address

register = template.Library()


class AddressNode(defaulttags.URLNode):
    """``{% url "desk:person" uuid=person.uuid %}``; all else that Django's own tag can do is left to it."""

    view_name: FilterExpression

    def render(self, context: template.Context) -> str:
        """The address, or "" kept under its name."""
        args = [one.resolve(context) for one in self.args]
        values = {name: one.resolve(context) for name, one in self.kwargs.items()}
        if any(type(one) is not UUID for one in (*args, *values.values())):
            return str(super().render(context))
        try:
            found = address(self.view_name.resolve(context), *args, **values)
        except NoReverseMatch:
            # Django's own tag says what is wrong, or keeps "".
            return str(super().render(context))
        if self.asvar:
            context[self.asvar] = found
            return ""
        return conditional_escape(found) if context.autoescape else found


@register.tag
def url(parser: Parser, token: Token) -> AddressNode:
    """As Django reads it."""
    read: Any = defaulttags.url(parser, token)
    return AddressNode(read.view_name, read.args, read.kwargs, read.asvar)
