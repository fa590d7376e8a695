"""How an obstacle is lifted with her, with its letter; the texts and figures that the house may change."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.words import written_for
from bagage.connection.forms.advice import FiguresForm, LetterForm, LiftingForm
from bagage.connection.papers import letter_paper
from bagage.connection.permissions import can_keep_texts
from bagage.connection.queries.kept import figures_of_the_house
from bagage.connection.queries.lifting import BANK_REFUSAL, LIFTED, lifting_texts
from bagage.connection.services.advice import (
    change_lifting_text,
    note_printed,
    restore_lifting_text,
    set_usage_figures,
)
from bagage.connection.views.advice import open_person, pdf_answer
from bagage.connection.words import condition_label


@require_http_methods(["GET", "HEAD", "POST"])
def lifting(request: HttpRequest, uuid: UUID, condition: str) -> HttpResponse:
    """How this obstacle is lifted with her; sent, the letter as a file, filled with what was typed and not kept."""
    opened = open_person(request, uuid)
    texts = lifting_texts()
    if condition not in texts:
        raise Http404
    text = texts[condition]
    if request.method == "POST" and text.has_letter:
        form = LetterForm(request.POST)
        if form.is_valid():
            note_printed(opened.person, condition, by=opened.user)
            # Who reads it is a bank or an office of the town, not whoever presses the button.
            with written_for():
                paper = letter_paper(text, form.cleaned_data, on=opened.today)
            return pdf_answer(paper, f"lettre-{condition}.pdf")
    else:
        with written_for():
            to = str(text.letter_to)
        form = LetterForm(initial={"name": opened.person.full_name, "to": to})
    return render(
        request,
        "connection/lifting.html",
        {
            "person": opened.person,
            "text": text,
            "label": _lifting_label(condition),
            "other": texts[BANK_REFUSAL] if condition == "bank_account" else None,
            "form": form,
            "can_keep_catalogue": can_keep_texts(opened.user),
        },
    )


def _lifting_label(condition: str) -> str:
    return _("Refus de la banque") if condition == BANK_REFUSAL else condition_label(condition)


# ---------- what the house sets ----------
def _keeper(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)
    if not can_keep_texts(user):
        raise PermissionDenied
    return user


@require_http_methods(["GET", "HEAD", "POST"])
def figures(request: HttpRequest) -> HttpResponse:
    """How much a call, a video, a visit of a site takes."""
    user = _keeper(request)
    form = FiguresForm(request.POST if request.method == "POST" else None, figures=figures_of_the_house())
    if request.method == "POST" and form.is_valid():
        try:
            changed = set_usage_figures(form.figures(), by=user)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request,
                _("Chiffres enregistrés. Les conseils gardés ne changent pas.")
                if changed
                else _("Rien n’a changé."),
            )
            return redirect("connection:figures")
    return render(request, "connection/figures.html", {"form": form})


@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """The texts of all obstacles."""
    _keeper(request)
    rows = [(text, _lifting_label(code)) for code, text in lifting_texts().items()]
    return render(request, "connection/texts.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def text_edit(request: HttpRequest, condition: str) -> HttpResponse:
    """Change the text of one obstacle, or go back to the one that comes with Bagage."""
    user = _keeper(request)
    if condition not in LIFTED:
        raise Http404
    text = lifting_texts()[condition]
    if request.method == "POST" and request.POST.get("do") == "restore":
        restore_lifting_text(condition, by=user)
        messages.success(request, _("Le texte de Bagage est revenu."))
        return redirect("connection:texts")
    # A text of the house is one for all who read it: in the language of the installation.
    with written_for():
        initial = {
            "summary": str(text.summary),
            "steps": str(text.steps),
            "link": text.link,
            "letter_title": str(text.letter_title),
            "letter_to": str(text.letter_to),
            "letter_body": str(text.letter_body),
            "is_checked": not text.is_example,
        }
    form = LiftingForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            change_lifting_text(condition, is_example=not fields.pop("is_checked"), by=user, **fields)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Texte enregistré."))
            return redirect("connection:texts")
    return render(
        request,
        "connection/text_edit.html",
        {"form": form, "text": text, "label": _lifting_label(condition)},
    )
