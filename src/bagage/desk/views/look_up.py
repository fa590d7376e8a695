"""Who is she? The look-up, the file of another site, two files that are one person and two persons again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.common import words
from bagage.common.codes import shown_code
from bagage.common.errors import BusinessError
from bagage.common.links import LinkForged, read_token
from bagage.common.middleware import is_htmx
from bagage.common.ratelimit import limit
from bagage.common.row_security import wide
from bagage.common.together import Asking, beside, side_by_side, together
from bagage.desk.identity_forms import AccessForm
from bagage.desk.queries import age_on
from bagage.desk.queries.look_up import last_seen, told_by
from bagage.journeys.domain.baggage import Baggage
from bagage.journeys.queries import baggages, bags_of, files_of
from bagage.people import permissions, services
from bagage.people.domain.asking import Understood
from bagage.people.domain.names import fold, script_of
from bagage.people.models import Merge, NotTheSame, Person
from bagage.people.queries import (
    Hit,
    LookUp,
    alike_files,
    identity_ids,
    look_up,
    whole_person,
)
from bagage.people.queries.finding import ELSEWHERE_PURPOSE
from bagage.people.queries.index import places_among
from bagage.people.words import Why, birth_words, born_about, whys
from bagage.permanences.models import Appointment
from bagage.permanences.queries import current_site, sites_for

SESSION_KEY = "look_up"
KEPT_FOR = timedelta(minutes=15)
# Where two persons were compared from, and where one goes on.
BACK = {"look_up": "desk:look_up", "duplicates": "desk:duplicates"}
# Full questions may be answered about other sites: guessing years one by one must not pay.
RATE_TYPED, RATE_ASKED = "240/m/user", "30/m/user,300/h/user"


def signed_in(request: HttpRequest) -> User:
    """Who asks."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def who_looks_up(request: HttpRequest) -> User:
    """Who asks, if her role looks persons up; 403 otherwise."""
    user = signed_in(request)
    if not permissions.can_look_up(user):
        raise PermissionDenied
    return user


def node_here(request: HttpRequest, user: User) -> Organisation | None:
    """The permanence for which she acts: the one where she works now, if she may look up there, else her first."""
    site = current_site(request)
    if site is not None and user.can(Ability.LOOK_UP, site.organisation):
        return site.organisation
    sites = sites_for(user, Ability.LOOK_UP)
    return sites[0].organisation if sites else None


def visible_file(user: User, uuid: UUID) -> Person:
    """The file of that id, if this user may open it or the one that is kept of it; 404 otherwise."""
    person = get_object_or_404(Person.objects.select_related("merged_into").filter(erased_at=None), uuid=uuid)
    if not permissions.can_open_file(user, person) and not permissions.can_open_file(
        user, whole_person(person)
    ):
        raise Http404
    return person


def file_to_change(user: User, uuid: UUID) -> Person:
    """The kept file of that id: 404 out of scope, 403 for a role that may not change who she is."""
    person = whole_person(visible_file(user, uuid))
    if not permissions.can_change_identity(user, person):
        raise PermissionDenied
    return person


