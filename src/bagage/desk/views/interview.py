"""The welcome interview: on screen, saved as one goes; on paper, printed and entered later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.middleware import is_htmx
from bagage.common.qr import qr_svg
from bagage.common.words import day, hour
from bagage.desk.forms import PaperForm, SheetForm
from bagage.desk.queries import given_by, next_appointment, referral_of
from bagage.desk.views.person import OpenFile, address_of, open_file
from bagage.journeys.models import Interview, Pocket
from bagage.journeys.permissions import answerable
from bagage.journeys.queries import (
    Question,
    QuestionGroup,
    baggages,
    current_interview,
    headings,
    interview_groups,
    pocket_words,
    progress_of,
    request_rows,
    suggested_items,
    three_questions,
)
from bagage.journeys.services import (
    add_request,
    answer_interview,
    enter_paper_interview,
    finish_interview,
    open_journey,
    start_interview,
)
from bagage.people.models import Person
from bagage.permanences.queries import appointments_of
from bagage.skills.domain.profile import Profile, profile
from bagage.skills.queries import asked_items
from bagage.trail.services import record_reading

TEXTS = ("wants", "interpreter", "language")


@require_http_methods(["GET", "HEAD", "POST"])
def interview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The interview that is open, or the last one to correct it. Reading starts nothing; the first answer does."""
    opened = open_file(request, uuid)
    if not opened.view.three_questions:
        raise PermissionDenied
    if opened.person.uuid != uuid:
        return redirect("desk:interview", opened.person.uuid)
    current = current_interview(opened.files)
    if not opened.view.interview and current is not None and current.finished_at:
        messages.info(
            request, _("L’entretien est fini. Une conseillère ou un conseiller peut encore le corriger.")
        )
        return redirect("desk:person", opened.person.uuid)
    if request.method == "POST":
        return _save(request, opened, current)
    record_reading(
        opened.user.actor, "read_interview", at=opened.now, place=opened.view.place, person=opened.person.uuid
    )
    return render(request, "desk/interview.html", _page(opened, current))


def _save(request: HttpRequest, opened: OpenFile, current: Interview | None) -> HttpResponse:
    """Answers of one question (htmx) or of the whole form, then what the button asks for."""
    act = request.POST.get("do", "save")
    node = opened.view.working_node()
    if node is None or (act in {"finish", "again"} and not opened.view.interview):
        raise PermissionDenied
    person_url = reverse("desk:person", args=[opened.person.uuid])
    try:
        if current is None or act == "again":
            current = _start(opened)
        answers = _changed_answers(request.POST, opened)
        how = "seen" if request.POST.get("seen") and opened.view.interview else "said"
        changed = answer_interview(current, answers, how=how, by=opened.user) if answers else []
        if words := request.POST.get("request_words", "").strip():
            add_request(
                open_journey(opened.person, node, by=opened.user),
                words=words,
                pocket=request.POST.get("request_pocket", ""),
                said_on=current.held_on if current.finished_at is None else timezone.localdate(),
                source=f"interview:{current.uuid}",
                by=opened.user,
            )
        if act == "finish":
            finish_interview(current, by=opened.user)
            messages.success(request, _("Entretien fini. Tout se corrige, l’histoire est gardée."))
            return redirect(person_url)
    except BusinessError as error:
        if is_htmx(request):
            raise
        context = _page(opened, current_interview(opened.files), typed=request.POST)
        context["refused"] = str(error)
        return render(request, "desk/interview.html", context, status=error.status)
    if is_htmx(request):
        context = _page(opened, current_interview(opened.files))
        context["changed"] = changed
        context["added"] = act == "add"
        return render(request, "desk/interview.html#answered", context)
    if act == "stop":
        if current.finished_at:
            messages.success(
                request, _("Corrections gardées. Ce qui était écrit avant reste dans les preuves.")
            )
        else:
            messages.success(request, _("Gardé. L’entretien se reprend quand vous voulez."))
        return redirect(person_url)
    if act == "add":
        return redirect(f"{reverse('desk:interview', args=[opened.person.uuid])}#h-e")
    messages.success(request, _("Réponses gardées."))
    return redirect("desk:interview", opened.person.uuid)


