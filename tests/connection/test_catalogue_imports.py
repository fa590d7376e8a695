"""A file is read, shown, confirmed and taken back whole; nothing of it is lost on the way."""

import json
from datetime import date, timedelta

import pytest
from django.forms.models import model_to_dict

from bagage.common.errors import BusinessError, Conflict
from bagage.connection.domain.programme import programme_as_json
from bagage.connection.models import (
    Advice,
    Catalogue,
    CatalogueImport,
    HeldLine,
    Line,
    LineEvent,
    LineTerms,
    Offer,
)
from bagage.connection.queries.catalogue import catalogue_on, catalogue_stamp, import_plan, programme_on
from bagage.connection.services import catalogue as services
from bagage.connection.services.catalogue_imports import (
    confirm_import,
    load_example,
    mend_import,
    read_import,
    undo_import,
    uses_of_import,
)
from bagage.trail.models import Entry
from tests.connection.factories import KEEPER, START, make_line, make_offer, sold_line, sold_offer
from tests.permanences.factories import make_person, make_site

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)
YESTERDAY = TODAY - timedelta(days=1)
HEAD = (
    "line_id,operator,line_name,sim_price,offer_id,offer_name,kind,price,validity_days,voice_min,sms,"
    "requires,verified_on"
)
SAME = (
    "carte,Exemple,La Carte,10.00,carte-5,Recharge 5,top_up,5.00,7,20,unlimited,identity_document,2026-11-19"
)
DEARER = SAME.replace("5.00,7", "6.00,7")
NEW_LINE = "autre,Autre,,0,autre-9,Recharge 9,top_up,9.00,30,60,,,"


@pytest.fixture(autouse=True)
def _clock(now):
    """All happens on the standing day."""


@pytest.fixture
def offer():
    return make_offer(make_line())


def read(*rows: str, begins_on: date = TODAY, head: str = HEAD) -> CatalogueImport:
    return read_import("offres.csv", "\n".join([head, *rows]).encode(), begins_on=begins_on, by=KEEPER)


def written(*rows: str, **options) -> CatalogueImport:
    return confirm_import(read(*rows, **options), by=KEEPER)


def prices(day: date) -> dict[str, int]:
    return {offer.id: offer.price for line in programme_on(day).lines for offer in line.offers}


def everything() -> list[object]:
    """All that an import may touch, to compare before and after."""
    return [
        [model_to_dict(row) for row in model.objects.order_by("pk")] for model in (Line, LineTerms, Offer)
    ] + [Catalogue.objects.get().about]


# ---------- preview ----------


def test_preview_writes_nothing_to_the_catalogue(offer):
    before, stamp = everything(), catalogue_stamp()
    read(DEARER, NEW_LINE)
    assert (everything(), catalogue_stamp()) == (before, stamp)
    assert Entry.objects.filter(verb="catalogue.import").count() == 0


def test_preview_tells_what_would_change(offer):
    plan = import_plan(read(DEARER, NEW_LINE))
    assert [each.fields for each in plan.rules.replaced] == [("price",)]
    assert [offer.id for _, offer in plan.rules.added] == ["autre-9"]
    assert [line.id for line in plan.rules.new_lines] == ["autre"]


def test_preview_follows_the_catalogue_until_it_is_confirmed(offer):
    batch = read(DEARER)
    services.replace_offer(offer, sold_offer(price=600), begins_on=TODAY, by=KEEPER)
    assert import_plan(batch).is_empty
    with pytest.raises(BusinessError, match="ne change rien"):
        confirm_import(batch, by=KEEPER)


def test_preview_that_nobody_confirmed_is_forgotten(clock):
    old = read(NEW_LINE)
    clock.move(days=31)
    read(NEW_LINE)
    assert not CatalogueImport.objects.filter(pk=old.pk).exists()


def test_preview_is_confirmed_once(offer):
    batch = written(DEARER)
    with pytest.raises(Conflict):
        confirm_import(batch, by=KEEPER)
    assert Offer.objects.count() == 2


# ---------- mending ----------


def test_row_that_was_set_aside_is_mended(offer):
    batch = mend_import(read(DEARER.replace("6.00", "six"), NEW_LINE), {(2, "price"): "6,00"}, by=KEEPER)
    assert (batch.problems, batch.programme["aside"]) == ([], [])
    confirm_import(batch, by=KEEPER)
    assert prices(TODAY) == {"carte-5": 600, "autre-9": 900}


def test_row_that_is_still_wrong_stays_aside_with_its_number(offer):
    batch = read(
        NEW_LINE, DEARER.replace("6.00", "six"), NEW_LINE.replace("autre-9", "autre-10").replace("60", "x")
    )
    batch = mend_import(batch, {(3, "price"): "sept", (4, "voice_min"): "60"}, by=KEEPER)
    assert [(each["row"], each["column"], each["value"]) for each in batch.problems] == [(3, "price", "sept")]
    assert [row["row"] for row in batch.programme["aside"]] == ["3"]
    confirm_import(batch, by=KEEPER)
    assert prices(TODAY) == {"carte-5": 500, "autre-9": 900, "autre-10": 900}