# ---------- the look-up ----------
@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit as it is shown: her bag, and the line under her name."""

    hit: Hit
    bag: Baggage | None
    line: str


def looked_up(request: HttpRequest, user: User, asked: str, *, is_typing: bool) -> LookUp:
    """One question: counted, answered, noted."""
    limit(request, "look_up_typed" if is_typing else "look_up", RATE_TYPED if is_typing else RATE_ASKED)
    found = look_up(asked, user=user, is_typing=is_typing)
    if not found.understood.is_empty:
        services.note_look_up(
            user, node=node_here(request, user), told=[line.person_uuid for line in found.elsewhere]
        )
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def look_up_page(request: HttpRequest) -> HttpResponse:
    """Who is she? A question is posted, never written in an address; coming back shows it again for a while."""
    user = who_looks_up(request)
    if request.method == "POST":
        asked = " ".join(request.POST.get("q", "").split())[:200]
        asked = " ".join([asked, request.POST.get("year", ""), request.POST.get("phone", "")]).strip()
        if is_htmx(request):
            is_typing = "typing" in request.POST
            if not is_typing:
                _keep(request, asked)
            return render(
                request, "desk/look_up.html#found", found_facts(request, user, asked, is_typing=is_typing)
            )
        _keep(request, asked)
        return redirect("desk:look_up")
    return render(request, "desk/look_up.html", found_facts(request, user, kept_question(request)))


def _keep(request: HttpRequest, asked: str) -> None:
    request.session[SESSION_KEY] = [asked, timezone.now().timestamp()]


def kept_question(request: HttpRequest) -> str:
    """What was asked last in this session, a quarter of an hour ago at most."""
    asked, at = request.session.get(SESSION_KEY) or ["", 0.0]
    return str(asked) if timezone.now().timestamp() - at <= KEPT_FOR.total_seconds() else ""


def found_facts(request: HttpRequest, user: User, asked: str, *, is_typing: bool = False) -> dict[str, Any]:
    """What the page shows of one question."""
    if not asked:
        return {"asked": "", "was_asked": False, "candidates": [], "elsewhere": [], "chips": [], "pair": None}
    found = looked_up(request, user, asked, is_typing=is_typing)
    persons = [hit.person for hit in found.hits]
    # Half a name is no moment to ask whether two files are one: nothing is compared then.
    pairs = [] if is_typing else alike_files(persons)
    files = files_of(person.pk for person in persons)
    asks: list[Asking[Any]] = [candidates_of.asking(found.hits, files)]
    if pairs:
        one, other, likeness = pairs[0]
        asks.append(preview.asking(one, other, whys(likeness.reasons, other.grammar), files))
    candidates, pair = (*side_by_side(asks), None)[:2]
    return {
        "asked": asked,
        "was_asked": not found.understood.is_empty,
        "is_typing": is_typing,
        "candidates": candidates,
        "elsewhere": found.elsewhere,
        "chips": _chips(found.understood, places_among(found.understood.name)),
        "count": _count_words(len(found.hits), len(found.elsewhere)),
        "pair": pair,
    }


@together
def candidates_of(hits: Sequence[Hit], files: dict[int, list[int]] | None = None) -> Asking[list[Candidate]]:
    """Each hit with its bag and its line; ``files`` are those of each, where they are known already."""
    persons = [hit.person for hit in hits]
    bags, seen = yield from beside(
        [baggages.asking(persons, files=files), last_seen.asking([person.pk for person in persons])]
    )
    today = timezone.localdate()
    return [
        Candidate(hit, bags.get(hit.person.pk), _line(hit.person, seen.get(hit.person.pk), today))
        for hit in hits
    ]


def _line(person: Person, seen: Appointment | None, today: Any) -> str:
    """Like "41 ans, bambara, Paris 19e. Vue le 17 novembre par Inès."."""
    facts = [age_on(person, today) or gettext("Âge : on ne sait pas"), person.languages, person.where]
    sentences = [", ".join(part for part in facts if part)]
    if script_of(person.full_name) != "latin" and fold(person.full_name):
        sentences.append(gettext("En lettres latines : %(name)s") % {"name": fold(person.full_name).title()})
    if seen is not None:
        day, by = words.day_short(seen.starts_at), seen.adviser.first_name
        said = {"she": gettext("Vue le %(day)s par %(by)s"), "he": gettext("Vu le %(day)s par %(by)s")}
        neutral = gettext("Dernier passage le %(day)s, avec %(by)s")
        sentences.append(said.get(person.grammar, neutral) % {"day": day, "by": by})
    else:
        sentences.append(gettext("Pas encore de passage"))
    return ". ".join(sentences) + "."


def _chips(understood: Understood, places: list[str]) -> list[tuple[str, str]]:
    """How the question was understood: (icon, words). ``places`` are those of its words that are where persons live."""
    chips: list[tuple[str, str]] = []
    name = " ".join(word for word in understood.name.split() if word not in places)
    if name:
        chips.append(("user-round", name))
    if places:
        chips.append(("map-pin", " ".join(places)))
    if (year := understood.year) is not None:
        if year.on is not None:
            text = gettext("naissance le %(day)s") % {"day": words.day_short(year.on, year=True)}
        elif year.is_about:
            text = born_about(year.value)
        else:
            text = gettext("naissance en %(year)s") % {"year": year.value}
        chips.append(("calendar-days", text))
    if understood.phone:
        chips.append(("phone", words.phone(understood.phone)))
    if understood.code:
        chips.append(("ticket", understood.code))
    return chips


def _count_words(here: int, elsewhere: int) -> str:
    parts = []
    if here:
        parts.append(ngettext("%(count)s personne ici", "%(count)s personnes ici", here) % {"count": here})
    if elsewhere:
        parts.append(gettext("peut-être ailleurs"))
    return ", ".join(parts)


# ---------- the file of another site ----------
@require_POST
@wide("look_up_elsewhere")
def look_up_elsewhere(request: HttpRequest) -> HttpResponse:
    """Opens the file that another site follows, with her word or a written reason; the token stays in the form."""
    user = who_looks_up(request)
    token = request.POST.get("token", "")
    asker, person_uuid, site_name = read_token(ELSEWHERE_PURPOSE, token)
    if asker != str(user.uuid):
        raise LinkForged
    node = node_here(request, user)
    if node is None:
        raise BusinessError(gettext("Choisissez d’abord la permanence où vous travaillez."))
    sent = "has_her_word" in request.POST or "send" in request.POST
    form = AccessForm(request.POST if sent else None)
    if sent and form.is_valid():
        person = whole_person(get_object_or_404(Person.objects.filter(erased_at=None), uuid=person_uuid))
        try:
            asked = services.request_access(
                person,
                for_node=node,
                has_her_word=form.cleaned_data["has_her_word"] == "yes",
                reason=form.cleaned_data["reason"],
                by=user,
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request,
                gettext("Son dossier est ouvert à %(here)s. %(there)s le sait.")
                % {"here": node.name, "there": site_name},
            )
            return redirect("desk:person", uuid=asked.person.uuid)
    return render(
        request,
        "desk/look_up_elsewhere.html",
        {"form": form, "token": token, "site_name": site_name, "here": node.name},
        status=422 if sent and is_htmx(request) else 200,
    )


# ---------- one person, two persons ----------
@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison: what the first file says, the second, and both together."""

    label: str
    one: Any
    other: Any
    both: Any
    is_bag: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """Two files side by side; nothing is done yet."""

    kept: Person
    merged: Person
    why: tuple[Why, ...]
    rows: list[Row]
    apart: NotTheSame | None

    @property
    def speaking(self) -> list[str]:
        """What speaks for one person."""
        return [one.text for one in self.why if one.speaks]

    @property
    def doubts(self) -> list[str]:
        """What is unknown, or speaks against."""
        return [one.text for one in self.why if not one.speaks]


