"""The small world on which every right is tried: two permanences in two cities, everyone who works there, one person.

She is followed at permanence A ("here"). Whoever works at permanence B ("elsewhere") must not learn of her.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Installation, Membership, Organisation, User
from bagage.journeys.models import Journey
from bagage.people.models import CardCode, ContactWay, Following, Person
from bagage.permanences.models import Appointment, OpeningBlock, QueueEntry, Site
from bagage.referrals.models import Referral, ReferralStep

ANONYMOUS = "anonymous"
CLOSED = "closed"
PLACES = ("here", "elsewhere", "network")

# Someone of each role at A and at B, those who lead the network, a closed account, and nobody.
PERSONAS: tuple[str, ...] = (
    ANONYMOUS,
    CLOSED,
    *(f"{role}_here" for role in Role),
    *(f"{role}_elsewhere" for role in Role),
    "programme_lead_network",
    "administrator_network",
)

# Words that lead back to her: none may reach who has no right to know of her.
HER_NAME = "Zéphyrine"
HER_FAMILY_NAME = "Oyélaran"
HER_PHONE = "+33639980417"
HER_WORDS = "Je voudrais écrire à ma tante Philomène"
HER_CARD = "ZZZ777"  # Z is in no code that was drawn
SECRETS = (HER_NAME, "Zephyrine", HER_FAMILY_NAME, "0639980417", "06 39 98 04 17", HER_PHONE, "Philomène")


@dataclass
class World:
    """What the rows of the table may name. ``made`` is for what an activity adds to it (see ``once``)."""

    now: datetime
    network: Organisation
    antenna_a: Organisation
    antenna_b: Organisation
    node_a: Organisation
    node_b: Organisation
    referring_a: Organisation
    referring_b: Organisation
    site_a: Site
    site_b: Site
    users: dict[str, User]
    person: Person
    journey: Journey
    block: OpeningBlock
    appointment: Appointment
    queue_entry: QueueEntry
    referral: Referral
    made: dict[str, object] = field(default_factory=dict)


def place_of(persona: str) -> str:
    """``"here"``, ``"elsewhere"``, ``"network"``, or ``""`` for who works nowhere."""
    place = persona.rpartition("_")[2]
    return place if place in PLACES else ""


def _under(parent: Organisation, kind: Organisation.Kind, name: str, city: str) -> Organisation:
    node: Organisation = Organisation.objects.add_child(
        parent, create_kwargs={"kind": kind, "name": name, "city": city}
    )
    return node


def build_world(now: datetime) -> World:
    """Write the world into the database."""
    Installation.objects.update_or_create(pk=1, defaults={"name": "Réseau d’essai", "set_up_at": now})
    kinds = Organisation.Kind
    network = Organisation.objects.add_root(create_kwargs={"kind": kinds.NETWORK, "name": "Réseau d’essai"})
    antenna_a = _under(network, kinds.ANTENNA, "Antenne A", "Paris")
    antenna_b = _under(network, kinds.ANTENNA, "Antenne B", "Marseille")
    node_a = _under(antenna_a, kinds.PERMANENCE, "Permanence A", "Paris")
    node_b = _under(antenna_b, kinds.PERMANENCE, "Permanence B", "Marseille")
    referring_a = _under(antenna_a, kinds.REFERRING, "Service social A", "Paris")
    referring_b = _under(antenna_b, kinds.REFERRING, "Service social B", "Marseille")
    hours = "Mo-Fr 09:00-12:30,13:30-17:00"
    site_a = Site.objects.create(
        organisation=node_a, address="1 rue A", postcode="75019", city="Paris", hours=hours
    )
    site_b = Site.objects.create(
        organisation=node_b, address="1 rue B", postcode="13001", city="Marseille", hours=hours
    )

    users = {}
    nodes = {
        "here": {Role.REFERRER: referring_a, None: node_a},
        "elsewhere": {Role.REFERRER: referring_b, None: node_b},
        "network": {None: network},
    }
    for persona in PERSONAS:
        if persona == ANONYMOUS:
            continue
        user = User.objects.create_user(persona, first_name=persona.replace("_", " ").capitalize())
        users[persona] = user
        if persona == CLOSED:
            Membership.objects.create(user=user, organisation=node_a, role=Role.ADVISER)
            user.is_active, user.closed_at = False, now
            user.save()
            continue
        role, place = Role(persona.rpartition("_")[0]), place_of(persona)
        node = nodes[place].get(role) or nodes[place][None]
        Membership.objects.create(user=user, organisation=node, role=role)

    adviser = users["adviser_here"]
    person = Person.objects.create(
        code=HER_CARD,
        chosen_name=HER_NAME,
        family_name=HER_FAMILY_NAME,
        created_at=now - timedelta(days=9),
        last_contact_at=now - timedelta(days=2),
    )
    CardCode.objects.create(person=person, code=HER_CARD, issued_at=now - timedelta(days=9))
    ContactWay.objects.create(
        person=person, kind=ContactWay.Kind.SMS, phone=HER_PHONE, started_at=now - timedelta(days=9)
    )
    Following.objects.create(person=person, node=node_a, adviser=adviser, started_at=now - timedelta(days=9))
    journey = Journey.objects.create(person=person, node=node_a, opened_at=now - timedelta(days=9))
    block = OpeningBlock.objects.create(
        site=site_a, adviser=adviser, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=2)
    )
    appointment = Appointment.objects.create(
        site=site_a,
        block=block,
        adviser=adviser,
        person=person,
        starts_at=now + timedelta(minutes=30),
        ends_at=now + timedelta(minutes=60),
        subject="Premier entretien",
        booked_at=now - timedelta(days=2),
        changed_at=now - timedelta(days=2),
    )
    queue_entry = QueueEntry.objects.create(
        site=site_a, first_name=HER_NAME, key="world-queue", came_at=now - timedelta(minutes=12)
    )
    referral = Referral.objects.create(
        key="world-referral",
        code="ZZZ778",
        organisation=referring_a,
        referrer=users["referrer_here"],
        referrer_name="Référente A",
        site=site_a,
        person=person,
        chosen_name=HER_NAME,
        family_name=HER_FAMILY_NAME,
        needs_device=True,
        words=HER_WORDS,
        reach=ContactWay.Kind.SMS,
        phone=HER_PHONE,
        has_agreed=True,
        state="received",
        state_at=now - timedelta(days=3),
        sent_at=now - timedelta(days=4),
    )
    ReferralStep.objects.create(referral=referral, state="sent", at=now - timedelta(days=4))
    ReferralStep.objects.create(referral=referral, state="received", at=now - timedelta(days=3))
    return World(
        now=now,
        network=network,
        antenna_a=antenna_a,
        antenna_b=antenna_b,
        node_a=node_a,
        node_b=node_b,
        referring_a=referring_a,
        referring_b=referring_b,
        site_a=site_a,
        site_b=site_b,
        users=users,
        person=person,
        journey=journey,
        block=block,
        appointment=appointment,
        queue_entry=queue_entry,
        referral=referral,
    )
