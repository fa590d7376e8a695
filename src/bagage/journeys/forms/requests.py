"""What is typed to find a session for a request."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bagage.skills.queries import AskedItem


class BookForm(forms.Form):
    """Which session, and the key that makes it count once."""

    session = forms.UUIDField()
    key = forms.CharField(max_length=64)


class TopicForm(forms.Form):
    """Which of the fifteen skills a request is about, or none of them."""

    about = forms.ChoiceField(label=_("De quoi s’agit-il"), required=False)

    def __init__(self, *args: Any, items: list[AskedItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = [  # type: ignore[attr-defined]
            ("", _("Autre chose, ou on ne sait pas")),
            *((item.code, item.title) for item in items),
        ]