@together
def preview(
    kept: Person, merged: Person, why: tuple[Why, ...], files: dict[int, list[int]]
) -> Asking[Preview]:
    """What each file says, and what they would say together, ``kept`` giving the name; ``files`` are those of each."""
    ones, others = files[kept.pk], files[merged.pk]
    bags, told = yield from beside(
        [
            bags_of.asking({"kept": ones, "merged": others, "both": [*ones, *others]}),
            told_by.asking(ones, others),
        ]
    )
    visits = told.visits
    nothing = gettext("on ne sait pas")
    also = kept.full_name
    if merged.full_name != kept.full_name:
        also = gettext("%(name)s, aussi %(other)s") % {"name": kept.full_name, "other": merged.full_name}
    birth = birth_words(kept) if kept.birth_year else birth_words(merged)
    languages = dict.fromkeys(
        part.strip() for person in (kept, merged) for part in person.languages.split(",") if part.strip()
    )
    codes = shown_code(kept.code), shown_code(merged.code)
    phones = [[words.phone(phone) for phone in hers] for hers in told.phones]
    all_phones = list(dict.fromkeys([*phones[0], *phones[1]]))
    rows = [
        Row(gettext("Nom"), kept.full_name, merged.full_name, also),
        Row(gettext("Carte"), *codes, gettext("%(one)s et %(other)s") % {"one": codes[0], "other": codes[1]}),
        Row(gettext("Naissance"), birth_words(kept), birth_words(merged), birth),
        Row(
            gettext("Téléphone"),
            *(", ".join(numbers) or nothing for numbers in (*phones, all_phones)),
        ),
        Row(
            gettext("Où elle vit"),
            kept.where or nothing,
            merged.where or nothing,
            kept.where or merged.where or nothing,
        ),
        Row(
            gettext("Langues"),
            kept.languages or nothing,
            merged.languages or nothing,
            ", ".join(languages) or nothing,
        ),
        Row(gettext("Bagage"), bags.get("kept"), bags.get("merged"), bags.get("both"), is_bag=True),
        Row(gettext("Passages"), visits[0], visits[1], sum(visits)),
    ]
    return Preview(kept, merged, why, rows, told.apart)


