"""The panorama: who around helps with what, and one place with all that is known of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bagage.accounts.models import User
from bagage.common.exports import csv_response, xlsx_response
from bagage.common.middleware import is_htmx
from bagage.common.words import before_colon, joined, quoted
from bagage.common.words import phone as shown_phone
from bagage.directory import words
from bagage.directory.domain import places, plan
from bagage.directory.domain.asking import understand
from bagage.directory.domain.communes import Commune, communes_around, find_communes, nearest_commune
from bagage.directory.domain.matching import Fit
from bagage.directory.forms import (
    FIRST_NEEDS,
    MOST_SHOWN,
    OTHER_NEEDS,
    RADII,
    PanoramaForm,
    need_choices,
)
from bagage.directory.models import Structure
from bagage.directory.permissions import can_keep_panorama
from bagage.directory.queries import (
    LIMIT,
    RADIUS_KM,
    READ_AT_MOST,
    Found,
    Near,
    Row,
    answering_of,
    failing,
    row_of,
    search_services,
)
from bagage.directory.views.allowed import reader_of
from bagage.directory.views.listed import (
    Shown,
    asked_for,
    changed_url,
    choices_of,
    choices_shown,
    department_words,
    map_url,
    provenance_of,
    service_words,
    shown_place,
    total_words,
    understood_words,
)
from bagage.people.models import Following, Person, is_visible_to
from bagage.people.permissions import name_for
from bagage.people.queries import identity_ids, whole_person

# Around a commune the point is its middle: one looks further than around a permanence.
COMMUNE_RADIUS_KM = 5.0
WIDER = (2, 5, 10, 20, 50)
FEW = 4


@dataclass(frozen=True, slots=True)
class Centre:
    """Around what one looks: a name for the screen, and what the search takes. ``problem`` says why there is none.

    ``is_usual``: nobody typed it. ``home``: where one works (degrees), which tells namesakes apart.
    """

    name: str = ""
    near: Near = None
    is_point: bool = False
    problem: str = ""
    is_usual: bool = False
    home: tuple[float, float] | None = None


# ---------- the list ----------
@require_safe
def panorama(request: HttpRequest) -> HttpResponseBase:
    """The places around that answer a need, as a list and a plan, as CSV and XLSX."""
    user = reader_of(request)
    person = _person(request, user)
    form = PanoramaForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    centre = _centre(form, user)
    now = timezone.now()
    export = request.GET.get("export", "")
    found = radius = None
    # Without a place nor a word there is nothing to look for: that is said, never shown as an empty list.
    is_asked = centre.near is not None or form.words_free or form.words_written
    if not form.errors and not centre.problem and is_asked:
        radius = asked.get("radius") or (RADIUS_KM if centre.is_point else COMMUNE_RADIUS_KM)
        found = search_services(
            **form.question(now),
            near=centre.near,
            radius_km=radius,
            home=centre.home,
            limit=READ_AT_MOST if export else asked.get("shown") or LIMIT,
        )
        if export in {"csv", "xlsx"}:
            return _file(export, found, centre, radius, form, now)
    context: dict[str, Any] = {
        "form": form,
        "person": person,
        "person_name": name_for(user, person, now) if person else "",
        "person_url": _address("desk:person", person.uuid) if person else "",
        "centre": centre,
        "found": found,
        "is_part": is_htmx(request),
        "keeps": can_keep_panorama(user),
        "failing": failing() if found is not None else [],
        "now": now,
        **_filters(form, centre, radius),
        **(
            _listed(request, found, centre, radius or RADIUS_KM, form, person, now)
            if found is not None
            else {}
        ),
    }
    template = "directory/panorama.html#found" if is_htmx(request) else "directory/panorama.html"
    return render(request, template, context, status=422 if form.errors or centre.problem else 200)


@require_safe
def structure(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One place: all that is known of it, who says so, since when."""
    user = reader_of(request)
    person = _person(request, user)
    found = (
        Structure.objects.select_related("organisation", "same_as")
        .prefetch_related("services")
        .filter(uuid=uuid)
        .first()
    )
    if found is None:
        raise Http404
    now = timezone.now()
    row = row_of(found, now=now)
    return render(
        request,
        "directory/structure.html",
        {
            "structure": found,
            "shown": _shown_for(
                person,
                row,
                "",
                (),
                now,
                answering=answering_of([row.pks])[0],
                hers=_following_places(person, now),
            ),
            "services": [service_words(service) for service in row.services],
            "source": words.source_words(found.source),
            "kind": words.kind_words(found),
            "also": [
                {
                    "url": _with_person("directory:structure", other.uuid, person),
                    "source": words.source_words(other.source),
                }
                for other in row.also
            ],
            "address": words.place_words(found),
            "person": person,
            "person_name": name_for(user, person, now) if person else "",
            "back": _back(request),
            "map_url": map_url(found),
            "kind_is_from_name": found.fields_from.get("kind") == "name",
            "provenance": provenance_of(found),
            "keeps": can_keep_panorama(user),
        },
    )


