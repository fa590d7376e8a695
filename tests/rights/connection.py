"""Fair connection: staff read the catalogue, those who keep it change it; referrers see none of it."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from bagage.connection.domain.usage import USES
from bagage.connection.models import Advice, CatalogueImport, HeldLine, Line, Offer
from bagage.connection.services import lines
from bagage.connection.services.advice import keep_advice
from bagage.connection.services.catalogue_imports import confirm_import, read_import
from tests.connection import advice_factories
from tests.connection.factories import KEEPER, make_line, make_offer
from tests.rights import Row
from tests.rights.world import HER_PHONE, World

# ---------- the catalogue ----------
READS_CATALOGUE: dict[str, int | set[int] | frozenset[int]] = {"referrer": 403, "everyone": 200}


def _keeps(status: int) -> dict[str, int | set[int] | frozenset[int]]:
    """The catalogue is that of the whole network: a keeper of any place keeps it."""
    return {"local_officer": status, "programme_lead": status, "administrator": status, "everyone": 403}


def _catalogue_line(world: World) -> Line:
    found = Line.objects.filter(code="rights").first()
    return found or make_line("rights", at=world.now)


def _catalogue_offer(world: World) -> Offer:
    line = _catalogue_line(world)
    return Offer.objects.filter(code="rights-5").first() or make_offer(line, "rights-5", at=world.now)


def _import(world: World, *, done: bool) -> dict[str, Any]:
    name = "done.csv" if done else "preview.csv"
    found = CatalogueImport.objects.filter(file_name=name).first()
    if found is None:
        code = "rights-done" if done else "rights-new"
        content = f"line_id,offer_id,kind,price,validity_days\n{code},{code}-1,top_up,5.00,7\n"
        content += f"{code},{code}-2,top_up,five,7\n"
        today = timezone.localdate(world.now)
        found = read_import(name, content.encode(), begins_on=today, by=KEEPER, at=world.now)
        if done:
            found = confirm_import(found, by=KEEPER, at=world.now)
    return {"uuid": found.uuid}


def _of_line(world: World) -> dict[str, Any]:
    return {"uuid": _catalogue_line(world).uuid}


def _of_offer(world: World) -> dict[str, Any]:
    return {"uuid": _catalogue_offer(world).uuid}


def _a_line(world: World) -> dict[str, Any]:
    return {
        "operator": "Autre",
        "name": "Carte",
        "sim_price": "1,00",
        "begins_on": timezone.localdate(world.now).isoformat(),
    }


def _an_offer(world: World) -> dict[str, Any]:
    return {
        "name": "Recharge 9",
        "kind": "top_up",
        "price": "9,00",
        "validity_days": "30",
        "source": "boutique",
        "begins_on": timezone.localdate(world.now).isoformat(),
    }


def _an_end(world: World) -> dict[str, Any]:
    return {"ends_on": timezone.localdate(world.now).isoformat()}


CATALOGUE: dict[str, Row | list[Row]] = {
    "connection:catalogue": Row(expected=READS_CATALOGUE),
    "connection:catalogue_compare": Row(expected=READS_CATALOGUE),
    "connection:catalogue_export": [
        Row(kwargs=lambda world: {"kind": "json"}, expected=READS_CATALOGUE),
        Row(kwargs=lambda world: {"kind": "csv"}, expected=READS_CATALOGUE),
        Row(kwargs=lambda world: {"kind": "odt"}, expected={"referrer": 403, "everyone": 404}),
    ],
    "connection:catalogue_line": Row(kwargs=_of_line, expected=READS_CATALOGUE),
    "connection:catalogue_offer": Row(kwargs=_of_offer, expected=READS_CATALOGUE),
    "connection:catalogue_example": Row(method="post", expected=_keeps(302)),
    "connection:catalogue_history": Row(method="post", expected=_keeps(302)),
    "connection:catalogue_import": [
        Row(expected=_keeps(200)),
        Row(method="post", data=_an_end, expected=_keeps(422)),
    ],
    "connection:catalogue_import_preview": Row(
        kwargs=lambda world: _import(world, done=False), expected=_keeps(200)
    ),
    "connection:catalogue_import_rest": Row(
        kwargs=lambda world: _import(world, done=False), expected=_keeps(200)
    ),
    "connection:catalogue_import_mend": Row(
        method="post",
        kwargs=lambda world: _import(world, done=False),
        data=lambda world: {"r3-price": "5,00"},
        expected=_keeps(302),
    ),
    "connection:catalogue_import_confirm": Row(
        method="post", kwargs=lambda world: _import(world, done=False), expected=_keeps(302)
    ),
    "connection:catalogue_import_undo": Row(
        method="post", kwargs=lambda world: _import(world, done=True), expected=_keeps(302)
    ),
    "connection:catalogue_line_add": [
        Row(expected=_keeps(200)),
        Row(method="post", data=_a_line, expected=_keeps(302)),
    ],
    "connection:catalogue_line_change": [
        Row(kwargs=_of_line, expected=_keeps(200)),
        Row(method="post", kwargs=_of_line, data=_a_line, expected=_keeps(302)),
    ],
    "connection:catalogue_line_end": [
        Row(kwargs=_of_line, expected=_keeps(200)),
        Row(method="post", kwargs=_of_line, data=_an_end, expected=_keeps(302)),
    ],
    "connection:catalogue_offer_add": [
        Row(kwargs=_of_line, expected=_keeps(200)),
        Row(method="post", kwargs=_of_line, data=_an_offer, expected=_keeps(302)),
    ],
    "connection:catalogue_offer_replace": [
        Row(kwargs=_of_offer, expected=_keeps(200)),
        Row(method="post", kwargs=_of_offer, data=_an_offer, expected=_keeps(302)),
    ],
    "connection:catalogue_offer_end": [
        Row(kwargs=_of_offer, expected=_keeps(200)),
        Row(method="post", kwargs=_of_offer, data=_an_end, expected=_keeps(302)),
    ],
    "connection:catalogue_offer_verify": Row(method="post", kwargs=_of_offer, expected=_keeps(302)),
}

# ---------- advice ----------
ADVISES: dict[str, int | set[int] | frozenset[int]] = {
    "everyone": 404,
    "receptionist_here": 403,
    "adviser_here": 200,
    "programme_lead_here": 200,
    "programme_lead_network": 200,
}
ADVISED: dict[str, int | set[int] | frozenset[int]] = {
    **ADVISES,
    "adviser_here": 302,
    "programme_lead_here": 302,
    "programme_lead_network": 302,
}


def _of_her(world: World) -> dict[str, Any]:
    return {"uuid": world.person.uuid}


def _advice(world: World) -> dict[str, Any]:
    kept = Advice.objects.filter(key="rights").first()
    if kept is None:
        kept = keep_advice(
            world.person,
            said={"calls": "often"},
            asked=advice_factories.asked(),
            answer=advice_factories.answer(),
            programme=advice_factories.programme(),
            key="rights",
            by=world.users["adviser_here"],
            at=world.now,
        )
    return {"uuid": kept.uuid}


def _a_bill(world: World) -> dict[str, Any]:
    today = timezone.localdate(world.now).isoformat()
    return {"kind": "bill", "paid": "12,00", "first_day": today, "last_day": today, "key": "rights-bill"}


def _question(world: World) -> dict[str, Any]:
    _catalogue_offer(world)
    return {"calls": "often", "has": ["identity_document"], "key": "rights-kept"}


ADVICE: dict[str, Row | list[Row]] = {
    "connection:advice": [
        Row(kwargs=_of_her, expected=ADVISES),
        Row(kwargs=_of_her, method="post", data=_question, expected=ADVISES),
        Row(kwargs=_of_her, method="post", data=_question, expected=ADVISES, headers={"hx-request": "true"}),
    ],
    "connection:advice_keep": Row(kwargs=_of_her, method="post", data=_question, expected=ADVISED),
    "connection:advice_print": Row(kwargs=_of_her, method="post", data=_question, expected=ADVISES),
    "connection:advices": Row(kwargs=_of_her, expected=ADVISES),
    "connection:bill_add": Row(kwargs=_of_her, method="post", data=_a_bill, expected=ADVISED),
    "connection:lifting": [
        Row(kwargs=lambda world: {**_of_her(world), "condition": "bank_account"}, expected=ADVISES),
        Row(
            kwargs=lambda world: {**_of_her(world), "condition": "bank_account"},
            method="post",
            data=lambda world: {"name": "", "address": "", "to": "", "city": ""},
            expected=ADVISES,
        ),
    ],
    "connection:kept_advice": Row(kwargs=_advice, expected=ADVISES),
    "connection:kept_advice_pdf": Row(kwargs=_advice, expected=ADVISES),
    "connection:advice_choose": Row(
        kwargs=_advice, method="post", data=lambda world: {"choice": "fewest"}, expected=ADVISED
    ),
    "connection:figures": [
        Row(expected=_keeps(200)),
        Row(
            method="post",
            data=lambda world: {use.key: str(use.figure) for use in USES},
            expected=_keeps(302),
        ),
    ],
    "connection:texts": Row(expected=_keeps(200)),
    "connection:text_edit": [
        Row(kwargs=lambda world: {"condition": "email"}, expected=_keeps(200)),
        Row(
            kwargs=lambda world: {"condition": "email"},
            method="post",
            data=lambda world: {"summary": "Mardi, ici."},
            expected=_keeps(302),
        ),
    ],
}

# ---------- lines ----------


def _her_line(world: World) -> HeldLine:
    """A line that she holds, opened by the adviser of her permanence."""
    found = world.made.get("line")
    if not isinstance(found, HeldLine):
        found = lines.activate_line(
            world.person,
            words="Opérateur Essai",
            number=HER_PHONE,
            on=timezone.localdate(world.now),
            key="world-line",
            by=world.users["adviser_here"],
            at=world.now,
        )
        world.made["line"] = found
    return found


def _line(world: World) -> dict[str, Any]:
    return {"uuid": _her_line(world).uuid}


def _her(world: World) -> dict[str, Any]:
    return {"uuid": world.person.uuid}


def _act(**more: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"key": "rights", "on": timezone.localdate(world.now).isoformat(), **more}


# A volunteer who is booked with her sees her for a while, never her line; others of the network do not know of her.
READS_LINE: dict[str, int | set[int] | frozenset[int]] = {
    "receptionist_here": 200,
    "adviser_here": 200,
    "programme_lead": 200,
    "programme_lead_elsewhere": 404,
    "everyone": 404,
}
NOTES_LINE: dict[str, int | set[int] | frozenset[int]] = {
    **READS_LINE,
    "receptionist_here": 302,
    "adviser_here": 302,
    "programme_lead": 302,
}


def _form_and_act(kwargs: Callable[[World], dict[str, Any]], **data: str) -> list[Row]:
    return [
        Row(kwargs=kwargs, expected=READS_LINE),
        Row(method="post", kwargs=kwargs, data=_act(**data), expected=NOTES_LINE),
    ]


LINES: dict[str, Row | list[Row]] = {
    "connection:line": Row(kwargs=_line, expected=READS_LINE),
    "connection:line_activate": _form_and_act(_her, choice="other", words="Opérateur Essai"),
    "connection:line_top_up": _form_and_act(_line, what="Recharge 5 €"),
    "connection:line_number": _form_and_act(_line, number="06 39 98 04 18"),
    "connection:line_left_for_plan": _form_and_act(_line, to="Opérateur Deux", kept_number="unknown"),
    "connection:line_ported": _form_and_act(_line, to="Opérateur Deux"),
    "connection:line_lost": _form_and_act(_line),
    "connection:line_close": _form_and_act(_line),
    "connection:line_undo": Row(
        method="post",
        kwargs=lambda world: {**_line(world), "event": _her_line(world).events.get().uuid},
        data=lambda world: {"key": "rights-undo"},
        expected=NOTES_LINE,
    ),
}

ROWS = CATALOGUE | ADVICE | LINES
