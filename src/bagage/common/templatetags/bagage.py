"""Template tags and filters of the house, loaded for every template.

Tags
    {% icon "printer" %}                      a Lucide icon beside a word; ``{% icon "x" css="after" %}``
    {% sign device="full" connection="half" skills="unknown" size="l" %}
                                              the bag; ``{% sign baggage size="l" %}`` reads .device .connection .skills
    {% brand %}                               the small full bag of the brand, hidden from screen readers
    {% poche "half" %}                        one pocket alone, beside its word
    {% level "device" "half" %}               the word of a state: "à moitié", "pleine", "perdues"
    {% code_tag person.code %}                a luggage tag: only for the code of a person
    {% field form.phone icon="phone" %}       label, widget, help, error; see :func:`field`
    {% errors_summary form %}                 what to mend, above the form
    {% pocket "Titre" id="h-x" count=4 %}…{% endpocket %}
                                              our only container: head, then what you write (pocket-body, rows, foot)
    {% meter 31 48 label="31 sur 48" %}       a bar
    {% url_with page=2 %}                     the present address with some parameters changed (None removes)
Filters
    day day_year day_short hour hour_full ago since span money phone joined initials attr
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_lazy, ngettext

from bagage.common import codes, words
from bagage.common.widgets import Facts

register = template.Library()

STATES = ("unknown", "empty", "half", "full", "lost")
POCKETS = ("device", "connection", "skills")


# ---------- icons and the sign ----------
# A list draws the same few a hundred times: each drawing is made once in a process, whose files never change.
@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, css: str = "") -> SafeString:
    """A decorative icon: a word always stands beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f"i {css}".strip(),
        static("bagage/icons.svg"),
        name,
    )


# Agreed with each pocket: French says "plein", "pleine", "pleines".
LEVEL_WORDS = {
    ("device", "unknown"): gettext_lazy("à demander"),
    ("device", "empty"): gettext_lazy("vide"),
    ("device", "half"): gettext_lazy("à moitié"),
    ("device", "full"): gettext_lazy("plein"),
    ("device", "lost"): gettext_lazy("perdu"),
    ("connection", "unknown"): gettext_lazy("à demander"),
    ("connection", "empty"): gettext_lazy("vide"),
    ("connection", "half"): gettext_lazy("à moitié"),
    ("connection", "full"): gettext_lazy("pleine"),
    ("connection", "lost"): gettext_lazy("perdue"),
    ("skills", "unknown"): gettext_lazy("à demander"),
    ("skills", "empty"): gettext_lazy("vides"),
    ("skills", "half"): gettext_lazy("à moitié"),
    ("skills", "full"): gettext_lazy("pleines"),
    ("skills", "lost"): gettext_lazy("perdues"),
}


def level_word(pocket: str, state: str) -> str:
    """The word of a state, agreed with its pocket."""
    return str(LEVEL_WORDS[pocket, state])


def sign_sentence(device: str, connection: str, skills: str) -> str:
    """What the sign says to who cannot see it."""
    return gettext("Bagage. Appareil : %(device)s. Connexion : %(connection)s. Compétences : %(skills)s.") % {
        "device": level_word("device", device),
        "connection": level_word("connection", connection),
        "skills": level_word("skills", skills),
    }


def checked_state(state: object) -> str:
    """``state`` if the sign knows it, else ``"unknown"``: an unknown is drawn, never left out."""
    return str(state) if str(state) in STATES else "unknown"


@register.simple_tag
def sign(
    baggage: object = None,
    device: str = "unknown",
    connection: str = "unknown",
    skills: str = "unknown",
    size: str = "s",
    css: str = "",
    hidden: bool = False,
) -> SafeString:
    """The bag with three pockets; ``size`` is ``s`` (20 to 32 px) or ``l`` (from 90 px).

    ``baggage`` is anything with ``device``, ``connection`` and ``skills``, objects or mappings; ``None`` leaves
    the three arguments. ``hidden`` when the words stand beside it.
    """
    states = {"device": device, "connection": connection, "skills": skills}
    if baggage:
        for pocket in POCKETS:
            states[pocket] = baggage[pocket] if isinstance(baggage, Mapping) else getattr(baggage, pocket)
    states = {pocket: checked_state(state) for pocket, state in states.items()}
    return _drawn_sign(**states, size=size, css=css, words="" if hidden else sign_sentence(**states))


