"""Widgets drawn without templates are what the templates of Django write."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from bagage.common.widgets import QuickRenderer

HOSTILE = "\"><script>alert('1')</script> &"
GROUPED = [
    ("", "—"),
    (HOSTILE, [("a", HOSTILE), (1, gettext_lazy("oui")), ("b", mark_safe("<b>gras</b>"))]),
    ("z", "Dernier"),
]


class OwnOption(forms.Select):
    """A widget whose options have a template of their own."""

    option_template_name = "django/forms/widgets/radio_option.html"


@pytest.mark.parametrize("value", [None, "", 0, 12, "a", HOSTILE, mark_safe("<i>"), True, ["a", "b"]])
@pytest.mark.parametrize(
    "attrs",
    [{}, {"id": "id_x", "rows": 3, "required": True, "hidden": False, "data-x": HOSTILE, "class": None}],
)
@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(),
        forms.NumberInput(),
        forms.EmailInput(),
        forms.PasswordInput(render_value=True),
        forms.HiddenInput(),
        forms.DateInput(attrs={"type": "date"}),
        forms.TimeInput(),
        forms.CheckboxInput(),
        forms.Textarea(),
        forms.Select(choices=GROUPED),
        forms.SelectMultiple(choices=GROUPED),
        forms.RadioSelect(choices=GROUPED),
        forms.CheckboxSelectMultiple(choices=GROUPED),
        OwnOption(choices=GROUPED),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_widget_is_drawn_as_by_its_template(widget, attrs, value):
    drawn = widget.render("x", value, attrs=attrs, renderer=QuickRenderer())
    assert drawn == widget.render("x", value, attrs=attrs, renderer=DjangoTemplates())