def _person(request: HttpRequest, user: User) -> Person | None:
    """For whom one looks, if it was said and she may be seen."""
    text = request.GET.get("person", "")
    if not text:
        return None
    try:
        uuid = UUID(text)
    except ValueError as error:
        raise Http404 from error
    person = Person.objects.filter(uuid=uuid).select_related("merged_into").first()
    if person is None or not is_visible_to(user, person.pk):
        raise Http404
    return whole_person(person)


# ---------- around what ----------
def _centre(form: PanoramaForm, user: User) -> Centre:
    """Where it was typed, else where the free words say, else a point that a link gave, else where one works."""
    place, near = form.cleaned_data.get("place") or "", form.cleaned_data.get("near")
    is_of_link = near is not None and place == (form.cleaned_data.get("near_of") or place)
    is_typed = bool(place) and not is_of_link and place != (form.cleaned_data.get("usual") or "")
    works_at = _where_one_works(user) if form.words_free or not place else None
    home = _point(works_at)
    if form.words_free and not is_typed:
        read = understand(form.words_free, home)
        if read.place is not None:
            return Centre(read.place.name, read.place.code, is_usual=True, home=home)
        if read.department:
            return Centre(is_usual=True, home=home)
    if near is not None and is_of_link:
        there = nearest_commune(*near)
        return Centre(place or (there.name if there else ""), near, is_point=True, home=home)
    if place:
        found = find_communes(place, 1)
        if not found:
            return Centre(
                place,
                problem=_("On ne trouve pas %(place)s. Écrivez un code postal, ou le nom d’une commune.")
                % {"place": quoted(place)},
            )
        return Centre(found[0].name, found[0].code, is_usual=not is_typed, home=home)
    if form.words_free or form.words_written:
        return Centre(home=home)
    return Centre(works_at.name, works_at.code, is_usual=True, home=home) if works_at else Centre()


def _point(there: Commune | None) -> tuple[float, float] | None:
    if there is None or there.latitude is None or there.longitude is None:
        return None
    return there.latitude, there.longitude


def _where_one_works(user: User) -> Commune | None:
    for membership in user.current_memberships:
        city = membership.organisation.city
        found = find_communes(city, 1) if city else []
        if found:
            return found[0]
    return None