@lru_cache(maxsize=1024)
def _drawn_sign(*, device: str, connection: str, skills: str, size: str, css: str, words: str) -> SafeString:
    states = {"device": device, "connection": connection, "skills": skills}
    address = static("bagage/sign.svg")
    uses = format_html_join(
        "",
        '<use class="e-{}" href="{}#sac-{}-{}-{}"/>',
        ((states[pocket], address, size, pocket, states[pocket]) for pocket in POCKETS),
    )
    label: SafeString = (
        mark_safe('aria-hidden="true"') if not words else format_html('role="img" aria-label="{}"', words)
    )
    return format_html(
        '<svg class="{}" viewBox="{}" {}><use href="{}#sac-{}"/>{}</svg>',
        f"sac sac-{size} {css}".strip(),
        "0 0 20 20" if size == "s" else "0 0 176 196",
        label,
        address,
        size,
        uses,
    )


@register.simple_tag
def brand(css: str = "") -> SafeString:
    """The mark of the house beside its name."""
    return sign(device="full", connection="full", skills="full", css=css, hidden=True)


@register.simple_tag
def poche(state: str, css: str = "") -> SafeString:
    """One pocket alone, beside its word."""
    state = checked_state(state)
    return format_html(
        '<svg class="{}" viewBox="0 0 8 13" aria-hidden="true"><use href="{}#poche-{}"/></svg>',
        f"poche e-{state} {css}".strip(),
        static("bagage/sign.svg"),
        state,
    )


@register.simple_tag
def level(pocket: str, state: str) -> str:
    """The word of a state: ``{% level "connection" "full" %}`` is "pleine"."""
    return level_word(pocket, checked_state(state))


@register.simple_tag
def code_tag(code: str, css: str = "", label: str = "") -> SafeString:
    """The luggage tag, shown in groups of three; ``label`` is read before it ("Code" unless told)."""
    compact = code.replace(" ", "")
    return format_html(
        '<span class="{}"><span class="vh">{} </span>{}</span>',
        f"tag {css}".strip(),
        label or gettext("Code"),
        codes.shown_code(compact) if compact else code,
    )


@register.simple_tag
def meter(value: float, total: float, label: str, css: str = "val") -> SafeString:
    """A bar of ``value`` out of ``total``; ``label`` says it in words. ``css`` is ``val``, ``over`` or ``bad``."""
    width = 0.0 if not total else max(0.0, min(100.0, 100 * float(value) / float(total)))
    return format_html(
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="track" width="100" height="12"/><rect class="{}" x="0" width="{}" height="12"/></svg>',
        label,
        css,
        f"{width:.1f}",
    )


@register.simple_block_tag
def pocket(
    content: str,
    title: str,
    id: str = "",
    count: object = "",
    css: str = "",
    say: str = "",
    link: str = "",
    url: str = "",
) -> SafeString:
    """A pocket: ``title`` and ``count`` in its head, at right ``say`` (words) or ``link`` to ``url``.

    ``css`` adds ``asks`` (the one pocket of a screen that asks attention) or ``flat``.
    """
    identifier = id or f"h-{slugify(title)[:40]}"
    number = format_html(' <span class="n">{}</span>', count) if count not in ("", None) else ""
    push: SafeString | str = ""
    if url:
        push = format_html('<a class="push" href="{}">{}</a>', url, link)
    elif say:
        push = format_html('<span class="push soft">{}</span>', say)
    return format_html(
        '<section class="{}" aria-labelledby="{}"><div class="pocket-head"><h2 id="{}">{}{}</h2>{}</div>{}</section>',
        f"pocket {css}".strip(),
        identifier,
        identifier,
        title,
        number,
        push,
        mark_safe(content),
    )