def _start(opened: OpenFile) -> Interview:
    """Start it in the name of the permanence that follows her, tied to the appointment of today if there is one."""
    node = opened.view.working_node()
    assert node is not None
    coming = next_appointment(appointments_of(opened.files), view=opened.view, now=opened.now)
    if coming and timezone.localdate(coming.starts_at) != timezone.localdate(opened.now):
        coming = None
    return start_interview(opened.person, node=node, appointment=coming, by=opened.user)


def _changed_answers(data: QueryDict, opened: OpenFile) -> dict[str, str]:
    """What was answered on this page: an answer that stands as the page showed it (``was-…``) is left alone.

    Names that this reader may not answer are refused.
    """
    known = {"csrfmiddlewaretoken", "do", "seen", "request_words", "request_pocket"}
    answers: dict[str, str] = {}
    for name in data:
        if name in known or name.startswith("was-"):
            continue
        if not answerable(opened.view, name):
            raise PermissionDenied
        value = data.get(name, "")
        if value != data.get(f"was-{name}") and (value or f"was-{name}" in data or name in TEXTS):
            answers[name] = value
    return answers


def _page(opened: OpenFile, current: Interview | None, *, typed: QueryDict | None = None) -> dict[str, Any]:
    """All that the page shows; ``typed`` puts back what was sent when it is refused."""
    her, files, view = opened.person, opened.files, opened.view
    today = timezone.localdate(opened.now)
    items = asked_items() if view.diagnosis else []
    titles = {item.code: item.title for item in items}
    three = three_questions(her, current)
    groups: list[QuestionGroup] = []
    if view.interview:
        groups = interview_groups(her, files=files, interview=current, items=items, today=today)
    wants = current.wants if current else ""
    if typed is not None:
        three = [_retyped(question, typed) for question in three]
        groups = [
            replace(
                group,
                parts=[(title, [_retyped(one, typed) for one in asked]) for title, asked in group.parts],
            )
            for group in groups
        ]
        wants = typed.get("wants", wants)
    three_known = sum(question.is_known for question in three) + bool(wants)
    baggage = baggages([her], today=today, files={her.pk: files})[her.pk]
    rows = request_rows(her, files)
    referral = referral_of(files)
    steps = {
        question.name: None if question.value in {"", "unknown"} else int(question.value)
        for group in groups
        if group.name == "skills"
        for question in group.questions
    }
    has_no_mailbox = any(
        question.name == "mailbox" and question.value == "no"
        for group in groups
        for question in group.questions
    )
    said_before = [
        row for row in rows if current is None or row.request.source != f"interview:{current.uuid}"
    ]
    return {
        "person": her,
        "view": view,
        "interview": current,
        "is_finished": bool(current and current.finished_at),
        "when": _when(current, opened),
        "headings": headings(her),
        "referral": referral,
        "given": given_by(referral) if referral else [],
        "identity_url": address_of("desk:person_identity", her.uuid),
        "three": three,
        "three_known": three_known,
        "wants": wants,
        "typed_words": typed.get("request_words", "") if typed is not None else "",
        "said_before": said_before[:2],
        "groups": groups,
        "progress": progress_of(groups, (three_known, 3)),
        "pocket_choices": Pocket.choices,
        "requests": rows,
        "suggestions": suggested_items(steps, items, has_no_mailbox=has_no_mailbox),
        "baggage": baggage,
        "pockets": pocket_words(baggage, details=view.diagnosis, titles=titles),
        "hint": _hint(current) if view.three_questions else "",
        "refused": "",
        "changed": [],
        "added": False,
        "answer_url": reverse("desk:interview", args=[her.uuid]),
    }


def _retyped(question: Question, typed: QueryDict) -> Question:
    """With what was sent for it, if it offers that: nothing else can be shown, nor counted as a step."""
    value = typed.get(question.name)
    if value is None or value not in {"", *(choice.value for choice in question.choices)}:
        return question
    return replace(question, value=value)


def _when(current: Interview | None, opened: OpenFile) -> str:
    """Like "Jeudi 26 novembre, en soninké avec Djeneba"."""
    on = current.held_on if current else timezone.localdate(opened.now)
    text = day(on)
    text = text[:1].upper() + text[1:]
    if current and current.appointment and current.finished_at is None:
        text += f", {hour(current.appointment.starts_at)}"
    if current and current.language:
        text += ", " + _("en %(language)s") % {"language": current.language}
    if current and current.interpreter:
        text += ", " + _("avec %(interpreter)s") % {"interpreter": current.interpreter}
    return text