def _address(name: str, *args: object) -> str:
    """The address of a page of an activity above, or ``""`` in an installation that has not got it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _with_person(name: str, uuid: UUID, person: Person | None) -> str:
    """The address of a page of the panorama that keeps for whom one looks."""
    address = reverse(name, args=[uuid])
    return f"{address}?{urlencode({'person': person.uuid})}" if person else address


# ---------- the filters ----------
def _filters(form: PanoramaForm, centre: Centre, radius: float | None) -> dict[str, Any]:
    """What the form shows, with what is on; and what to do where nothing was looked for."""
    asked = form.cleaned_data
    near = centre.near if centre.is_point and isinstance(centre.near, tuple) else None
    return {
        "needs": choices_of(need_choices(FIRST_NEEDS), form.needs),
        "others": choices_of(need_choices(OTHER_NEEDS), form.needs),
        **choices_shown(form),
        "also": asked.get("also") or [],
        "radii": RADII,
        "radius_text": f"{radius or asked.get('radius') or COMMUNE_RADIUS_KM:g}",
        "near_text": f"{near[0]:.6f},{near[1]:.6f}" if near else "",
        "problems": [
            (before_colon(form.fields[name].label or name), " ".join(str(error) for error in errors))
            for name, errors in form.errors.items()
        ],
        "where_title": _("Autour de quel endroit ?"),
        "where_text": _("Écrivez un code postal ou une commune, ou le nom d’un lieu."),
    }


# ---------- what the list shows ----------
def _listed(
    request: HttpRequest,
    found: Found,
    centre: Centre,
    radius: float,
    form: PanoramaForm,
    person: Person | None,
    now: datetime,
) -> dict[str, Any]:
    """The rows in words, the plan, and the ways on from here."""
    needs = asked_for(form, found)
    answering = answering_of([row.pks for row in found])
    hers = _following_places(person, now)
    shown = [
        _shown_for(person, row, str(number), needs, now, wanted=found.wanted, answering=said, hers=hers)
        for number, (row, said) in enumerate(zip(found, answering, strict=True), start=1)
    ]
    unsaid = next((place for place in shown if needs and place.row.fit not in {Fit.ALL, Fit.SOME}), None)
    if unsaid is not None:
        shown[shown.index(unsaid)] = replace(unsaid, is_first_unsaid=True)
    more = found.total - len(shown)
    wider = next((km for km in WIDER if km > radius), None) if found.point and found.total < FEW else None
    drawn = _plan(found, shown, radius)
    place = {"km": f"{radius:g}", "place": centre.name}
    return {
        "shown": shown,
        "total": words.saying_words(found.saying, found.total) if needs else total_words(found.total),
        "unsaid": words.unsaid_words(found.total - found.saying)
        if needs and found.saying < found.total
        else "",
        "where": _("à moins de %(km)s km de %(place)s") % place
        if centre.near is not None
        else _("dans le %(department)s") % {"department": department_words(found.understood.department)}
        if found.understood.department
        else _("en France"),
        "understood": understood_words(found, place_holds=centre.is_usual),
        "plan": drawn,
        "plan_width": plan.WIDTH,
        "plan_height": plan.HEIGHT,
        "plan_label": _("Plan : les lieux de la liste, à moins de %(km)s km de %(place)s") % place,
        "rings": [
            {"r": ring.r, "y": drawn.y + ring.r - 6, "label": words.length_words(ring.metres)}
            for ring in drawn.rings
        ]
        if drawn
        else [],
        "here_y": drawn.y - 24 if drawn else 0,
        "out": [
            (words.out_words(reason, count), changed_url(request, also=[*form.cleaned_data["also"], reason]))
            for reason, count in found.out.items()
        ],
        "more": more,
        "more_url": changed_url(request, shown=[str(min(MOST_SHOWN, len(shown) + LIMIT))])
        if more > 0 and len(shown) < MOST_SHOWN
        else "",
        "wider": wider,
        "wider_url": changed_url(request, radius=[str(wider)]) if wider else "",
        "csv_url": changed_url(request, export=["csv"]),
        "xlsx_url": changed_url(request, export=["xlsx"]),
    }


def _shown_for(
    person: Person | None,
    row: Row,
    number: str,
    needs: tuple[str, ...],
    now: datetime,
    *,
    answering: str,
    hers: Collection[str],
    wanted: Mapping[str, Sequence[str]] | None = None,
) -> Shown:
    """A place in words, with its page and where she is referred to it."""
    structure = row.structure
    is_hers = structure.source == places.OURS and structure.source_id in hers
    return shown_place(
        row,
        number,
        needs,
        now,
        wanted=wanted,
        answering=answering,
        url=_with_person("directory:structure", structure.uuid, person),
        onward="" if is_hers else _onward(person, structure, row, needs),
    )


def _following_places(person: Person | None, now: datetime) -> frozenset[str]:
    """The permanences that follow her, as the panorama names them: nobody is sent on to where she is. Two queries."""
    if person is None:
        return frozenset()
    followed = Following.objects.current(now).filter(person__in=identity_ids(person))
    return frozenset(str(uuid) for uuid in followed.values_list("node__uuid", flat=True))


def _onward(person: Person | None, structure: Structure, row: Row, needs: tuple[str, ...]) -> str:
    """Where one refers her to this place, in an installation that has the page; ``""`` without her."""
    if person is None:
        return ""
    address = _address("referrals:onward_new", person.uuid)
    if not address:
        return ""
    need = next((service.need for service in row.matched), needs[0] if needs else "")
    query = {"structure": str(structure.uuid), **({"need": need} if need else {})}
    return f"{address}?{urlencode(query)}"


def _plan(found: Found, shown: list[Shown], radius: float) -> plan.Plan | None:
    if found.point is None:
        return None
    points = [
        (each.row.structure.latitude, each.row.structure.longitude, each.number, each.css)
        for each in shown
        if each.row.structure.latitude is not None and each.row.structure.longitude is not None
    ]
    return plan.plan_around(
        *found.point,
        radius,
        points[:LIMIT],
        communes_around(*found.point, radius * 1.4),
    )


def _back(request: HttpRequest) -> str:
    """The list that one comes from, when it was the panorama of this house."""
    address = reverse("directory:panorama")
    person = request.GET.get("person", "")
    return f"{address}?{urlencode({'person': person})}" if person else address


# ---------- the list as a file ----------
def _file(
    kind: str, found: Found, centre: Centre, radius: float, form: PanoramaForm, now: datetime
) -> HttpResponseBase:
    """The whole list, with what nobody knows said as such."""
    filename = f"bagage-panorama-{timezone.localtime(now):%Y-%m-%d-%Hh%M}"
    if found.is_cut:  # said where it cannot be missed: neither format has a place for a warning
        filename += "-" + _("incomplet")
    if kind == "csv":
        return csv_response(filename, _lines(found, now))
    labels = form.said
    if centre.near is not None:
        labels.insert(0, _("à moins de %(km)s km de %(place)s") % {"km": f"{radius:g}", "place": centre.name})
    return xlsx_response(filename, _lines(found, now), title=_("Panorama"), fixed_at=now, filters=labels)


def _lines(found: Found, now: datetime) -> Iterator[list[Any]]:
    unknown = _("on ne sait pas")
    moment = timezone.localtime(now).replace(tzinfo=None)
    yield [
        _("Nom"), _("Sorte de lieu"), _("Adresse"), _("Code postal"), _("Commune"), _("Distance en mètres"),
        _("Ce qu’on y propose"), _("Prix"), _("Ouvert ou fermé"), _("Horaires"), _("Téléphone"), _("Mail"), _("Site"),
        _("On ne sait pas"), _("Source"), _("Licence"), _("Noté le"), _("Latitude"), _("Longitude"),
    ]  # fmt: skip
    for row in found:
        place = row.structure
        given = [str(service.get_need_display()) for service in row.services if service.is_known]
        yield [
            words.calm(place.name),
            words.kind_words(place),
            words.calm(place.address) or unknown,
            place.postcode,
            words.calm(place.city),
            row.distance_m,
            joined(given) or unknown,
            words.cost_words(row.costs) or unknown,
            words.opening_words(row.opening, moment),
            words.hours_words(row.hours, row.weekly_hours) or unknown,
            shown_phone(row.phone) if row.phone else unknown,
            place.email or unknown,
            place.website or unknown,
            joined([words.UNKNOWN[name] for name in row.unknown]),
            words.source_words(place.source),
            place.licence or unknown,
            place.source_date or unknown,
            place.latitude,
            place.longitude,
        ]