# ---------- forms ----------
@register.simple_tag
def field(
    bound: BoundField,
    icon: str = "",
    kind: str = "",
    label: str = "",
    css: str = "",
    help: str = "",
    icons: Mapping[str, str] | None = None,
    hide_label: bool = False,
    optional: bool | None = None,
    **attrs: Any,
) -> SafeString:
    """One field whole: label above, "facultatif" when it may be left out, the widget, help, and what is wrong.

    ``kind`` for radios and several boxes: ``choices`` (unless told), ``tight``, ``thin``, ``pair``, ``three``,
    ``tiles``, ``seg`` (a segmented row; ``"seg unk3"`` when the last is "on ne sait pas", of value ``unknown``),
    ``scale`` (jamais, guidée, parfois, seule, "?"), ``list`` (one under the other). ``icons`` maps a choice's value
    to an icon (or the form field's own ``icons``). Other keywords become attributes of the widget: ``rows=3``,
    ``autofocus=True``; underscores turn into dashes (``hx_get``).
    """
    widget = bound.field.widget
    if bound.is_hidden:
        return mark_safe(str(bound))
    identifier = bound.auto_id or f"id_{bound.html_name}"
    errors = [str(error) for error in bound.errors]
    help_text = help or str(bound.help_text or "")
    described = " ".join(
        part
        for part in (
            f"{identifier}_help" if help_text else "",
            f"{identifier}_error" if errors else "",
        )
        if part
    )
    widget_attrs: dict[str, Any] = {
        name.rstrip("_").replace("_", "-"): value for name, value in attrs.items() if value is not False
    }
    if described:
        widget_attrs["aria-describedby"] = described
    if errors:
        widget_attrs["aria-invalid"] = "true"
    if isinstance(widget, Facts):
        widget_attrs |= {
            "hx-post": reverse("common:careful"),
            "hx-trigger": "input changed delay:900ms",
            # Nothing else of the form leaves the page before it is sent.
            "hx-params": f"{bound.html_name},csrfmiddlewaretoken",
            "hx-target": f"#{identifier}_careful",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
        }
    grouped = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    parts: dict[str, Any] = {
        "bound": bound,
        "identifier": identifier,
        "label": label or str(bound.label or ""),
        "icon": icon,
        "css": css,
        "help": help_text,
        "errors": errors,
        "hide_label": hide_label,
        "optional": not bound.field.required if optional is None else optional,
        "described": described,
        "kind": kind or "choices",
        "single": False,
        "grouped": grouped,
        "fieldset": grouped or widget.use_fieldset,
        "choices": [],
        "control": "",
        "careful": isinstance(widget, Facts),
    }
    if grouped:
        choice_icons = icons or getattr(bound.field, "icons", None) or {}
        parts["choices"] = [
            {
                "input": _choice_input(choice.data, widget_attrs, errors),
                "label": choice.choice_label,
                "icon": choice_icons.get(str(choice.data["value"]), ""),
                "identifier": choice.id_for_label,
                "value": str(choice.data["value"]),
            }
            for choice in bound.subwidgets
        ]
        parts["optional"] = parts["optional"] and isinstance(widget, forms.RadioSelect)
    elif isinstance(widget, forms.CheckboxInput):
        parts["single"] = True
        parts["optional"] = False
        parts["control"] = bound.as_widget(
            attrs=_with_class(widget, widget_attrs, "form-check-input", errors)
        )
    else:
        name = "form-select" if isinstance(widget, forms.Select) else "form-control"
        own = _with_class(widget, widget_attrs, name, errors)
        is_plain = widget.template_name == forms.Select.template_name and not bound.field.localize
        parts["control"] = _select(bound, own) if is_plain else bound.as_widget(attrs=own)
    return mark_safe(render_to_string("components/field.html", parts))


def _with_class(widget: forms.Widget, attrs: dict[str, Any], name: str, errors: list[str]) -> dict[str, Any]:
    """The attributes, with the class of the house added to those of the widget and of the tag."""
    classes = [name, str(widget.attrs.get("class", "")), str(attrs.get("class", ""))]
    if errors:
        classes.append("is-invalid")
    return {**attrs, "class": " ".join(part for part in classes if part)}


def _choice_input(data: dict[str, Any], attrs: dict[str, Any], errors: list[str]) -> SafeString:
    """The bare input of one choice."""
    own = {name: value for name, value in data["attrs"].items() if name not in {"class", "aria-describedby"}}
    own.update(
        {name: value for name, value in attrs.items() if name not in {"aria-describedby", "class", "id"}}
    )
    own.pop("aria-invalid", None)
    return format_html(
        '<input type="{}" name="{}" value="{}"{}>',
        data["type"],
        data["name"],
        "" if data["value"] is None else data["value"],
        _attributes(own),
    )


def _attributes(attrs: Mapping[str, Any]) -> SafeString:
    """Attributes of an element, each after a space; ``True`` is one without a value."""
    pairs = [(name, value) for name, value in attrs.items() if value is not None and value is not False]
    return format_html_join(
        "", " {}{}", ((name, "" if value is True else format_html('="{}"', value)) for name, value in pairs)
    )


