"""The screens of the catalogue: what is shown, asked and refused."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.connection.domain.programme import read_programme
from bagage.connection.models import CatalogueImport, Line, Offer
from bagage.connection.queries.catalogue import catalogue_on, programme_on
from bagage.connection.services import catalogue as services
from bagage.connection.services.catalogue_history import load_offer_history
from bagage.connection.services.catalogue_imports import load_example
from tests.accounts.factories import Network, make_user
from tests.connection.factories import KEEPER, make_line, make_offer, sold_offer

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)
YESTERDAY = TODAY - timedelta(days=1)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def network(now):
    return Network()


@pytest.fixture
def keeper(client, network):
    user = make_user(Role.LOCAL_OFFICER, network.lille, "Lina")
    client.force_login(user, backend=BACKEND)
    return user


@pytest.fixture
def reader(client, network):
    client.force_login(network.adviser, backend=BACKEND)
    return network.adviser


@pytest.fixture
def offer(now):
    return make_offer(make_line())


def address(name: str, *arguments: object) -> str:
    return reverse(f"connection:{name}", args=arguments)


def text(response) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


def filled(**changes: str | list[str]) -> dict[str, str | list[str]]:
    """The form of an offer as a browser sends it."""
    return {
        "name": "Recharge 5",
        "kind": "top_up",
        "price": "5,00",
        "validity_days": "7",
        "allowances_voice_min": "20",
        "allowances_sms": "illimité",
        "needs": ["identity_document"],
        "source": "exemple inventé",
        "as_of": "2026-11",
        "begins_on": "2026-11-26",
        **changes,
    }


# ---------- the list ----------


def test_empty_catalogue_says_what_to_do(client, keeper):
    page = text(client.get(address("catalogue")))
    assert "Le catalogue est vide" in page
    assert [each in page for each in ("Choisir un fichier", "Ajouter une gamme", "Charger l’exemple")] == [
        True
    ] * 3


def test_empty_catalogue_offers_no_act_to_who_only_reads(client, reader):
    page = text(client.get(address("catalogue")))
    assert ["Le catalogue est vide" in page, "Charger l’exemple" in page] == [True, False]


def test_catalogue_costs_the_same_queries_whatever_its_length(
    client, reader, offer, django_assert_num_queries
):
    client.get(address("catalogue"))
    with django_assert_num_queries(16):
        client.get(address("catalogue"))
    for number in range(2):
        make_offer(make_line(f"autre-{number}"), f"autre-{number}")
    with django_assert_num_queries(16):
        client.get(address("catalogue"))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Sold", "Stale", "Unknown", "Solidarity"]),
        ("?state=verify", ["Stale"]),
        ("?state=check", ["Unknown"]),
        ("?state=coming", ["Coming"]),
        ("?state=ended", ["Ended"]),
        ("?state=history", ["History"]),
        ("?kind=plan", ["Solidarity"]),
        ("?line=solidarity", ["Solidarity"]),
        ("?line=shop", ["Sold", "Stale", "Unknown"]),
        ("?without=identity_document", ["Unknown", "Solidarity"]),
        ("?q=sol+passerelle", ["Solidarity"]),
        ("?sort=-price", ["Unknown", "Sold", "Stale", "Solidarity"]),
    ],
)
def test_catalogue_is_filtered_and_sorted(client, reader, now, query, names):
    line = make_line()
    make_offer(line, "sold", name="Sold", price=500)
    make_offer(line, "stale", name="Stale", price=400, verified_on="2026-01-01")
    make_offer(
        line,
        "unknown",
        name="Unknown",
        price=600,
        validity_days=None,
        unknown=("validity_days",),
        requires=(),
    )
    services.end_offer(make_offer(line, "ended", name="Ended"), ends_on=TODAY, by=KEEPER)
    make_offer(line, "coming", name="Coming", begins_on=TODAY + timedelta(days=1))
    Offer.objects.create(line=line, code="h", name="History", kind="plan", is_history=True, created_at=now)
    other = make_line("passerelle", operator="Passerelle", solidarity=True)
    make_offer(
        other, "sol", name="Solidarity", kind="plan", price=300, validity_days=None,
        requires=(frozenset({"social_referral"}),),
    )  # fmt: skip
    table = client.get(address("catalogue") + query).context["table"]
    assert [row.name for row in table.found] == names


def test_catalogue_warns_of_what_was_not_verified(client, reader, offer):
    Offer.objects.update(verified_on=date(2026, 9, 1))
    page = text(client.get(address("catalogue")))
    assert "1 offre n’a pas été vérifiée depuis 60 jours." in page
    assert "vérifiée il y a 86 jours" in page


def test_catalogue_does_not_warn_of_what_was_verified(client, reader, offer):
    assert "n’a pas été vérifiée" not in text(client.get(address("catalogue")))


def test_catalogue_says_that_an_example_is_invented(client, reader, now):
    load_example(by=KEEPER)
    assert "Exemple inventé" in text(client.get(address("catalogue")))


def test_list_is_taken_away_as_a_file(client, reader, offer):
    response = client.get(address("catalogue") + "?export=csv")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert [(row["Offre"], row["Prix en euros"], row["Vérifiée le"]) for row in rows] == [
        ("Recharge 5", "5", "2026-11-19")
    ]


# ---------- an offer ----------


def test_offer_is_added(client, keeper, now):
    line = make_line()
    response = client.post(address("catalogue_offer_add", line.uuid), filled(is_verified="on"))
    assert response.status_code == 302
    made = Offer.objects.get()
    assert made.as_sold == sold_offer("carte-recharge-5", verified_on="2026-11-26")


def test_offer_with_alternatives_and_unknowns_is_added(client, keeper, now):
    line = make_line()
    client.post(
        address("catalogue_offer_add", line.uuid),
        filled(price="", needs=["email"], one_of_1=["fixed_address", "social_referral"], unknown=["price"]),
    )
    made = Offer.objects.get()
    assert made.requires == ["email", ["fixed_address", "social_referral"]]
    assert (made.price, made.unknown, made.verified_on) == (None, ["price"], None)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"price": "cinq"}, "price", "Un montant en euros est attendu"),
        ({"price": "5,005"}, "price", "Au plus 2 décimales"),
        ({"price": ""}, "price", "Il manque une valeur"),
        ({"price": "0"}, "price", "plus grand que zéro"),
        ({"validity_days": ""}, "validity_days", "Il manque une valeur"),
        ({"validity_days": "sept"}, "validity_days", "nombre entier"),
        ({"allowances_sms": "beaucoup"}, "allowances_sms", "nombre entier"),
        ({"overage_sms": "0,10"}, None, "Une recharge n’a pas de prix au-delà"),
        (
            {"kind": "plan", "validity_days": "", "credit": "5"},
            "credit",
            "Un forfait n’apporte pas de crédit",
        ),
        ({"kind": "plan", "validity_days": "60"}, "validity_days", "Un forfait n’a pas de durée"),
        ({"commitment_months": "100"}, "commitment_months", "trop grand"),
        ({"source": ""}, "source", "Ce champ est obligatoire"),
        ({"begins_on": "demain"}, "begins_on", "date"),
    ],
)
def test_offer_that_breaks_a_rule_is_asked_again_with_what_was_typed(
    client, keeper, now, changes, field, words
):
    line = make_line()
    response = client.post(address("catalogue_offer_add", line.uuid), filled(**changes))
    assert (response.status_code, Offer.objects.count()) == (422, 0)
    form = response.context["form"]
    found = form.errors.get(field) if field else form.non_field_errors()
    assert words in " ".join(found).replace("\u00a0", " ")
    assert form["name"].value() == "Recharge 5"


def test_offer_form_shows_what_is_sold_and_changes_nothing_when_sent_back(client, keeper, now):
    line = make_line()
    offer = make_offer(
        line, "plan-1", kind="plan", validity_days=None, overage={"data_mb": 5}, commitment_months=12,
        requires=(frozenset({"email"}), frozenset({"bank_account", "fixed_address"})),
        allowances={"voice_min": None, "data_mb": 50},
    )  # fmt: skip
    form = client.get(address("catalogue_offer_replace", offer.uuid)).context["form"]
    sent = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False, "", [])}
    sent = {name: form[name].field.prepare_value(value) for name, value in sent.items()}
    sent["begins_on"] = "2026-11-26"
    response = client.post(address("catalogue_offer_replace", offer.uuid), sent)
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "Rien n’a changé. Si l’offre tient toujours, notez qu’elle est vérifiée."
    ]


def test_offer_is_replaced(client, keeper, offer):
    response = client.post(address("catalogue_offer_replace", offer.uuid), filled(price="6"))
    made = Offer.objects.get(ends_on=None)
    assert response.url == address("catalogue_offer", made.uuid)
    assert [offer.price for line in programme_on(TODAY).lines for offer in line.offers] == [600]
    page = text(client.get(response.url))
    assert "Avant et après" in page


def test_offer_that_has_an_end_is_refused_in_words(client, keeper, offer):
    services.end_offer(offer, ends_on=TODAY, by=KEEPER)
    response = client.post(address("catalogue_offer_replace", offer.uuid), filled(price="6"))
    assert response.status_code == 422
    assert "a déjà une fin" in text(response)


def test_offer_is_verified(client, keeper, offer):
    response = client.post(address("catalogue_offer_verify", offer.uuid))
    offer.refresh_from_db()
    assert (response.status_code, offer.verified_on) == (302, TODAY)
    assert address("catalogue_offer_verify", offer.uuid) not in client.get(response.url).content.decode()


def test_offer_is_verified_from_its_line(client, keeper, offer):
    Offer.objects.update(verified_on=date(2026, 1, 1))
    page = address("catalogue_line", offer.line.uuid)
    assert address("catalogue_offer_verify", offer.uuid) in client.get(page).content.decode()
    assert client.post(address("catalogue_offer_verify", offer.uuid), {"next": "line"}).url == page


def test_offer_is_ended(client, keeper, offer):
    client.post(address("catalogue_offer_end", offer.uuid), {"ends_on": "2026-11-26"})
    assert programme_on(TODAY).lines == ()


def test_end_that_is_to_come_is_taken_away(client, keeper, offer):
    services.end_offer(offer, ends_on=TODAY + timedelta(days=3), by=KEEPER)
    assert "Changer le jour de son retrait" in text(client.get(address("catalogue_offer", offer.uuid)))
    client.post(address("catalogue_offer_end", offer.uuid), {"ends_on": ""})
    offer.refresh_from_db()
    assert offer.ends_on is None


def test_end_is_asked_of_an_offer_that_has_none(client, keeper, offer):
    assert client.post(address("catalogue_offer_end", offer.uuid), {"ends_on": ""}).status_code == 422


def test_line_without_offers_is_listed(client, reader, now):
    make_line(begins_on=TODAY + timedelta(days=3))
    page = client.get(address("catalogue"))
    assert [page.context["is_empty"], [line.code for line in page.context["lines"]]] == [False, ["carte"]]


def test_reader_sees_no_act(client, reader, offer):
    Offer.objects.update(verified_on=date(2026, 1, 1))
    for page in (address("catalogue_offer", offer.uuid), address("catalogue_line", offer.line.uuid)):
        shown = client.get(page).content.decode()
        acts = ["/replace/", "/end/", "/verify/", "/change/", "/new/"]
        assert [act for act in acts if act in shown] == []


def test_history_is_shown_in_its_own_words_and_never_replaced(client, keeper, now):
    load_offer_history(by=KEEPER)
    offer = Offer.objects.get(code="history-052")
    page = text(client.get(address("catalogue_offer", offer.uuid)))
    assert "2.50-13" in page
    assert "prix non connu" in page
    assert client.get(address("catalogue_offer_replace", offer.uuid)).status_code == 404
    assert client.get(address("catalogue_offer_end", offer.uuid)).status_code == 404
    assert client.get(address("catalogue_line", offer.line.uuid)).status_code == 200


# ---------- a line ----------


def test_line_is_added_then_changed_then_ended(client, keeper, now):
    told = {"operator": "Étoile", "name": "Carte", "sim_price": "2,50", "monthly_cap": "30", "begins_on": "2026-11-25",
            "unit_voice_min": "0,0525", "solidarity": "on"}  # fmt: skip
    response = client.post(address("catalogue_line_add"), told)
    line = Line.objects.get()
    assert response.url == address("catalogue_line", line.uuid)
    assert (line.code, line.is_solidarity) == ("etoile-carte", True)
    terms = line.terms.get()
    assert (terms.sim_price, terms.monthly_cap, terms.unit_prices) == (250, 3000, {"voice_min": 525})
    client.post(
        address("catalogue_line_change", line.uuid), told | {"sim_price": "0", "begins_on": "2026-11-26"}
    )
    assert [each.sim_price for day in (YESTERDAY, TODAY) for each in catalogue_on(day).lines] == [250, 0]
    client.post(address("catalogue_line_end", line.uuid), {"ends_on": "2026-11-27"})
    assert catalogue_on(TODAY + timedelta(days=1)).lines == ()
    assert client.get(address("catalogue_line", line.uuid)).status_code == 200


def test_line_form_shows_what_is_sold(client, keeper, now):
    line = make_line(unit_prices={"voice_min": 5500, "data_mb": 5}, monthly_cap=3000)
    page = client.get(address("catalogue_line_change", line.uuid)).content.decode()
    values = ["10,00", "30,00", "0,55", "0,0005"]
    assert [value for value in values if f'value="{value}"' not in page] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"sim_price": ""}, "sim_price"), ({"sim_price": "-1"}, "sim_price"), ({"unit_sms": "0,00001"}, "unit_sms"),
     ({"monthly_cap": "x"}, "monthly_cap"), ({"operator": ""}, "operator")],
)  # fmt: skip
def test_line_that_breaks_a_rule_is_asked_again(client, keeper, now, changes, field):
    told = {"operator": "Étoile", "sim_price": "2,50", "begins_on": "2026-11-25"} | changes
    response = client.post(address("catalogue_line_add"), told)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


def test_line_told_twice_is_refused(client, keeper, now):
    told = {"operator": "Étoile", "sim_price": "2,50", "begins_on": "2026-11-25"}
    client.post(address("catalogue_line_add"), told)
    assert client.post(address("catalogue_line_add"), told).status_code == 422
    assert Line.objects.count() == 1


# ---------- files ----------


def send(client, content: bytes, name: str = "offres.csv"):
    file = SimpleUploadedFile(name, content)
    return client.post(address("catalogue_import"), {"file": file, "begins_on": "2026-11-26"})


def test_file_is_shown_then_written_then_undone(client, keeper, offer):
    rows = (
        "line_id;offer_id;offer_name;kind;price;validity_days\n"
        "carte;carte-5;Recharge 5;recharge;6,00;7\n"
        "carte;carte-9;Recharge 9;recharge;neuf;30\n"
    )
    response = send(client, rows.encode("cp1252"))
    page = text(client.get(response.url))
    assert "prix : 5,00 € devient 6,00 €" in page
    assert "Ligne 3" in page
    assert "Un montant en euros est attendu, comme 5,00." in page
    assert [each.price for each in Offer.objects.all()] == [500]
    batch = CatalogueImport.objects.get()
    client.post(address("catalogue_import_confirm", batch.uuid))
    assert sorted(each.price for each in Offer.objects.all()) == [500, 600]
    assert "Défaire cet import" in text(client.get(response.url))
    client.post(address("catalogue_import_undo", batch.uuid))
    assert [(each.price, each.ends_on) for each in Offer.objects.all()] == [(500, None)]
    assert "comme avant lui" in text(client.get(response.url))


def test_rows_set_aside_are_mended_and_handed_in_again(client, keeper, offer):
    response = send(client, b"line_id;offer_id;kind;price;validity_days\ncarte;carte-9;recharge;neuf;30\n")
    batch = CatalogueImport.objects.get()
    rest = client.get(address("catalogue_import_rest", batch.uuid)).getvalue().decode("utf-8-sig")
    assert "Prix : Un montant en euros est attendu, comme 5,00." in rest.replace("\u00a0", " ")
    response = send(client, rest.replace("neuf", "9,00").encode())
    batch = CatalogueImport.objects.get(uuid=response.url.rstrip("/").rpartition("/")[2])
    client.post(address("catalogue_import_confirm", batch.uuid))
    assert Offer.objects.get(code="carte-9").price == 900
    assert client.get(address("catalogue_import_rest", batch.uuid)).status_code == 404


def test_rows_set_aside_are_mended_on_the_page(client, keeper, offer):
    send(client, b"line_id;offer_id;kind;price;validity_days\ncarte;carte-9;recharge;neuf;30\n")
    batch = CatalogueImport.objects.get()
    page = client.get(address("catalogue_import_preview", batch.uuid)).content.decode()
    assert 'name="r2-price" value="neuf"' in page
    client.post(
        address("catalogue_import_mend", batch.uuid), {"r2-price": "9,00", "rx-price": "1", "r2-pk": "1"}
    )
    client.post(address("catalogue_import_confirm", batch.uuid))
    assert Offer.objects.get(code="carte-9").price == 900


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Ce fichier est vide"),
        (b"%PDF-1.7", "Ce n’est pas un tableau"),
        (b"x" * 5_000_001, "trop gros"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ancien format"),
        (b"nom;prenom\na;b", "Il manque les colonnes"),
        (b"{", "faute d’écriture"),
        (b'{"lines": []}', "aucune offre"),
        (b"PK\x03\x04....", "abîmé"),
    ],
)
def test_wrong_file_is_refused_in_words(client, keeper, content, words):
    response = send(client, content)
    assert (response.status_code, CatalogueImport.objects.count()) == (422, 0)
    assert words in text(response)


def test_file_that_changes_nothing_says_so(client, keeper, offer):
    exported = client.get(address("catalogue_export", "csv")).getvalue()
    page = text(client.get(send(client, exported).url))
    assert "Ce fichier ne change rien au catalogue." in page
    assert "catalogue_import_confirm" not in page


def test_long_file_is_shown_in_part_and_written_whole(client, keeper, now):
    rows = "".join(f"carte,c-{number},top_up,5.00,7\n" for number in range(120))
    response = send(client, f"line_id,offer_id,kind,price,validity_days\n{rows}".encode())
    page = client.get(response.url)
    assert (page.context["added"].count, page.context["added"].rest) == (120, 20)
    assert "Et 20 autres." in text(page)
    client.post(address("catalogue_import_confirm", CatalogueImport.objects.get().uuid))
    assert Offer.objects.count() == 120


def test_export_is_a_programme_file(client, reader, offer):
    response = client.get(address("catalogue_export", "json"))
    assert read_programme(json.loads(response.content)) == programme_on(TODAY)


def test_export_of_another_day(client, reader, offer):
    services.replace_offer(offer, sold_offer(price=600), begins_on=TODAY, by=KEEPER)
    before = client.get(address("catalogue_export", "json") + f"?day={YESTERDAY}")
    assert read_programme(json.loads(before.content)) == programme_on(YESTERDAY)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exported_table_changes_nothing_when_handed_in_again(client, keeper, now, kind):
    load_example(by=KEEPER)
    content = b"".join(client.get(address("catalogue_export", kind)).streaming_content)
    page = text(client.get(send(client, content, f"x.{kind}").url))
    assert "Ce fichier ne change rien au catalogue." in page
    assert CatalogueImport.objects.latest("pk").problems == []


def test_example_is_loaded_once_into_an_empty_catalogue(client, keeper):
    response = client.post(address("catalogue_example"))
    assert len(programme_on(TODAY).lines) == 12
    assert "Fichier importé" in text(client.get(response.url))
    assert client.post(address("catalogue_example")).status_code == 422


def test_history_is_added_once(client, keeper):
    for _ in range(2):
        client.post(address("catalogue_history"))
    assert Offer.objects.history().count() == 62


# ---------- two days ----------


def test_two_days_are_compared(client, reader, offer):
    make_offer(offer.line, "new", name="Nouvelle", begins_on=TODAY)
    services.end_offer(make_offer(offer.line, "gone", name="Partie"), ends_on=TODAY, by=KEEPER)
    services.replace_offer(offer, sold_offer(price=600), begins_on=TODAY, by=KEEPER)
    response = client.get(address("catalogue_compare") + "?before=2026-11-25&after=2026-11-26")
    told = {
        title: [step.title for step in steps.shown]
        for title, _, steps in response.context["groups"]
        if steps.count
    }
    assert told == {"Plus chères": ["Recharge 5"], "Nouvelles": ["Nouvelle"], "Retirées": ["Partie"]}
    assert "prix : 5,00 € devient 6,00 €" in text(response)


def test_two_days_without_a_change_say_so(client, reader, offer):
    page = text(client.get(address("catalogue_compare") + "?before=2026-11-25&after=2026-11-26"))
    assert "Rien n’a changé entre ces deux dates." in page


def test_days_that_are_none_are_asked_again(client, reader, offer):
    response = client.get(address("catalogue_compare") + "?before=hier&after=2026-11-26")
    assert (response.status_code, response.context["comparison"]) == (200, None)
    assert list(response.context["form"].errors) == ["before"]
