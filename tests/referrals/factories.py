"""Two permanences, an organisation that refers, those who work there, and referrals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Installation, Membership, Organisation, User
from bagage.messaging.models import Transport
from bagage.permanences.models import OpeningBlock, Site
from bagage.referrals import services
from bagage.referrals.models import OrganisationLink, Referral
from bagage.trail.domain.actor import Actor

_number = count(1)


@dataclass
class Town:
    """Riquet and Saint-Denis; the SIAO of Paris refers to both."""

    network: Organisation
    siao: Organisation
    riquet: Site
    saint_denis: Site
    samira: User
    reception: User
    adviser: User
    officer: User
    elsewhere: User


def make_user(node: Organisation, role: Role, first_name: str, *, email: str = "", **fields: Any) -> User:
    """Someone with one role on one node."""
    user = User.objects.create_user(
        f"referrals{next(_number)}", first_name=first_name, last_name="Lenoir", email=email, **fields
    )
    Membership.objects.create(user=user, organisation=node, role=role)
    return user


def make_town() -> Town:
    """The whole."""
    now = timezone.now()
    Installation.objects.update_or_create(pk=1, defaults={"name": "Essai", "set_up_at": now})
    Transport.objects.update_or_create(
        pk=1,
        defaults={"kind": "smtp", "host": "localhost", "sender": "bagage@example.org", "changed_at": now},
    )
    network = Organisation.objects.add_root(create_kwargs={"kind": "network", "name": "Réseau"})
    paris = Organisation.objects.add_child(network, create_kwargs={"kind": "antenna", "name": "Paris"})
    north = Organisation.objects.add_child(network, create_kwargs={"kind": "antenna", "name": "Nord"})
    siao = Organisation.objects.add_child(
        paris, create_kwargs={"kind": "referring", "name": "SIAO de Paris", "city": "Paris"}
    )
    nodes = [
        Organisation.objects.add_child(
            parent, create_kwargs={"kind": "permanence", "name": name, "city": city}
        )
        for parent, name, city in (
            (paris, "Permanence Riquet", "Paris"),
            (north, "Saint-Denis", "Saint-Denis"),
        )
    ]
    riquet = Site.objects.create(
        organisation=nodes[0], address="14 rue Riquet", postcode="75019", city="Paris", phone="+33199001234",
        hours="Mo-Fr 09:00-17:30", latitude=48.889, longitude=2.374, way_there="le métro est Riquet, ligne 7",
    )  # fmt: skip
    saint_denis = Site.objects.create(
        organisation=nodes[1], address="2 rue Caquet", postcode="93200", city="Saint-Denis",
        hours="Mo-Fr 09:00-17:30", latitude=48.936, longitude=2.355, offers_device=False,
    )  # fmt: skip
    return Town(
        network=network,
        siao=siao,
        riquet=riquet,
        saint_denis=saint_denis,
        samira=make_user(
            siao, Role.REFERRER, "Samira", email="samira@siao.example", title="assistante sociale"
        ),
        reception=make_user(nodes[0], Role.RECEPTIONIST, "Nadia"),
        adviser=make_user(nodes[0], Role.ADVISER, "Hélène"),
        officer=make_user(network, Role.LOCAL_OFFICER, "Pamela"),
        elsewhere=make_user(nodes[1], Role.RECEPTIONIST, "Omar"),
    )


def make_draft(town: Town, **fields: Any) -> services.ReferralDraft:
    """What Samira writes of Fanta."""
    values: dict[str, Any] = {
        "key": f"key-{next(_number)}",
        "organisation": town.siao,
        "site": town.riquet,
        "referrer_name": "Samira Lenoir",
        "chosen_name": "Fanta",
        "family_name": "Diallo",
        "needs": ["device", "connection"],
        "words": "Je veux que la préfecture puisse m’appeler.",
        "reach": "sms",
        "phone": "+33639984127",
        "is_phone_shared": True,
        "where": "Paris 18e",
        "languages": "soninké",
        "obstacles": ["bank_account", "fixed_address"],
        "has_agreed": True,
        **fields,
    }
    return services.ReferralDraft(**values)


def make_referral(
    town: Town, *, by: User | Actor | None = None, at: datetime | None = None, **fields: Any
) -> Referral:
    """A referral of Samira's, sent."""
    return services.send_referral(make_draft(town, **fields), by=by or town.samira, at=at)[0]


def make_link_referral(town: Town, *, at: datetime | None = None, **fields: Any) -> Referral:
    """A referral of someone without an account."""
    values: dict[str, Any] = {"referrer_name": "Mme Aubry", "referrer_email": "aubry@siao.example", **fields}
    return make_referral(town, by=Actor.link("00000000-0000-4000-8000-000000000000"), at=at, **values)


def make_link(town: Town, domains: str = "") -> tuple[OrganisationLink, str]:
    """A link of the SIAO, and its secret."""
    return services.create_organisation_link(town.siao, email_domains=[domains], by=town.officer)


def make_block(town: Town, *, starts_at: datetime | None = None, hours: float = 3) -> OpeningBlock:
    """Hélène receives tomorrow at 9, for three hours."""
    tomorrow = timezone.localtime() + timedelta(days=1)
    start = starts_at or tomorrow.replace(hour=9, minute=0, second=0, microsecond=0)
    return OpeningBlock.objects.create(
        site=town.riquet,
        adviser=town.adviser,
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
        slot_minutes=30,
    )


def form_data(town: Town, **fields: Any) -> dict[str, Any]:
    """What the form of a referral sends."""
    values: dict[str, Any] = {
        "key": f"form-{next(_number)}",
        "chosen_name": "Fanta",
        "family_name": "",
        "needs": ["device"],
        "words": "",
        "reach": "sms",
        "phone": "06 39 98 41 27",
        "where": "",
        "languages": "",
        "has_agreed": "on",
        "site": str(town.riquet.uuid),
        **fields,
    }
    return {name: value for name, value in values.items() if value is not None}
