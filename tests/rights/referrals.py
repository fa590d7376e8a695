"""Referrals: who refers sees hers alone, the permanence answers its own, links open what they name."""

from datetime import timedelta
from typing import Any

from bagage.directory.models import Structure
from bagage.people.models import ContactWay
from bagage.referrals.domain.secrets import hashed
from bagage.referrals.models import EmailConfirmation, Onward, OrganisationLink, Referral, ReferralStep
from bagage.referrals.queries import arrival_token, follow_token
from tests.rights import Row
from tests.rights.world import ANONYMOUS, CLOSED, HER_NAME, HER_PHONE, HER_WORDS, PERSONAS, World

SECRET = "a-secret-of-the-world-000"
EVERYONE = frozenset({*PERSONAS, ANONYMOUS, CLOSED})


def _uuid(world: World) -> dict[str, Any]:
    return {"uuid": world.referral.uuid}


def _link(world: World) -> OrganisationLink:
    """The organisation's link, and an address that is confirmed for nobody's session."""
    if "link" not in world.made:
        link = OrganisationLink.objects.create(
            organisation=world.referring_a, secret_hash=hashed(SECRET), created_at=world.now
        )
        EmailConfirmation.objects.create(
            link=link,
            email="qui@oriente.example",
            name="Mme Oriente",
            code_hash="x",
            created_at=world.now,
            expires_at=world.now + timedelta(minutes=10),
            confirmed_at=world.now,
        )
        world.made["link"] = link
    link = world.made["link"]
    assert isinstance(link, OrganisationLink)
    return link


def _secret(world: World) -> dict[str, Any]:
    _link(world)
    return {"secret": SECRET}


def _token(world: World) -> dict[str, Any]:
    """The signed link of a referral of someone without an account."""
    if "signed" not in world.made:
        referral = Referral.objects.create(
            key="world-signed",
            code="ZZZ779",
            organisation=world.referring_a,
            referrer_name="Mme Oriente",
            referrer_email="qui@oriente.example",
            site=world.site_a,
            chosen_name=HER_NAME,
            needs_device=True,
            words=HER_WORDS,
            reach=ContactWay.Kind.SMS,
            phone=HER_PHONE,
            has_agreed=True,
            state="sent",
            state_at=world.now,
            sent_at=world.now,
        )
        ReferralStep.objects.create(referral=referral, state="sent", at=world.now)
        world.made["signed"] = referral
    referral = world.made["signed"]
    assert isinstance(referral, Referral)
    return {"token": follow_token(referral, world.now)}


def _structure(world: World) -> Structure:
    """A library of the panorama."""
    if "structure" not in world.made:
        world.made["structure"] = Structure.objects.create(
            name="Médiathèque",
            city="Paris",
            source="rights",
            source_id="rights-referrals",
            email="contact@mediatheque.example",
            created_at=world.now,
            changed_at=world.now,
        )
    structure = world.made["structure"]
    assert isinstance(structure, Structure)
    return structure


def _onward(world: World) -> Onward:
    """She was sent on to it from permanence A, and agreed that it knows her first name."""
    if "onward" not in world.made:
        world.made["onward"] = Onward.objects.create(
            key="world-onward",
            code="AAA777",
            person=world.person,
            node=world.node_a,
            structure=_structure(world),
            need="print_scan",
            reason="Elle veut imprimer.",
            agreement="spoken",
            shares="first_name",
            by_way="email",
            email="contact@mediatheque.example",
            letter=f"Une personne : {HER_NAME}.",
            state="sent",
            state_at=world.now,
            created_at=world.now,
            asked_at=world.now,
        )
    onward = world.made["onward"]
    assert isinstance(onward, Onward)
    return onward


def _onward_uuid(world: World) -> dict[str, Any]:
    return {"uuid": _onward(world).uuid}


