"""Widgets of forms."""

from typing import Any

from django import forms


class Facts(forms.Textarea):
    """Where staff write of a person: while one types, words that judge or that the law sets apart are said, gently.

    The tag ``{% field %}`` adds the place where that is said; without a script only the help stands there.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 2, **(attrs or {})})