def _select(bound: BoundField, attrs: dict[str, Any]) -> SafeString:
    """A list to choose from, as Django writes it: in its own way three templates an option, for fifty slots 5 ms."""
    widget = bound.field.widget
    own = bound.build_widget_attrs(attrs, widget)
    if bound.auto_id and "id" not in widget.attrs:
        own.setdefault("id", bound.auto_id)
    shown = widget.get_context(bound.html_name, bound.value(), own)["widget"]
    groups = []
    for label, options, _index in shown["optgroups"]:
        lines = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (
                    "" if option["value"] is None else option["value"],
                    _attributes(option["attrs"]),
                    option["label"],
                )
                for option in options
            ),
        )
        groups.append(format_html('<optgroup label="{}">{}</optgroup>', label, lines) if label else lines)
    return format_html(
        '<select name="{}"{}>{}</select>',
        shown["name"],
        _attributes(shown["attrs"]),
        mark_safe("".join(groups)),
    )


@register.simple_tag
def errors_summary(form: forms.BaseForm) -> SafeString:
    """What to mend, above the form: how many answers, a link to each, and that the rest is kept."""
    if not form.is_bound or not form.errors:
        return mark_safe("")
    whole = [str(error) for error in form.non_field_errors()]
    links = []
    for bound in form:
        if not bound.errors:
            continue
        if bound.is_hidden:
            whole += [str(error) for error in bound.errors]
            continue
        identifier = bound.auto_id
        if bound.field.widget.use_fieldset or isinstance(bound.field.widget, forms.RadioSelect):
            identifier = f"{bound.auto_id}_0"
        links.append({"identifier": identifier, "label": str(bound.label)})
    count = len(links)
    title = (
        ngettext("%(count)s réponse à revoir.", "%(count)s réponses à revoir.", count) % {"count": count}
        if count
        else ""
    )
    if count == 1:
        title = gettext("Une réponse à revoir.")
    return mark_safe(
        render_to_string("components/errors_summary.html", {"title": title, "whole": whole, "links": links})
    )


@register.simple_tag(takes_context=True)
def url_with(context: Context, **changes: object) -> str:
    """The present address with some parameters changed; ``None`` or ``""`` removes one."""
    request = context["request"]
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    encoded = query.urlencode()
    return f"{request.path}?{encoded}" if encoded else str(request.path)


@register.simple_tag(takes_context=True)
def user_key(context: Context) -> str:
    """An opaque mark of who is signed in, under which the browser keeps what she types; ``""`` for nobody."""
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return ""
    return salted_hmac("bagage.draft", str(user.pk)).hexdigest()[:16]


# ---------- filters: an absent value shows as nothing ----------
@register.filter
def day(value: date | datetime | None) -> str:
    """Like "jeudi 26 novembre"."""
    return words.day(value) if value else ""


@register.filter
def day_year(value: date | datetime | None) -> str:
    """Like "jeudi 26 novembre 2026"."""
    return words.day(value, year=True) if value else ""


@register.filter
def day_short(value: date | datetime | None) -> str:
    """Like "26 novembre"."""
    return words.day_short(value) if value else ""


@register.filter
def hour(value: time | datetime | None) -> str:
    """Like "10 h 30"; English "10:30"."""
    return words.hour(value) if value is not None and value != "" else ""


@register.filter
def hour_full(value: time | datetime | None) -> str:
    """Like "9 h 00", for a column of times."""
    return words.hour(value, full=True) if value is not None and value != "" else ""


@register.filter
def ago(value: datetime | None) -> str:
    """Like "il y a 12 min", "hier à 16 h 02", "le 12 octobre"."""
    return words.ago(value) if value else ""


@register.filter
def since(value: datetime | date | None) -> str:
    """Like "depuis 12 min", "depuis 3 jours"."""
    return words.since(value) if value else ""


@register.filter
def span(value: timedelta | int | None) -> str:
    """A length of time, or a number of minutes: "18 min", "1 h 05"."""
    if value is None or value == "":
        return ""
    return words.span(value if isinstance(value, timedelta) else timedelta(minutes=int(value)))


@register.filter
def money(value: Any) -> str:
    """Like "10,00 €"."""
    return words.money(None if value == "" else value)


@register.filter
def weight(size: int) -> str:
    """« 88 Ko », « 4,2 Mo »."""
    return words.weight(size)


@register.filter
def phone(value: str | None) -> str:
    """Like "06 39 98 41 27"."""
    return words.phone(str(value)) if value else ""


@register.filter
def joined(value: Iterable[object]) -> str:
    """Like "a, b et c"."""
    return words.joined(list(value))


@register.filter
def quoted(value: object) -> str:
    """What someone said, in the marks of the language: "« du pain »"."""
    return words.quoted(value)


@register.filter
def initials(name: str) -> str:
    """Like "HL" of "Hélène Lenoir"."""
    return "".join(part[0] for part in str(name).split()[:2]).upper()


@register.filter
def attr(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value under ``key``, or nothing."""
    return mapping.get(key, "")