# Her own: a colleague, another site, another role of the same place see nothing of it.
OWN = {
    "referrer_here": 200,
    "referrer_elsewhere": 404,
    "everyone": 403,
}
# The permanence of the referral.
ANSWERS = {
    "receptionist_here": 200,
    "adviser_here": 200,
    "programme_lead_here": 200,
    "receptionist_elsewhere": 404,
    "adviser_elsewhere": 404,
    "programme_lead_elsewhere": 404,
    "programme_lead_network": 200,
    "everyone": 403,
}
# Who sends her on: whoever follows her at A with that ability; who only sees her for a while, or leads elsewhere, not.
SENDS_ON = {
    "receptionist_here": 200,
    "adviser_here": 200,
    "programme_lead_here": 200,
    "programme_lead_network": 200,
    "everyone": 404,
}
RUNS_LINKS = {"local_officer", "programme_lead", "administrator"}

OUT_OF_REACH = {f"{role}_{place}": 404 for role in RUNS_LINKS for place in ("here", "elsewhere")}


def _with(expected: dict[str, int], status: int) -> dict[str, int]:
    """The same table where what opened gives another status."""
    return {key: status if value == 200 else value for key, value in expected.items()}


def _signed(**more: Any) -> Row:
    """A page that whoever holds the link opens, with or without an account."""
    return Row(kwargs=_token, public=True, may_name=EVERYONE, **{"expected": {"everyone": 200}, **more})