def test_mended_row_keeps_what_the_table_does_not_say(offer):
    batch = read("carte,carte-5,top_up,six,7", head="line_id,offer_id,kind,price,validity_days")
    confirm_import(mend_import(batch, {(2, "price"): "6"}, by=KEEPER), by=KEEPER)
    made = Offer.objects.get(ends_on=None)
    assert (made.price, made.allowances, made.source) == (600, offer.allowances, offer.source)


def test_nothing_is_mended_once_it_is_written(offer):
    batch = written(DEARER)
    with pytest.raises(Conflict):
        mend_import(batch, {(2, "price"): "7"}, by=KEEPER)


def test_programme_file_is_mended_in_itself(offer):
    data = programme_as_json(catalogue_on(TODAY))
    data["lines"][0]["offers"][0]["price"] = "x"
    batch = read_import("x.json", json.dumps(data).encode(), begins_on=TODAY, by=KEEPER)
    with pytest.raises(BusinessError):
        mend_import(batch, {(2, "price"): "7"}, by=KEEPER)


# ---------- writing ----------


def test_import_replaces_adds_and_leaves_the_rest(offer):
    make_offer(offer.line, "untouched")
    written(DEARER, NEW_LINE)
    assert prices(YESTERDAY) == {"carte-5": 500, "untouched": 500}
    assert prices(TODAY) == {"carte-5": 600, "untouched": 500, "autre-9": 900}
    assert Offer.objects.get(code="carte-5", ends_on=None).replaces == offer
    assert list(Entry.objects.filter(verb="catalogue.import").values_list("actor", flat=True)) == [
        str(KEEPER)
    ]


def test_import_of_what_is_there_verifies_it_again(offer):
    written(SAME.replace("2026-11-19", "2026-11-26"))
    assert (Offer.objects.count(), Offer.objects.get().verified_on) == (1, TODAY)


def test_import_of_an_older_verification_changes_nothing(offer):
    assert import_plan(read(SAME.replace("2026-11-19", "2026-01-01"))).is_empty


def test_import_sets_bad_rows_aside_and_writes_the_others(offer):
    batch = written(DEARER.replace("6.00", "six"), NEW_LINE)
    assert prices(TODAY) == {"carte-5": 500, "autre-9": 900}
    assert [(each["row"], each["column"], each["value"]) for each in batch.problems] == [(2, "price", "six")]
    assert batch.programme["aside"][0]["offer_id"] == "carte-5"


def test_import_changes_the_terms_of_a_line(offer):
    written(SAME.replace("10.00", "8.00"))
    assert [programme_on(day).lines[0].sim_price for day in (YESTERDAY, TODAY)] == [1000, 800]


def test_import_brings_an_ended_line_back(offer):
    services.end_line(offer.line, ends_on=YESTERDAY, by=KEEPER)
    written(SAME)
    assert prices(TODAY) == {"carte-5": 500}
    assert Line.objects.count() == 1


def test_import_leaves_an_offer_that_begins_later(offer):
    services.end_offer(offer, ends_on=TODAY, by=KEEPER)
    make_offer(offer.line, begins_on=TODAY + timedelta(days=3))
    batch = read(SAME)
    assert [offer.id for _, offer in import_plan(batch).rules.aside] == ["carte-5"]


def test_import_leaves_an_offer_of_another_line(offer):
    batch = read(SAME.replace("carte,Exemple", "autre,Exemple"))
    assert [offer.id for _, offer in import_plan(batch).rules.aside] == ["carte-5"]


def test_import_keeps_the_days_of_a_table():
    batch = written(f"{NEW_LINE},2026-10-05,2026-12-24", head=f"{HEAD},begins_on,ends_on")
    made = Offer.objects.get(imported_by=batch)
    assert (made.begins_on, made.ends_on) == (date(2026, 10, 5), date(2026, 12, 24))


def test_import_ends_an_offer_that_a_table_ends(offer):
    written(f"{SAME},2026-12-24", head=f"{HEAD},ends_on")
    offer.refresh_from_db()
    assert (offer.ends_on, Offer.objects.count()) == (date(2026, 12, 24), 1)


def test_import_of_a_programme_file_takes_what_it_says_of_itself():
    load_example(by=KEEPER)
    programme = programme_on(TODAY)
    assert programme.about.startswith("Exemple inventé")
    assert len(programme.lines) == 12


def test_export_and_import_elsewhere_give_the_same_catalogue():
    load_example(by=KEEPER)
    told = programme_as_json(catalogue_on(TODAY))
    undo_import(CatalogueImport.objects.get(), by=KEEPER)
    assert catalogue_on(TODAY).lines == ()
    batch = read_import("x.json", json.dumps(told).encode(), begins_on=TODAY, by=KEEPER)
    confirm_import(batch, by=KEEPER)
    assert programme_as_json(catalogue_on(TODAY)) == told


