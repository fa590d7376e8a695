"""The pages of devices: who is told what, what is kept when a rule refuses, two hundred queries never."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.equipment import services
from bagage.equipment.models import Device, DeviceEvent, Handover, Reservation
from bagage.people.services import mark_as_same
from bagage.permanences.models import Closure
from bagage.trail.models import Entry
from tests.equipment.factories import CROSS, give, key, make_device, reserve
from tests.permanences.factories import make_installation, make_person, make_phone, make_site, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def helene(site):
    return make_user(site)


@pytest.fixture
def omar(site):
    return make_user(site, Role.LOGISTICS, "Omar")


@pytest.fixture
def awa(site):
    return make_person(site, "Awa", "Sylla")


@pytest.fixture
def signed_in(client, helene):
    return log_in(client, helene)


def log_in(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def columns(response) -> dict[str, list[str]]:
    return {
        column.state: [card.device.number for card in column.cards] for column in response.context["columns"]
    }


def holders(response) -> list[str]:
    return [
        card.holder.text for column in response.context["columns"] for card in column.cards if card.holder
    ]


def url(name: str, thing) -> str:
    return reverse(f"equipment:{name}", args=[thing.uuid])


# ---------- the board ----------
def test_device_list_shows_three_of_each_state_and_how_many_more(signed_in, site, helene, awa):
    for _ in range(5):
        make_device(site)
    make_device(site, state="to_process")
    give(make_device(site), awa, helene)
    response = signed_in.get(reverse("equipment:device_list"))
    assert {state: len(numbers) for state, numbers in columns(response).items()} == {
        "to_process": 1,
        "in_workshop": 0,
        "ready": 3,
        "handed_over": 1,
        "after_sales": 0,
    }
    assert [column.more for column in response.context["columns"]] == [0, 0, 2, 0, 0]
    assert (response.context["total"], response.context["ready"]) == (7, 5)


def test_device_list_names_her_to_who_reads_her_file(signed_in, site, helene, awa):
    give(make_device(site), awa, helene)
    assert holders(signed_in.get(reverse("equipment:device_list"))) == ["Awa Sylla"]


def test_device_list_tells_her_code_to_who_keeps_the_stock(client, site, helene, omar, awa):
    give(make_device(site), awa, helene)
    response = log_in(client, omar).get(reverse("equipment:device_list"))
    assert holders(response) == [f"{awa.code[:3]} {awa.code[3:]}"]
    assert "Sylla" not in text_of(response)


def test_device_list_of_another_site_is_not_there(client, site, helene):
    make_device(site)
    other = make_user(make_site("Permanence Gare"))
    response = log_in(client, other).get(reverse("equipment:device_list"))
    assert (response.context["total"], "S-0001" in text_of(response)) == (0, False)


def test_device_list_with_nothing_says_what_to_do(client, omar):
    response = log_in(client, omar).get(reverse("equipment:device_list"))
    assert "Entrez le premier : il reçoit un numéro et une étiquette." in text_of(response)


def test_device_list_finds_by_number_model_code_and_name(signed_in, site, helene, awa):
    give(make_device(site), awa, helene)
    make_device(site, model="Redmi 9", serial="ZX 81")

    def found(text):
        table = signed_in.get(reverse("equipment:device_list"), {"q": text}).context["table"]
        return sorted(device.number for device in table.found)

    assert [found(text) for text in ("s-0002", "redmi", "zx 81", awa.code, "sylla", "nobody")] == [
        ["S-0002"],
        ["S-0002"],
        ["S-0002"],
        ["S-0001"],
        ["S-0001"],
        [],
    ]


def test_device_list_finds_no_name_for_who_may_not_read_it(client, site, helene, omar, awa):
    give(make_device(site), awa, helene)
    response = log_in(client, omar).get(reverse("equipment:device_list"), {"q": "sylla"})
    assert response.context["table"].found == []


def test_device_list_as_a_file_holds_a_code_and_no_name(signed_in, site, helene, awa):
    give(make_device(site, price=3000), awa, helene)
    response = signed_in.get(reverse("equipment:device_list"), {"export": "csv"})
    head, row = b"".join(response.streaming_content).decode().lstrip("\ufeff").splitlines()
    assert head.split(";")[:4] == ["Numéro", "Type", "Marque", "Modèle"]
    cells = dict(zip(head.split(";"), row.split(";"), strict=True))
    assert (cells["Numéro"], cells["Prix"], cells["Code de la personne"]) == (
        "S-0001",
        "30,0",
        f"{awa.code[:3]} {awa.code[3:]}",
    )
    assert "Sylla" not in row


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_and_the_list_cost_the_same_whatever_there_is(signed_in, site, helene, count):
    for _ in range(count):
        give(make_device(site), make_person(site), helene)
        reserve(make_device(site), make_person(site), helene)
        make_device(site, state="to_process")
    signed_in.get(reverse("equipment:device_list"))
    with CaptureQueriesContext(connection) as on_board:
        signed_in.get(reverse("equipment:device_list"))
    with CaptureQueriesContext(connection) as in_list:
        signed_in.get(reverse("equipment:device_list"), {"state": "ready"})
    assert (len(on_board), len(in_list)) == (22, 21)


# ---------- a device ----------
def test_device_says_why_it_has_its_grade(client, site, omar):
    device = make_device(site, "laptop", "Latitude 5490")
    response = log_in(client, omar).get(url("device", device))
    assert [(line.name, line.value, line.points) for line in response.context["grade_lines"]] == [
        ("Mémoire", "8 Go", "+3"),
        ("Disque", "SSD 256 Go", "+3"),
        ("Processeur", "4\u202f120 à l’indice", "+2"),
        ("État technique", "tout marche", "+1"),
        ("Aspect", "propre", "0"),
    ]
    assert (response.context["points"], response.context["span"]) == ("9 points", "Un A va de 8 à 10.")


def test_device_without_a_measure_says_which(client, site, omar):
    device = make_device(site, "laptop", look="", system="")
    response = log_in(client, omar).get(url("device", device))
    assert response.context["missing"] == "aspect et système"
    assert "aucun grade n’est donné" in text_of(response)


def test_device_tells_who_keeps_the_stock_her_code_and_never_her_name(client, site, helene, omar, awa):
    given = give(make_device(site), awa, helene)
    response = log_in(client, omar).get(url("device", given.device))
    assert [one.who_for.text for one in response.context["history"] if one.who_for] == [
        f"{awa.code[:3]} {awa.code[3:]}"
    ] * 2
    assert ("Sylla" in text_of(response), response.context["person"]) == (False, None)


def test_device_add_gives_it_a_number(client, site, omar):
    log_in(client, omar)
    data = {
        "kind": "laptop",
        "model": "T480",
        "memory": "15,3",
        "price": "60",
        "state": "to_process",
        "received_on": "2026-11-26",
        "site": str(site.uuid),
        "key": key(),
    }
    response = client.post(reverse("equipment:device_add"), data)
    device = Device.objects.get()
    assert response.headers["Location"] == url("device", device)
    assert (device.number, str(device.memory), device.price, device.grade) == ("P-0001", "15.3", 6000, "")


def test_device_add_refused_keeps_what_was_typed(client, site, omar):
    make_device(site, serial="AB12")
    log_in(client, omar)
    data = {
        "kind": "laptop",
        "model": "T480",
        "serial": "ab12",
        "imei": "123",
        "memory": "beaucoup",
        "state": "to_process",
        "received_on": "2026-11-26",
        "site": str(site.uuid),
        "key": key(),
    }
    response = client.post(reverse("equipment:device_add"), data)
    form = response.context["form"]
    assert (response.status_code, sorted(form.errors)) == (422, ["imei", "memory"])
    response = client.post(reverse("equipment:device_add"), {**data, "imei": "", "memory": "8"})
    form = response.context["form"]
    assert (response.status_code, form.errors["serial"], form["model"].value()) == (
        422,
        ["Ce numéro de série est déjà celui de S-0001, à Permanence Canal."],
        "T480",
    )


def test_devices_add_one_for_each_line(client, site, omar):
    log_in(client, omar)
    data = {
        "kind": "laptop",
        "model": "T480",
        "serials": "A1\n\n A2 \n",
        "state": "to_process",
        "received_on": "2026-11-26",
        "site": str(site.uuid),
        "key": key(),
    }
    response = client.post(reverse("equipment:devices_add"), data)
    assert response.status_code == 302
    assert list(Device.objects.order_by("number").values_list("number", "serial")) == [
        ("P-0001", "A1"),
        ("P-0002", "A2"),
    ]


def test_device_change_of_a_site_where_one_keeps_nothing_is_refused(client, site, omar):
    other = make_site("Permanence Gare")
    device = make_device(site)
    response = log_in(client, omar).post(
        url("device_change", device), {"model": "Galaxy A14", "site": str(other.uuid)}
    )
    assert (response.status_code, sorted(response.context["form"].errors)) == (422, ["site"])


def test_device_state_of_what_is_kept_is_a_conflict(client, site, helene, omar, awa):
    device = make_device(site)
    reserve(device, awa, helene)
    response = log_in(client, omar).post(url("device_state", device), {"state": "in_workshop", "key": key()})
    assert (response.status_code, DeviceEvent.objects.filter(kind="state").count()) == (409, 0)


@pytest.mark.parametrize("name", ["device_label"])
def test_label_is_a_paper(signed_in, site, name):
    response = signed_in.get(url(name, make_device(site)))
    assert (response.headers["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")


# ---------- kept for her ----------
def test_person_devices_shows_what_is_ready_here(signed_in, site, awa):
    make_device(site)
    make_device(site, "laptop", price=6000)
    make_device(make_site("Permanence Gare"))
    page = reverse("equipment:person_devices", args=[awa.uuid])
    response = signed_in.get(page)
    assert [one.number for one, *_ in response.context["ready"]] == ["S-0001", "P-0001"]
    assert [(kind, count) for kind, _label, count in response.context["kinds"]] == [
        ("", 2),
        ("smartphone", 1),
        ("laptop", 1),
    ]
    assert [one.number for one, *_ in signed_in.get(page, {"kind": "laptop"}).context["ready"]] == ["P-0001"]
    assert Entry.objects.filter(verb="read_devices", person=str(awa.uuid)).count() == 1


def test_person_devices_for_a_merged_file_is_that_of_the_one_kept(signed_in, site, helene, awa):
    twin = make_person(site, "Awa", "Silla")
    give(make_device(site), twin, helene)
    mark_as_same(awa, twin, by=helene)
    response = signed_in.get(reverse("equipment:person_devices", args=[twin.uuid]))
    assert response.context["person"] == awa
    assert [shown.handover.device.number for shown in response.context["handovers"]] == ["S-0001"]


def test_person_reserve_keeps_it(signed_in, site, awa):
    device = make_device(site, price=3000)
    response = signed_in.post(
        reverse("equipment:person_reserve", args=[awa.uuid]),
        {"device": str(device.uuid), "until": "2026-11-30", "key": key()},
        follow=True,
    )
    kept = Reservation.objects.get()
    assert (kept.person, kept.until) == (awa, date(2026, 11, 30))
    assert "30,00 € à encaisser au comptoir avant de le remettre." in text_of(response)


def test_person_reserve_of_what_was_just_taken_is_a_conflict_that_says_what_is_free(
    signed_in, site, helene, awa
):
    device = make_device(site)
    make_device(site, model="Redmi 9")
    reserve(device, make_person(site), helene)
    response = signed_in.post(
        reverse("equipment:person_reserve", args=[awa.uuid]),
        {"device": str(device.uuid), "until": "2026-11-30", "key": key()},
    )
    assert response.status_code == 409
    assert "Libres ici : S-0002 Redmi 9, donné." in text_of(response)
    assert [one.number for one, *_ in response.context["ready"]] == ["S-0002"]


def test_person_reserve_forged_with_a_device_of_elsewhere_is_not_found(signed_in, awa):
    device = make_device(make_site("Permanence Gare"))
    for forged in (str(device.uuid), "", "S-0001"):
        response = signed_in.post(
            reverse("equipment:person_reserve", args=[awa.uuid]),
            {"device": forged, "until": "2026-11-30", "key": key()},
        )
        assert response.status_code == 404
    assert Reservation.objects.count() == 0


def test_person_reserve_keeps_each_device_that_is_pressed_on_one_page(signed_in, site, helene, awa):
    services.change_rules({"devices_per_person": 2}, by=helene)
    sent = {"until": "2026-11-30", "key": key()}
    address = reverse("equipment:person_reserve", args=[awa.uuid])
    for device in (make_device(site), make_device(site)):
        for _press in range(2):
            response = signed_in.post(address, {**sent, "device": str(device.uuid)}, follow=True)
            assert f"{device.number} est gardé pour elle" in text_of(response)
    assert Reservation.objects.count() == 2


def test_device_reserve_never_says_it_is_kept_for_whom_it_is_not(signed_in, site, awa):
    device = make_device(site)
    sent = {"q": "Sylla", "until": "2026-11-30", "key": key()}
    for _press in range(2):
        response = signed_in.post(url("device_reserve", device), {**sent, "person": str(awa.uuid)})
        assert response.status_code == 302
    other = make_person(site, "Bintou", "Sylla")
    response = signed_in.post(url("device_reserve", device), {**sent, "person": str(other.uuid)})
    assert (response.status_code, Reservation.objects.get().person) == (409, awa)
    assert "vient d’être réservé pour quelqu’un d’autre" in text_of(response)


def test_device_reserve_finds_persons_of_her_permanence_only(signed_in, site, awa):
    make_phone(make_person(make_site("Permanence Gare"), "Awa", "Diop"))
    make_phone(awa)
    device = make_device(site)
    response = signed_in.post(url("device_reserve", device), {"q": "06 39 98 01 42"})
    assert [person.full_name for person in response.context["hits"]] == ["Awa Sylla"]
    response = signed_in.post(
        url("device_reserve", device),
        {"q": "06 39 98 01 42", "person": str(awa.uuid), "until": "2026-11-30", "key": key()},
    )
    assert (response.status_code, Reservation.objects.get().person) == (302, awa)


def test_reservation_release_of_what_is_paid_leads_to_the_counter(signed_in, site, helene, awa):
    kept = reserve(make_device(site, price=3000), awa, helene)
    services.note_paid(kept, receipt="2026-0431", by=helene)
    response = signed_in.post(url("reservation_release", kept))
    assert response.status_code == 409
    assert "remboursez d’abord au comptoir" in text_of(response)


# ---------- the handover ----------
def test_hand_over_to_pay_says_how_much_and_cannot_be_sent(signed_in, site, helene, awa):
    kept = reserve(make_device(site, price=3000), awa, helene)
    text = text_of(signed_in.get(url("hand_over", kept)))
    assert "30,00 € à encaisser au comptoir avant de le remettre." in text
    assert '<button class="btn btn-primary btn-lg w-100" type="submit" disabled>' in text
    response = signed_in.post(url("hand_over", kept), {"consent": "paper", "language": "fr", "key": key()})
    assert (response.status_code, Handover.objects.count()) == (422, 0)


def test_hand_over_reads_in_her_language(signed_in, site, helene):
    awa = make_person(site, "Awa", "Sylla", languages="wolof, anglais")
    kept = reserve(make_device(site, price=3000), awa, helene)
    response = signed_in.get(url("hand_over", kept))
    assert [term.strong for term in response.context["terms"]][:3] == [
        "This phone is yours.",
        "You pay 30 euros.",
        "The warranty lasts 6 months.",
    ]
    response = signed_in.get(url("hand_over", kept), {"language": "fr"})
    assert response.context["terms"][2].text == "Jusqu’au 26 mai 2027, la réparation est gratuite."


def test_hand_over_signed_on_screen(signed_in, site, helene, awa):
    kept = reserve(make_device(site), awa, helene)
    response = signed_in.post(
        url("hand_over", kept),
        {
            "consent": "screen",
            "signature": CROSS,
            "language": "fr",
            "checks": ["powers_on", "sim"],
            "key": key(),
        },
        follow=True,
    )
    given = Handover.objects.get()
    assert response.redirect_chain == [(url("handover", given), 302)]
    assert (given.signature, given.checks) == (CROSS, ["powers_on", "sim"])
    assert f'd="{CROSS}"' in text_of(response)
    # Going back and pressing again leads to what was done.
    assert signed_in.get(url("hand_over", kept)).headers["Location"] == url("handover", given)


def test_hand_over_of_terms_that_changed_while_she_read_is_asked_again(signed_in, site, helene, awa):
    kept = reserve(make_device(site), awa, helene)
    shown = signed_in.get(url("hand_over", kept)).context["form"]["shown_months"].value()
    services.change_rules({"warranty_months": 2}, by=helene)
    sent = {"consent": "screen", "signature": CROSS, "language": "fr", "key": key(), "shown_months": shown}
    response = signed_in.post(url("hand_over", kept), sent)
    assert (response.status_code, response.context["drawn"], Handover.objects.count()) == (409, CROSS, 0)
    assert "Les conditions ont changé pendant la lecture : relisez-les ensemble." in text_of(response)
    assert '<input type="hidden" name="shown_months" value="2" id="id_shown_months">' in text_of(response)
    again = signed_in.post(url("hand_over", kept), {**sent, "shown_months": "2"})
    assert (again.status_code, Handover.objects.get().warranty_months) == (302, 2)
    # Pressed twice, it is told once more what was done, whatever the rules are by then.
    services.change_rules({"warranty_months": 3}, by=helene)
    assert signed_in.post(url("hand_over", kept), {**sent, "shown_months": "2"}).status_code == 302


def test_hand_over_refused_keeps_what_was_drawn(signed_in, site, helene, awa):
    kept = reserve(make_device(site), awa, helene)
    Closure.objects.create(site=site, first_day=TODAY, last_day=TODAY)
    response = signed_in.post(
        url("hand_over", kept), {"consent": "screen", "signature": CROSS, "language": "fr", "key": key()}
    )
    assert (response.status_code, response.context["drawn"]) == (422, CROSS)
    assert "est fermée jusqu’au jeudi 26 novembre" in text_of(response)


def test_hand_over_never_shows_a_forged_drawing(signed_in, site, helene, awa):
    kept = reserve(make_device(site), awa, helene)
    response = signed_in.post(
        url("hand_over", kept),
        {"consent": "screen", "signature": 'M1 1L2 2"/><b id="x">', "language": "fr", "key": key()},
    )
    assert (response.status_code, response.context["drawn"], Handover.objects.count()) == (422, "", 0)
    assert '<b id="x">' not in text_of(response)


def test_hand_over_before_a_witness_needs_both_names(signed_in, site, helene, awa):
    kept = reserve(make_device(site), awa, helene)
    data = {"consent": "witness", "reader": "Moussa", "witness": "", "language": "fr", "key": key()}
    response = signed_in.post(url("hand_over", kept), data)
    assert (response.status_code, sorted(response.context["form"].errors)) == (422, ["witness"])
    assert signed_in.post(url("hand_over", kept), {**data, "witness": "Inès"}).status_code == 302


def test_hand_over_of_a_lapsed_reservation_is_a_conflict(signed_in, site, helene, awa, clock):
    kept = reserve(make_device(site), awa, helene)
    clock.move(days=8)
    log_in(signed_in, helene)
    response = signed_in.post(url("hand_over", kept), {"consent": "paper", "language": "fr", "key": key()})
    assert response.status_code == 409
    assert "elle est tombée" in text_of(response)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_papers_before_and_after(signed_in, site, helene, awa, language):
    kept = reserve(make_device(site, price=3000, imei="356938035643809"), awa, helene)
    before = signed_in.get(url("hand_over_terms", kept), {"language": language})
    services.note_paid(kept, receipt="2026-0431", by=helene)
    given = services.hand_over_device(
        kept, consent="screen", signature=CROSS, language=language, checks=["sim"], key=key(), by=helene
    )
    after = signed_in.get(url("handover_paper", given))
    for response in (before, after):
        assert (response.headers["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")


def test_handover_undo_within_its_hours(signed_in, site, helene, awa, clock):
    given = give(make_device(site), awa, helene)
    assert "Défaire cette remise" in text_of(signed_in.get(url("handover", given)))
    clock.move(hours=25)
    log_in(signed_in, helene)
    assert "Défaire cette remise" not in text_of(signed_in.get(url("handover", given)))
    assert signed_in.post(url("handover_undo", given), {"key": key()}).status_code == 409
    given.refresh_from_db()
    assert given.is_open


def test_handover_return_to_repair_then_given_back(signed_in, site, helene, awa):
    given = give(make_device(site), awa, helene)
    signed_in.post(url("handover_return", given), {"reason": "repair", "note": "écran", "key": key()})
    response = signed_in.get(url("handover", given))
    assert response.context["shown"].is_in_repair
    choices = signed_in.get(url("handover_return", given)).context["form"].fields["reason"].choices
    assert [code for code, _label in choices] == ["returned", "broken"]
    signed_in.post(url("handover_repaired", given), {"key": key()})
    given.device.refresh_from_db()
    assert given.device.state == "handed_over"


def test_handover_return_pressed_twice_counts_once(signed_in, site, helene, awa):
    given = give(make_device(site), awa, helene)
    data = {"reason": "returned", "key": key()}
    assert signed_in.post(url("handover_return", given), data).status_code == 302
    assert signed_in.post(url("handover_return", given), data).status_code == 302
    assert DeviceEvent.objects.filter(kind="returned").count() == 1


# ---------- the rules ----------
def test_rules_are_said_to_be_examples_until_they_are_kept(client, site):
    lucie = make_user(site, Role.PROGRAMME_LEAD)
    log_in(client, lucie)
    assert "Ces valeurs sont des exemples" in text_of(client.get(reverse("equipment:rules")))
    data = {
        "devices_per_person": "2",
        "warranty_months": "12",
        "reservation_days": "10",
        "undo_hours": "24",
        "slow_days": "30",
        "low_ready": "3",
    }
    assert client.post(reverse("equipment:rules"), {**data, "devices_per_person": "0"}).status_code == 422
    assert client.post(reverse("equipment:rules"), data).status_code == 302
    assert "Ces valeurs sont des exemples" not in text_of(client.get(reverse("equipment:rules")))
    assert (services.rules_now().devices_per_person, services.rules_now().changed_by) == (2, lucie.full_name)


def test_a_reservation_that_ends_today_asks(signed_in, site, helene, awa):
    reserve(make_device(site), awa, helene, until=TODAY)
    shown = signed_in.get(reverse("equipment:person_devices", args=[awa.uuid])).context["reservations"]
    assert [(one.state.text, one.state.css) for one in shown] == [("Réservé jusqu’à ce soir", "ask")]


def test_dates_are_those_of_the_place(signed_in, site, helene, awa):
    kept = reserve(make_device(site), awa, helene, until=TODAY + timedelta(days=2))
    assert "samedi 28 novembre" in text_of(signed_in.get(url("reservation_release", kept)))


@pytest.mark.parametrize(
    ("model", "button"),
    [("Galaxy A14", "Remettre le Galaxy A14"), ("Optiplex 3050", "Remettre l’Optiplex 3050")],
)
def test_hand_over_says_what_its_button_does(signed_in, site, helene, awa, model, button):
    kept = reserve(make_device(site, model=model), awa, helene)
    assert f"{button}</button>" in text_of(signed_in.get(url("hand_over", kept)))
