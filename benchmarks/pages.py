"""The staff pages that are measured, each as the role that opens it most.

``kwargs`` finds, for the one who signs in, what the page shows. A page whose address does not exist or that does not
answer 200 stops the bench: this list follows the product.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from bagage.accounts.domain.roles import Ability, Role
from bagage.accounts.models import Organisation, User
from bagage.connection.domain.programme import Programme
from bagage.connection.models import Advice
from bagage.connection.services.advice import keep_advice
from bagage.people.models import Person
from bagage.permanences.models import Appointment, Site
from bagage.referrals.models import Referral


@dataclass(frozen=True)
class Page:
    """One address as one role sees it. ``name`` is what ``reverse`` takes.

    ``asked`` are questions posted one after the other, a round each, as htmx posts them; ``posted`` makes the form of
    each round; without either the page is read.
    """

    name: str
    role: Role
    kwargs: Callable[[User], dict[str, Any]] = lambda user: {}
    query: str = ""
    asked: tuple[str, ...] = ()
    typing: bool = False
    posted: Callable[[int], dict[str, Any]] | None = None


# What is typed at a desk: names well and badly written, in another script, with a year, a telephone, a card.
QUESTIONS = (
    "Fatoumata Diarra 1985",
    "fatou diallo",
    "mohamed",
    "Diallo 1985",
    "06 39 98 41 27",
    "Фатума Диара",
    "محمد",
    "ibrahima diallo 06 39 98 41 27",
    "svetlna kovalenko 1970",
    "Xyzzyx",
    "B7K4M6",
    "Olga 44 ans",
)
TYPED = (
    "fa",
    "fat",
    "fato",
    "fatou d",
    "moh",
    "mohamed",
    "ba",
    "dial",
    "06 39",
    "06 39 98 41 2",
    "oleks",
    "ib",
)


def a_person(user: User) -> dict[str, Any]:
    """The person in her scope of whom most is known."""
    now = timezone.now()
    persons = Person.objects.whole().visible_to(user, now).filter(journeys__isnull=False)
    return {"uuid": persons.order_by("pk")[0].uuid}


def an_appointment(user: User) -> dict[str, Any]:
    appointments = Appointment.objects.filter(
        site__organisation__in=user.node_ids(Ability.RECEIVE), state="booked"
    )
    return {"uuid": appointments.order_by("-starts_at")[0].uuid}


def a_referral(user: User) -> dict[str, Any]:
    referrals = Referral.objects.filter(site__organisation__in=user.node_ids(Ability.RECEIVE))
    return {"uuid": referrals.order_by("-sent_at")[0].uuid}


def her_referral(user: User) -> dict[str, Any]:
    return {"uuid": Referral.objects.filter(referrer=user).order_by("-sent_at")[0].uuid}


def a_site(user: User) -> dict[str, Any]:
    return {
        "uuid": Site.objects.filter(organisation__in=user.node_ids(Ability.RUN_SITE)).order_by("pk")[0].uuid
    }


def a_colleague(user: User) -> dict[str, Any]:
    return {"uuid": User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("pk")[0].uuid}


def an_organisation(user: User) -> dict[str, Any]:
    nodes = Organisation.objects.filter(pk__in=user.node_ids(Ability.RUN_STAFF), kind="permanence")
    return {"uuid": nodes.order_by("path")[0].uuid}


def a_use(number: int) -> dict[str, Any]:
    """One adviser moving through the advice screen: each round another usage and other obstacles, none seen before."""
    levels = ("never", "once", "often", "daily")
    uses = ("calls", "sms", "video_calls", "messages", "sites")
    told = {use: levels[(number // 4**place + place + number) % 4] for place, use in enumerate(uses)}
    has = ("bank_account", "email", "fixed_address", "internet_access", "smartphone")
    return {
        **told,
        "bill_sms": str(30 + number),
        "has": [
            "identity_document",
            "social_referral",
            *(one for rank, one in enumerate(has) if number >> rank & 1),
        ],
        "max_payment": ("", "15", "20", "30")[number % 4],
    }


def an_advice(user: User) -> dict[str, Any]:
    """The newest advice that was kept at a node of hers, or one that is kept now."""
    person = Person.objects.get(uuid=a_person(user)["uuid"])
    kept = (
        Advice.objects.filter(person__in=Person.objects.visible_to(user, timezone.now()))
        .order_by("-pk")
        .first()
    )
    if kept is None:
        kept = keep_advice(
            person,
            said={},
            asked={"usage": {}},
            answer={"best": None},
            programme=Programme(()),
            key="bench",
            by=user,
        )
    return {"uuid": kept.uuid}


PAGES: list[Page] = [
    Page("desk:today", Role.RECEPTIONIST),
    Page("desk:today", Role.ADVISER),
    Page("desk:today", Role.VOLUNTEER),
    Page("desk:today_sheet", Role.RECEPTIONIST),
    Page("desk:appointment_new", Role.RECEPTIONIST),
    Page("desk:appointment", Role.RECEPTIONIST, an_appointment),
    Page("desk:people", Role.RECEPTIONIST),
    Page("desk:people", Role.PROGRAMME_LEAD),
    Page("desk:look_up", Role.RECEPTIONIST),
    Page("desk:look_up", Role.RECEPTIONIST, asked=QUESTIONS),
    Page("desk:look_up", Role.RECEPTIONIST, asked=TYPED, typing=True),
    Page("desk:look_up", Role.PROGRAMME_LEAD, asked=QUESTIONS),
    Page("desk:person_new", Role.RECEPTIONIST),
    Page("desk:person_identity", Role.RECEPTIONIST, a_person),
    Page("desk:person_card", Role.RECEPTIONIST, a_person),
    Page("desk:person", Role.ADVISER, a_person),
    Page("desk:person", Role.RECEPTIONIST, a_person),
    Page("desk:person_evidence", Role.ADVISER, a_person),
    Page("desk:person_readings", Role.PROGRAMME_LEAD, a_person),
    Page("desk:interview", Role.ADVISER, a_person),
    Page("desk:interview_entry", Role.ADVISER, a_person),
    Page("connection:advice", Role.ADVISER, a_person),
    Page("connection:advice", Role.ADVISER, a_person, posted=a_use),
    Page("connection:advices", Role.ADVISER, a_person),
    Page("connection:kept_advice", Role.ADVISER, an_advice),
    Page("referrals:refer", Role.REFERRER),
    Page("referrals:mine", Role.REFERRER),
    Page("referrals:follow", Role.REFERRER, her_referral),
    Page("referrals:slip", Role.REFERRER, her_referral),
    Page("referrals:inbox", Role.RECEPTIONIST),
    Page("referrals:inbox", Role.PROGRAMME_LEAD),
    Page("referrals:detail", Role.RECEPTIONIST, a_referral),
    Page("referrals:links", Role.LOCAL_OFFICER),
    Page("permanences:site_list", Role.PROGRAMME_LEAD),
    Page("permanences:site", Role.PROGRAMME_LEAD, a_site),
    Page("permanences:site_edit", Role.PROGRAMME_LEAD, a_site),
    Page("permanences:blocks", Role.PROGRAMME_LEAD, a_site),
    Page("people:access_requests", Role.RECEPTIONIST),
    Page("messaging:outbox", Role.PROGRAMME_LEAD),
    Page("messaging:paper_list", Role.RECEPTIONIST),
    Page("trail:log", Role.PROGRAMME_LEAD),
    Page("accounts:me", Role.ADVISER),
    Page("accounts:staff", Role.ADMINISTRATOR),
    Page("accounts:staff_member", Role.ADMINISTRATOR, a_colleague),
    Page("accounts:organisations", Role.ADMINISTRATOR),
    Page("accounts:organisation_edit", Role.ADMINISTRATOR, an_organisation),
]