def test_own_export_changes_nothing():
    load_example(by=KEEPER)
    told = json.dumps(programme_as_json(catalogue_on(TODAY))).encode()
    assert import_plan(read_import("x.json", told, begins_on=TODAY, by=KEEPER)).is_empty


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b"%PDF-", "pas un tableau"),
        (b"nom;tel\nx;y", "Il manque les colonnes"),
        (b"x" * 5_000_001, "trop gros"),
        (b"{", "faute d"),
        (b'{"lignes": []}', "pas connu"),
        (b'{"lines": [], "lines": []}', "deux fois"),
        (b'{"lines": NaN}', "pas un nombre"),
        (rb'{"lines": "\ud800"}', "texte"),
    ],
)
def test_file_that_is_no_catalogue_is_refused_in_words(content, words):
    with pytest.raises(BusinessError, match=words) as refused:
        read_import("x", content, begins_on=TODAY, by=KEEPER)
    assert refused.value.field == "file"
    assert CatalogueImport.objects.count() == 0


# ---------- taking back ----------


def test_undone_import_leaves_the_catalogue_as_it_was(offer):
    make_offer(offer.line, "verified")
    make_offer(offer.line, "ended")
    make_line("ancienne")
    before = everything()
    renamed = SAME.replace("10.00", "8.00").replace("La Carte", "La Nouvelle Carte")
    rows = [
        renamed.replace("5.00,7", "6.00,7"),
        renamed.replace("carte-5", "verified").replace("2026-11-19", "2026-11-26"),
        renamed.replace("carte-5", "ended"),
        NEW_LINE,
    ]
    batch = written(
        *(f"{row},{'2026-12-24' if 'ended' in row else ''}" for row in rows), head=f"{HEAD},ends_on"
    )
    assert everything() != before
    stamp = catalogue_stamp()
    undo_import(batch, by=KEEPER)
    assert everything() == before
    assert catalogue_stamp() != stamp
    assert CatalogueImport.objects.get().state == "undone"
    with pytest.raises(Conflict):
        undo_import(batch, by=KEEPER)


def test_undone_example_leaves_an_empty_catalogue():
    undo_import(load_example(by=KEEPER), by=KEEPER)
    assert (Line.objects.count(), Offer.objects.count(), Catalogue.objects.get().about) == (0, 0, "")


def test_import_that_was_bought_from_stays(now):
    batch = written(NEW_LINE)
    made = Offer.objects.get(imported_by=batch)
    person = make_person(make_site(), "Mariam")
    held = HeldLine.objects.create(person=person, words="x", state="active", opened_at=now, changed_at=now)
    LineEvent.objects.create(line=held, kind="activated", on=TODAY, offer=made, key="k", written_at=now)
    assert uses_of_import(batch) == ["Des personnes en ont déjà\u00a0: «\u00a0Recharge 9\u00a0»."]
    before = everything()
    with pytest.raises(BusinessError, match="il reste"):
        undo_import(batch, by=KEEPER)
    assert everything() == before


def test_import_whose_line_someone_holds_stays(now):
    batch = written(NEW_LINE)
    person = make_person(make_site(), "Mariam")
    HeldLine.objects.create(
        person=person, line=Line.objects.get(), state="active", opened_at=now, changed_at=now
    )
    assert uses_of_import(batch) == ["Des personnes en ont déjà\u00a0: «\u00a0Autre\u00a0»."]


def test_import_that_an_advice_speaks_of_stays(now):
    batch = written(NEW_LINE)
    person = make_person(make_site(), "Mariam")
    told = programme_as_json(programme_on(TODAY))
    Advice.objects.create(person=person, programme={"lines": []}, key="a", advised_on=TODAY, kept_at=now)
    assert uses_of_import(batch) == []
    Advice.objects.create(person=person, programme=told, key="b", advised_on=TODAY, kept_at=now)
    assert uses_of_import(batch) == ["1 conseil gardé en parle."]


@pytest.mark.parametrize("act", ["replace", "end", "add"])
def test_import_whose_offers_changed_since_stays(act):
    batch = written(NEW_LINE)
    made = Offer.objects.get(imported_by=batch)
    if act == "replace":
        services.replace_offer(made, sold_offer("autre-9", price=1), begins_on=TODAY, by=KEEPER)
    elif act == "end":
        services.end_offer(made, ends_on=TODAY, by=KEEPER)
    else:
        make_offer(made.line, "autre-10", begins_on=TODAY)
    assert len(uses_of_import(batch)) == 1
    with pytest.raises(BusinessError):
        undo_import(batch, by=KEEPER)


def test_import_whose_line_changed_since_stays(clock, offer):
    batch = written(SAME.replace("10.00", "8.00"))
    clock.move(hours=1)
    services.change_line(offer.line, sold_line(sim_price=700), begins_on=TODAY, by=KEEPER)
    with pytest.raises(BusinessError):
        undo_import(batch, by=KEEPER)


def test_import_is_undone_though_others_changed_before_it(offer):
    services.replace_offer(offer, sold_offer(price=550), begins_on=START + timedelta(days=5), by=KEEPER)
    undo_import(written(DEARER), by=KEEPER)
    assert prices(TODAY) == {"carte-5": 550}