ROWS: dict[str, Any] = {
    "referrals:onward_list": Row(
        expected={"receptionist": 200, "adviser": 200, "programme_lead": 200, "everyone": 403}
    ),
    "referrals:onward_new": [
        Row(
            kwargs=lambda world: {"uuid": world.person.uuid},
            query=lambda world: {"structure": _structure(world).uuid, "need": "print_scan"},
            expected=SENDS_ON,
        ),
        Row(
            kwargs=lambda world: {"uuid": world.person.uuid},
            method="post",
            data=lambda world: {"structure": _structure(world).uuid},
            expected=_with(SENDS_ON, 422),
        ),
    ],
    "referrals:onward": Row(kwargs=_onward_uuid, expected=SENDS_ON),
    "referrals:onward_slip": Row(kwargs=_onward_uuid, expected=SENDS_ON),
    "referrals:onward_slip_pdf": Row(kwargs=_onward_uuid, expected=SENDS_ON),
    "referrals:onward_answer": Row(
        kwargs=_onward_uuid,
        method="post",
        data=lambda world: {"answer": "not_come"},
        expected=_with(SENDS_ON, 302),
    ),
    "referrals:onward_again": Row(
        kwargs=_onward_uuid,
        method="post",
        data=lambda world: {"key": "rights-again", "by_way": "phone"},
        expected=_with(SENDS_ON, 302),
    ),
    "referrals:onward_call_off": Row(
        kwargs=_onward_uuid,
        method="post",
        data=lambda world: {"reason": "Elle part"},
        expected=_with(SENDS_ON, 302),
    ),
    "referrals:onward_seen": Row(kwargs=_onward_uuid, method="post", expected=_with(SENDS_ON, 302)),
    "referrals:arrival": [
        Row(
            kwargs=lambda world: {"token": arrival_token(_onward(world), world.now)},
            public=True,
            may_name=EVERYONE,
            expected={"everyone": 200},
        ),
        Row(
            kwargs=lambda world: {"token": arrival_token(_onward(world), world.now)},
            method="post",
            data=lambda world: {"answer": "arrived"},
            public=True,
            may_name=EVERYONE,
            expected={"everyone": 302},
        ),
        Row(kwargs=lambda world: {"token": "forged"}, public=True, expected={"everyone": 404}),
    ],
    "referrals:refer": [
        Row(expected={"referrer": 200, "everyone": 403}),
        Row(method="post", expected={"referrer": 422, "everyone": 403}),
    ],
    "referrals:mine": Row(expected={"referrer": 200, "everyone": 403}),
    "referrals:follow": Row(kwargs=_uuid, expected=OWN),
    "referrals:sent": Row(kwargs=_uuid, expected=OWN),
    # Her appointment of the world is taken for her, not by the referral: it is there all the same.
    "referrals:calendar": Row(kwargs=_uuid, expected=OWN),
    "referrals:answer": Row(kwargs=_uuid, method="post", expected=_with(OWN, 302)),
    "referrals:ask": Row(
        kwargs=_uuid,
        method="post",
        data=lambda world: {"key": "r", "text": "Vient-elle ?"},
        expected=_with(OWN, 302),
    ),
    "referrals:withdraw": Row(kwargs=_uuid, method="post", expected=_with(OWN, 302)),
    "referrals:slip": Row(
        kwargs=_uuid, expected={**ANSWERS, "referrer_here": 200, "referrer_elsewhere": 404}
    ),
    "referrals:slip_pdf": Row(
        kwargs=_uuid, expected={**ANSWERS, "referrer_here": 200, "referrer_elsewhere": 404}
    ),
    "referrals:inbox": Row(
        expected={"receptionist": 200, "adviser": 200, "programme_lead": 200, "everyone": 403}
    ),
    "referrals:detail": Row(kwargs=_uuid, expected=ANSWERS),
    "referrals:accept": Row(
        kwargs=_uuid, method="post", data=lambda world: {"slot": ""}, expected=_with(ANSWERS, 302)
    ),
    "referrals:decline": Row(kwargs=_uuid, method="post", expected=_with(ANSWERS, 422)),
    "referrals:question": Row(
        kwargs=_uuid,
        method="post",
        data=lambda world: {"key": "r", "text": "A-t-elle un récépissé ?", "choices": ""},
        expected=_with(ANSWERS, 302),
    ),
    "referrals:reply": Row(kwargs=_uuid, method="post", expected=_with(ANSWERS, 302)),
    "referrals:left_with": Row(kwargs=_uuid, method="post", expected=_with(ANSWERS, 422)),
    # Followed in an account: no link to send.
    "referrals:new_link": Row(kwargs=_uuid, method="post", expected=_with(ANSWERS, 422)),
    "referrals:links": Row(expected={**dict.fromkeys(RUNS_LINKS, 200), "everyone": 403}),
    "referrals:link_sheet": Row(
        kwargs=lambda world: {"uuid": _link(world).uuid},
        # At permanence A nobody runs the organisations of the antenna: theirs hang beside it.
        expected={
            **OUT_OF_REACH,
            "programme_lead_network": 302,
            "administrator_network": 302,
            "everyone": 403,
        },
    ),
    "referrals:link_end": Row(
        kwargs=lambda world: {"uuid": _link(world).uuid},
        method="post",
        expected={
            **OUT_OF_REACH,
            "programme_lead_network": 302,
            "administrator_network": 302,
            "everyone": 403,
        },
    ),
    "referrals:enter": Row(kwargs=_secret, public=True, expected={"everyone": 200}),
    "referrals:enter_code": Row(kwargs=_secret, public=True, expected={"everyone": 302}),
    "referrals:refer_by_link": [
        Row(kwargs=_secret, public=True, expected={"everyone": 302}),
        Row(kwargs=_secret, public=True, method="post", expected={"everyone": 302}),
    ],
    "referrals:signed": _signed(),
    "referrals:signed_sent": _signed(),
    "referrals:signed_slip": _signed(),
    "referrals:signed_slip_pdf": _signed(),
    "referrals:signed_calendar": _signed(expected={"everyone": 404}),
    "referrals:signed_answer": _signed(method="post", expected={"everyone": 302}),
    "referrals:signed_ask": _signed(
        method="post", data=lambda world: {"key": "s", "text": "Vient-elle ?"}, expected={"everyone": 302}
    ),
    "referrals:signed_withdraw": _signed(method="post"),
    "referrals:give_back": [_signed(), _signed(method="post")],
}