@require_http_methods(["GET", "HEAD", "POST"])
def person_merge(request: HttpRequest, uuid: UUID, other: UUID) -> HttpResponse:
    """Two files side by side: mark them as one person, or say that they are two."""
    user = who_looks_up(request)
    kept, merged = file_to_change(user, uuid), file_to_change(user, other)
    if kept.pk == merged.pk:
        return redirect("desk:person_same", uuid=kept.uuid)
    if request.method == "POST":
        do = request.POST.get("do", "")
        back = request.POST.get("back", "")
        if do == "merge":
            why = request.POST.get("why", "")
            merge = services.mark_as_same(kept, merged, reasons=why[:300], by=user)
            messages.success(request, gettext("Réunis. Vous pouvez les séparer à tout moment."))
            return redirect("desk:person_same", uuid=merge.kept.uuid)
        if do == "apart":
            services.say_not_the_same(kept, merged, by=user)
            messages.success(
                request, gettext("Noté : ce sont deux personnes. Elles ne seront plus proposées ensemble.")
            )
            if back in BACK:
                return redirect(BACK[back])
            return redirect("desk:person_same", uuid=kept.uuid)
        if do == "take_back":
            services.take_back_not_the_same(kept, merged, by=user)
            return redirect("desk:person_merge", uuid=kept.uuid, other=merged.uuid)
        raise Http404
    pairs = alike_files([kept, merged])
    why = whys(pairs[0][2].reasons, merged.grammar) if pairs else ()
    back = request.GET.get("back", "")
    return render(
        request,
        "desk/person_merge.html",
        {
            "pair": preview(kept, merged, why, files_of([kept.pk, merged.pk])),
            "back": back if back in BACK else "",
        },
    )


@wide("joinings")
def _joinings_of(files: Iterable[int]) -> list[Merge]:
    """What was joined with these files, undone or not: whoever may change one may undo it, wherever the other was."""
    return list(
        Merge.objects.filter(Q(merged__in=files) | Q(kept__in=files))
        .select_related("kept", "merged", "merged_by", "separated_by")
        .order_by("-merged_at", "-pk")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def person_same(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The files that were marked as hers, each with its undo, and those that look like hers."""
    user = who_looks_up(request)
    person = file_to_change(user, uuid)
    files = identity_ids(person)
    if request.method == "POST":
        merge = get_object_or_404(
            Merge, uuid=request.POST.get("merge") or None, merged__in=files, separated_at=None
        )
        services.separate(merge, by=user)
        messages.success(request, gettext("Séparés : les deux dossiers sont tels qu’ils étaient."))
        return redirect("desk:person_same", uuid=person.uuid)
    apart = NotTheSame.objects.filter(Q(one__in=files) | Q(other__in=files)).select_related(
        "one", "other", "said_by"
    )
    others = [
        (row, row.other if row.one_id in files else row.one)
        for row in apart
        if permissions.can_open_file(user, row.other if row.one_id in files else row.one)
    ]
    found = look_up(person.full_name, user=user, is_typing=True)
    alike = [
        other if one.pk == person.pk else one
        for one, other, _ in alike_files(
            [person, *[hit.person for hit in found.hits if hit.person.pk != person.pk]]
        )
        if person.pk in (one.pk, other.pk)
    ]
    return render(
        request,
        "desk/person_same.html",
        {"person": person, "merges": _joinings_of(files), "apart": others, "alike": alike},
    )
