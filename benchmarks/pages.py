"""The staff pages that are measured, each as the role that opens it most.

``kwargs`` finds, for the one who signs in, what the page shows. A page whose address does not exist or that does not
answer 200 stops the bench: this list follows the product.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from bagage.accounts.domain.roles import Ability, Role
from bagage.accounts.models import Organisation, User
from bagage.connection.domain.programme import Programme
from bagage.connection.models import Advice
from bagage.connection.services.advice import keep_advice
from bagage.directory.models import Structure
from bagage.equipment.models import Device, Handover, Reservation
from bagage.journeys.models import FollowUp, Journey, JourneyExit, Request
from bagage.people.models import Person
from bagage.permanences.models import Appointment, Session, Site
from bagage.referrals.models import Onward, Referral
from bagage.shop.models import Product, Sale


@dataclass(frozen=True)
class Page:
    """One address as one role sees it. ``name`` is what ``reverse`` takes.

    ``asked`` are questions posted one after the other, a round each, as htmx posts them; ``posted`` makes the form of
    each round; without either the page is read.
    """

    name: str
    role: Role
    kwargs: Callable[[User], dict[str, Any]] = lambda user: {}
    query: str | Callable[[User], str] = ""
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


# ---------- devices, counter, sessions, exits, places around ----------
def a_visible(rows: QuerySet[Any], user: User, path: str = "person") -> dict[str, Any]:
    """The newest of these rows that is about someone in her scope."""
    persons = Person.objects.whole().visible_to(user, timezone.now()).values("pk")
    return {"uuid": rows.filter(**{f"{path}__in": persons}).order_by("-pk")[0].uuid}


def a_device(user: User) -> dict[str, Any]:
    devices = Device.objects.at_nodes(user.node_ids(Ability.SEE_DEVICES))
    return {"uuid": devices.order_by("-pk")[0].uuid}


def a_free_device(user: User) -> dict[str, Any]:
    devices = Device.objects.free().filter(site__organisation__in=user.node_ids(Ability.HAND_OVER))
    return {"uuid": devices.order_by("-pk")[0].uuid}


def a_reservation(user: User) -> dict[str, Any]:
    """A device that is kept for someone and can be handed over."""
    return a_visible(Reservation.objects.held(), user)


def a_handover(user: User) -> dict[str, Any]:
    return a_visible(Handover.objects.open(), user)


def a_sale(user: User) -> dict[str, Any]:
    sales = Sale.objects.filter(kind="sale", site__organisation__in=user.node_ids(Ability.SELL))
    return a_visible(sales, user)


def a_product(user: User) -> dict[str, Any]:
    return {"uuid": Product.objects.on_sale().filter(is_stocked=True)[0].uuid}


def a_buyer(user: User) -> dict[str, Any]:
    """Someone in her scope who bought something."""
    sales = Sale.objects.filter(site__organisation__in=user.node_ids(Ability.SELL)).order_by("-pk")
    persons = Person.objects.whole().visible_to(user, timezone.now())
    return {"uuid": persons.filter(pk__in=sales.values("person")).order_by("-pk")[0].uuid}


def a_session(user: User) -> dict[str, Any]:
    """The one with most people in it among those that are planned where she works."""
    sessions = Session.objects.filter(state="planned").with_counts()
    if user.node_ids(Ability.PLAN_SESSIONS):
        sessions = sessions.filter(site__organisation__in=user.node_ids(Ability.PLAN_SESSIONS))
    else:
        sessions = sessions.filter(leader=user)
    return {"uuid": sessions.order_by("-taken_count", "pk")[0].uuid}


def a_request(user: User) -> dict[str, Any]:
    """Something that someone in her scope asks to learn."""
    asked = Request.objects.filter(pocket="skills", state__in=["open", "under_way"])
    return a_visible(asked, user, "journey__person")


def one_who_stays(user: User) -> dict[str, Any]:
    """Someone in her scope whose journey is open."""
    persons = Person.objects.whole().visible_to(user, timezone.now())
    return {"uuid": persons.filter(journeys__closed_at=None, journeys__isnull=False).order_by("pk")[0].uuid}


def one_who_left(user: User) -> dict[str, Any]:
    """Someone in her scope whose journey is closed."""
    left = Journey.objects.filter(closed_at__isnull=False).values("person")
    back = Journey.objects.filter(closed_at=None).values("person")
    persons = Person.objects.whole().visible_to(user, timezone.now())
    return {"uuid": persons.filter(pk__in=left).exclude(pk__in=back).order_by("pk")[0].uuid}


def an_exit(user: User) -> dict[str, Any]:
    return a_visible(JourneyExit.objects.all(), user, "journey__person")


def a_follow_up(user: User) -> dict[str, Any]:
    return a_visible(FollowUp.objects.filter(state="due"), user, "journey__person")


def an_onward(user: User) -> dict[str, Any]:
    nodes = user.node_ids(Ability.ORIENT)
    return a_visible(Onward.objects.filter(node__in=nodes), user)


def a_structure(user: User) -> dict[str, Any]:
    return {"uuid": Structure.objects.current().filter(services__isnull=False).order_by("pk")[0].uuid}


def for_someone(name: str, found: Callable[[User], dict[str, Any]]) -> Callable[[User], str]:
    """The query that names a person of hers."""
    return lambda user: f"?{name}={found(user)['uuid']}"


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
    Page("desk:today", Role.PROGRAMME_LEAD),
    Page("desk:person", Role.ADVISER, a_buyer),
    Page("desk:person", Role.RECEPTIONIST, a_buyer),
    Page("shop:counter", Role.RECEPTIONIST),
    Page("shop:counter", Role.RECEPTIONIST, query=for_someone("person", a_buyer)),
    Page("shop:till", Role.RECEPTIONIST),
    Page("shop:sale_list", Role.RECEPTIONIST),
    Page("shop:sale", Role.RECEPTIONIST, a_sale),
    Page("shop:receipt", Role.RECEPTIONIST, a_sale),
    Page("shop:sale_refund", Role.RECEPTIONIST, a_sale),
    Page("shop:person_purchases", Role.RECEPTIONIST, a_buyer),
    Page("shop:rights_ending", Role.RECEPTIONIST),
    Page("shop:stock", Role.LOGISTICS),
    Page("shop:products", Role.PROGRAMME_LEAD),
    Page("shop:product_add", Role.PROGRAMME_LEAD),
    Page("shop:product_change", Role.PROGRAMME_LEAD, a_product),
    Page("shop:rules", Role.PROGRAMME_LEAD),
    Page("equipment:device_list", Role.LOGISTICS),
    Page("equipment:device_list", Role.RECEPTIONIST),
    Page("equipment:device_add", Role.LOGISTICS),
    Page("equipment:devices_add", Role.LOGISTICS),
    Page("equipment:rules", Role.PROGRAMME_LEAD),
    Page("equipment:device", Role.LOGISTICS, a_device),
    Page("equipment:device_change", Role.LOGISTICS, a_device),
    Page("equipment:device_reserve", Role.RECEPTIONIST, a_free_device),
    Page("equipment:person_devices", Role.ADVISER, a_buyer),
    Page("equipment:hand_over", Role.RECEPTIONIST, a_reservation),
    Page("equipment:handover", Role.RECEPTIONIST, a_handover),
    Page("equipment:handover_return", Role.RECEPTIONIST, a_handover),
    Page("permanences:session_list", Role.ADVISER),
    Page("permanences:session_list", Role.VOLUNTEER),
    Page("permanences:session_new", Role.ADVISER),
    Page("permanences:session", Role.ADVISER, a_session),
    Page("permanences:session_change", Role.ADVISER, a_session),
    Page("permanences:session_cancel", Role.ADVISER, a_session),
    Page("permanences:attendance", Role.VOLUNTEER, a_session),
    Page("permanences:session_sheet", Role.VOLUNTEER, a_session),
    Page("journeys:request_sessions", Role.ADVISER, a_request),
    Page("journeys:demand", Role.ADVISER),
    Page("journeys:demand", Role.PROGRAMME_LEAD),
    Page("journeys:exit", Role.ADVISER, one_who_stays),
    Page("journeys:come_back", Role.ADVISER, one_who_left),
    Page("journeys:exit_summary", Role.ADVISER, an_exit),
    Page("journeys:follow_ups", Role.ADVISER),
    Page("journeys:follow_ups", Role.PROGRAMME_LEAD),
    Page("journeys:follow_up", Role.ADVISER, a_follow_up),
    Page("referrals:onward_list", Role.ADVISER),
    Page("referrals:onward_list", Role.PROGRAMME_LEAD),
    Page("referrals:onward_new", Role.ADVISER, one_who_stays),
    Page("referrals:onward", Role.ADVISER, an_onward),
    Page("referrals:onward_slip", Role.ADVISER, an_onward),
    Page("directory:panorama", Role.ADVISER, query="?near=48.8882,2.3735"),
    Page("directory:panorama", Role.ADVISER, query="?near=48.8882,2.3735&need=learn_basics"),
    Page(
        "directory:panorama",
        Role.ADVISER,
        query=lambda user: (
            f"{for_someone('person', one_who_stays)(user)}&near=48.8882,2.3735"
            "&text=aprendre+la+souris+jeudi&language=ar&public=seniors&access=call&only=free"
        ),
    ),
    Page("directory:structure", Role.ADVISER, a_structure),
    Page("desk:today", Role.LOCAL_OFFICER),
    Page("directory:sources", Role.LOCAL_OFFICER),
    Page("directory:source_new", Role.LOCAL_OFFICER),
    Page("directory:proposals", Role.LOCAL_OFFICER),
    Page("directory:likely", Role.LOCAL_OFFICER),
    Page("directory:places", Role.ADVISER, query="?place=75019&need=learn_basics"),
    Page("directory:embedded", Role.ADVISER, query="?place=75019"),
    Page("directory:place", Role.ADVISER, a_structure),
    Page("permanences:reception", Role.ADVISER),
    Page("programs", Role.ADVISER),
]
