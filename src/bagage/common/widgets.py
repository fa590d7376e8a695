"""Form widgets drawn without a template for each: a list of forty times would render a hundred of them.

What comes out is what Django's own templates write, character for character; a test holds the two side by side. Widgets
of another kind, or with a template of their own, go through their templates.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

FOLDER = "django/forms/widgets/"
OPTION = f"{FOLDER}select_option.html"
INPUTS = (
    "checkbox",
    "date",
    "datetime",
    "email",
    "hidden",
    "input",
    "number",
    "password",
    "text",
    "time",
    "url",
)

Widget = Mapping[str, Any]


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {conditional_escape(name)}" if value is True else f' {conditional_escape(name)}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _text(value: object) -> str:
    return str(conditional_escape(value if isinstance(value, str) else str(value)))


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return (
        f'<input type="{_text(widget["type"])}" name="{_text(widget["name"])}"{value}{_attributes(widget)}>\n'
    )


def _textarea(widget: Widget) -> str:
    value = _text(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>\n'


def _option(option: Widget) -> str:
    return (
        f'<option value="{_text(option["value"])}"{_attributes(option)}>{_text(option["label"])}</option>\n'
    )


def _select(widget: Widget) -> str:
    parts = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_text(group)}">')
        parts += [f"\n  {_option(option)}" for option in options]
        if group:
            parts.append("\n  </optgroup>")
    return f"{''.join(parts)}\n</select>\n"


DRAWN: dict[str, Callable[[Widget], str]] = {
    **{f"{FOLDER}{name}.html": _input for name in INPUTS},
    f"{FOLDER}select.html": _select,
    f"{FOLDER}textarea.html": _textarea,
}


class QuickRenderer(DjangoTemplates):
    """The renderer of all forms (``FORM_RENDERER``)."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        """What the template would write."""
        draw = DRAWN.get(template_name)
        widget = context.get("widget")
        if draw is None or widget is None or not _is_plain(widget):
            return mark_safe(super().render(template_name, context, request))
        return mark_safe(draw(widget).strip())


def _is_plain(widget: Widget) -> bool:
    """Whether no option of it has a template of its own."""
    return all(
        option["template_name"] == OPTION
        for _group, options, _index in widget.get("optgroups", ())
        for option in options
    )