def _hint(current: Interview | None) -> str:
    """What reception may propose first, from two of the three answers."""
    found = profile(current.connected_today, current.last_time) if current else Profile.UNKNOWN
    return {
        Profile.A: _("À proposer d’abord : faire ensemble, avec quelqu’un à côté."),
        Profile.B: _("À proposer d’abord : apprendre, à son rythme."),
        Profile.C: _("À proposer d’abord : débloquer un point, puis laisser faire."),
        Profile.UNKNOWN: "",
    }[found]


# ---------- on paper ----------
@require_safe
def interview_paper(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same questions on A4, with boxes to tick, her code and a QR that opens the page to enter it."""
    opened = open_file(request, uuid)
    if not opened.view.interview:
        raise PermissionDenied
    record_reading(
        opened.user.actor, "read_interview", at=opened.now, place=opened.view.place, person=opened.person.uuid
    )
    entry_url = request.build_absolute_uri(reverse("desk:interview_entry", args=[opened.person.uuid]))
    context = _paper(opened.person)
    context |= {"person": opened.person, "qr": qr_svg(entry_url, _("Ouvre la page où saisir cette feuille"))}
    return render(request, "desk/interview_paper.html", context)


@require_safe
def interview_blank(request: HttpRequest) -> HttpResponse:
    """The form without a person, for an hour without network or without a file yet."""
    user = request.user
    assert isinstance(user, User)
    if not user.can(Ability.INTERVIEW):
        raise PermissionDenied
    return render(request, "desk/interview_paper.html", _paper(Person()) | {"person": None, "qr": ""})


def _paper(person: Person) -> dict[str, Any]:
    """The questions, without any answer."""
    groups = interview_groups(
        person, files=[], interview=None, items=asked_items(), today=timezone.localdate()
    )
    return {"three": three_questions(person, None), "groups": groups, "headings": headings(person)}


@require_http_methods(["GET", "HEAD", "POST"])
def interview_entry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Enter a form filled on paper: one letter or figure an answer, Tab between them."""
    opened = open_file(request, uuid)
    node = opened.view.working_node()
    if not opened.view.interview or node is None:
        raise PermissionDenied
    today = timezone.localdate(opened.now)
    three = three_questions(opened.person, None)
    groups = interview_groups(opened.person, files=[], interview=None, items=asked_items(), today=today)
    questions = [*three, *(question for group in groups for question in group.questions)]
    form = PaperForm(request.POST or None, questions=questions, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            enter_paper_interview(
                opened.person,
                form.answers(),
                node=node,
                held_on=form.cleaned_data["held_on"],
                requests=form.requests(),
                by=opened.user,
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Feuille saisie. Ses réponses comptent au jour de l’entretien."))
            if request.POST.get("then") == "another":
                return redirect("desk:interview_sheets")
            return redirect("desk:person", opened.person.uuid)
    parts = [(_("Trois questions à l’accueil"), three)]
    for group in groups:
        parts += [
            (f"{group.title} · {title}" if title else group.title, asked) for title, asked in group.parts
        ]
    lines = [(title, [(question, form[question.name]) for question in asked]) for title, asked in parts]
    return render(
        request, "desk/interview_entry.html", {"person": opened.person, "form": form, "lines": lines}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def interview_sheets(request: HttpRequest) -> HttpResponse:
    """Several sheets one after the other: the code of each opens the page to enter it.

    A code of a person out of scope answers like a code of nobody.
    """
    user = request.user
    assert isinstance(user, User)
    if not user.can(Ability.INTERVIEW):
        raise PermissionDenied
    form = SheetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = Person.objects.visible_to(user).filter(
            card_codes__code=form.cleaned_data["code"], card_codes__ended_at=None, erased_at=None
        )
        if person := found.first():
            return redirect("desk:interview_entry", person.uuid)
        form.add_error(
            "code", _("Aucune personne d’ici n’a ce code. Relisez-le, ou cherchez-la par son nom.")
        )
    return render(request, "desk/interview_sheets.html", {"form": form})
