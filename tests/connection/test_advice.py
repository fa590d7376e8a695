"""An answer put into words; advice kept, chosen, compared; figures and texts of the house."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import translation

from bagage.common.errors import BusinessError
from bagage.common.words import NBSP
from bagage.connection.domain.programme import Programme
from bagage.connection.models import Advice, Bill, LiftingText, UsageFigure
from bagage.connection.papers import advice_paper, letter_paper
from bagage.connection.queries.advice import programme_of, shown_answer
from bagage.connection.queries.kept import (
    advice_panel,
    advised_per_month,
    answer_at_once,
    answer_today,
    bought_since,
    compared_bills,
    figures_of_the_house,
    is_proven,
    known_conditions,
    programme_today,
)
from bagage.connection.queries.lifting import LIFTED, lifting_texts
from bagage.connection.queries.shown import Shown, cents
from bagage.connection.services.advice import (
    change_lifting_text,
    choose_offer,
    keep_advice,
    record_bill,
    restore_lifting_text,
    set_usage_figures,
)
from bagage.connection.services.lines import correct_event, record_top_up
from bagage.connection.words import given_words, needs_words, within_sentence
from bagage.people.models import Agreement, Person
from bagage.people.services import record_situations
from bagage.trail.models import Entry
from tests.connection.advice_factories import answer, asked, make_catalogue, programme
from tests.connection.line_factories import hold, key
from tests.journeys.factories import make_node, make_person, make_user

TODAY = date(2026, 11, 26)


def mariam() -> Person:
    return Person(chosen_name="Mariam", grammar="she")


def shown(**values: object) -> Shown:
    question = values.pop("asked", asked())
    return shown_answer(
        answer(**values),
        programme=programme(),
        asked=question,
        person=mariam(),
        today=TODAY,
        how={"bank_account": "Droit au compte."},
    )


def spaced(text: str) -> str:
    return text.replace(NBSP, " ")


# ---------- what to buy, and when ----------
def test_answer_tells_first_the_calendar_one_can_live_with():
    best = shown().best
    assert best is not None
    assert best.name == "La Carte, pack Mois et Pack Semaine"
    assert [(step.when, step.total, spaced(step.what)) for step in best.fewest.steps] == [
        ("Aujourd’hui", 3200, "Carte SIM 10,00 € et pack Mois 22,00 €"),
        ("26 décembre", 2800, "Pack Mois 22,00 € et Pack Semaine 6,00 €"),
    ]
    assert (best.fewest.total, best.fewest.per_month, best.fewest.day_0) == (6000, 3000, 3200)
    assert best.fewest.ends == "25 janvier"
    assert best.optimum is not None
    assert (best.optimum.total, best.optimum.count, len(best.optimum.steps)) == (5800, 8, 8)
    assert best.optimum.steps[1].what == f"Pack Semaine, 7{NBSP}jours".replace(NBSP, " ")


def test_answer_shows_one_calendar_when_both_are_the_same():
    told = answer()["best"]
    best = shown(best={**told, "fewest": {**told}}).best
    assert best is not None
    assert best.optimum is None
    assert best.fewest.total == 5800


def test_answer_read_again_tells_the_day_by_its_date():
    again = shown_answer(
        answer(), programme=programme(), asked=asked(), person=mariam(), today=TODAY, is_live=False
    )
    assert again.best is not None
    assert again.best.fewest.steps[0].when == "26 novembre"
    assert [bar.label for bar in again.premium.bars][1] == "Mariam, ce jour-là, ici"


def test_several_copies_on_one_day_are_told_once():
    told = answer()["best"]
    twice = [{"day": 0, "offer": "week", "price": "6.00"}] * 3
    best = shown(best={**told, "fewest": None, "purchases": twice, "total": "28.00"}).best
    assert best is not None
    assert [spaced(step.what) for step in best.fewest.steps] == [
        "Carte SIM 10,00 € et 3 × pack Semaine 6,00 €"
    ]


def test_what_is_owed_beyond_is_told_apart():
    told = {**answer()["best"], "fewest": None, "overage": "1.50", "owed_after": "20.00"}
    best = shown(best=told).best
    assert best is not None
    assert (best.fewest.overage, best.fewest.owed) == (150, 2000)


# ---------- the double penalty ----------
def test_premium_has_its_bars_and_the_dearest_obstacle_first():
    premium = shown().premium
    assert (premium.total, premium.month) == (3000, 1500)
    # 58 € here and in the shops, 28 € for who lacks nothing; per month half of it.
    assert [(spaced(bar.label), bar.cents, bar.fair, bar.over) for bar in premium.bars] == [
        ("Une personne sans obstacle", 1400, "48.3", ""),
        ("Mariam, aujourd’hui, ici", 2900, "48.3", "51.7"),
    ]
    assert [(row.code, row.share, row.alone, row.percent, row.how) for row in premium.rows] == [
        ("bank_account", 2250, 1200, "75.0", "Droit au compte."),
        ("email", 750, 0, "25.0", ""),
    ]


def test_premium_shows_what_the_programme_spares():
    premium = shown(saving="20.00").premium
    assert [(bar.cents, bar.fair, bar.over) for bar in premium.bars] == [
        (2400, "61.5", ""),
        (2900, "61.5", "12.8"),
        (3900, "61.5", "38.5"),
    ]
    assert premium.saving_month == 1000


def test_premium_without_a_price_says_what_opens():
    premium = shown(
        saving=None,
        premium={
            "total": None,
            "obstacles": [
                {"condition": "smartphone", "alone": None, "share": None},
                {"condition": "bank_account", "alone": None, "share": None},
            ],
            "opens_with": [["bank_account"], ["fixed_address", "email"]],
        },
    ).premium
    assert (premium.total, premium.month) == (None, None)
    assert premium.opens_with == ("un compte bancaire", "une boîte mail et une adresse fixe") or (
        premium.opens_with == ("un compte bancaire", "une adresse fixe et une boîte mail")
    )
    assert [(bar.label, bar.over) for bar in premium.bars] == [("Mariam, aujourd’hui, ici", "")]
    assert [(row.code, row.share, row.opens) for row in premium.rows] == [
        ("bank_account", None, True),
        ("smartphone", None, False),
    ]


# ---------- what matters, what is left out ----------
def test_warnings_tell_what_is_not_verified_and_until_when_the_line_lives():
    assert [spaced(text) for _icon, text in shown().warnings] == [
        "Sans recharge le 26 décembre, la ligne s’arrête, et le numéro peut se perdre.",
        "Pack Semaine : prix jamais vérifié.",
        "Pack Mois : prix vérifié le 2 septembre 2026, il y a plus de 60 jours.",
    ]


def test_warnings_of_a_plan_tell_overage_and_commitment():
    told = {
        **answer()["best"],
        "line": "plan",
        "fewest": None,
        "purchases": [{"day": day, "offer": "p2", "price": "2.00"} for day in (0, 30)],
    }
    assert [spaced(text) for _icon, text in shown(best=told).warnings] == [
        "Au-delà de 50 Mo, chaque Mo coûte 0,05 €. Rien ne le bloque.",
        "Engagement de 12 mois : tout est dû, même en arrêtant avant.",
    ]


def test_everything_left_out_has_its_reason():
    told = shown()
    assert [(one.name, one.line, one.why) for one in told.closed] == [
        (
            "Forfait 2 h",
            "Plume",
            "Il faut un compte bancaire et une orientation sociale ou une adresse fixe.",
        ),
        ("Pack Mois", "Soleil, La Carte", "Plus cher que ce qu’on peut payer en une fois."),
        ("Pack Semaine", "Soleil, La Carte", "Plus cher que le plafond du mois."),
    ]
    assert [(one.line, one.why) for one in told.unserved] == [
        ("Plume", "Ne suffit pas pour internet."),
        ("Soleil, La Carte", "Le plafond du mois ne suffit pas pour cet usage."),
    ]
    assert [(one.name, spaced(one.why)) for one in told.to_check] == [
        ("Carte du monde", "À vérifier : la durée.")
    ]
    assert told.left_out == 6


def test_a_line_that_time_left_undecided_is_ranked_by_its_bound():
    told = shown().ranking
    assert [(row.title, row.total, row.least_per_month, row.proven) for row in told] == [
        ("Soleil, La Carte", 5800, None, True),
        ("Plume", None, 4000, False),
    ]


def test_nothing_serves_leaves_the_reasons():
    told = shown(best=None, ranking=[], saving=None)
    assert told.best is None
    assert told.warnings == ()
    assert len(told.closed) == 3


def test_against_today_keeps_or_changes():
    current = {"pays_per_month": "31.00", "commitment_owed": "5.00"}
    told = shown(asked=asked(current=current), against_today={"keep": False, "saving": "-1.50"}).against
    assert told is not None
    assert (told.keep, told.saving, told.pays, told.owed) == (False, -150, 3100, 500)


def test_cents_of_the_engine():
    assert [cents(text) for text in (None, "10.83", "-0.05", "0.00")] == [None, 1083, -5, 0]


def test_words_of_offers_and_conditions():
    assert given_words({"voice_min": 120, "sms": None, "data_mb": 3000}, 500).replace(NBSP, " ") == (
        "2 h d’appels, SMS illimités, 3 Go, 5,00 € de crédit"
    )
    assert given_words({"voice_min": 45, "data_mb": 1250}).replace(NBSP, " ") == "45 min d’appels, 1,25 Go"
    assert given_words({}) == ""
    assert needs_words([]) == ""


def test_programme_of_an_answer_keeps_the_lines_it_speaks_of():
    whole = programme()
    only = answer(unserved=[], ranking=[], closed=[], to_check=[])
    assert [line.id for line in programme_of(only, whole).lines] == ["card"]
    assert [line.id for line in programme_of(answer(), whole).lines] == ["card", "plan"]


# ---------- kept ----------
@pytest.fixture
def node(db):
    return make_node()


def kept(person, by, *, key="k1", told=None, question=None, at=None) -> Advice:
    return keep_advice(
        person,
        said={"calls": "often"},
        asked=question or asked(),
        answer=told or answer(),
        programme=programme(),
        key=key,
        by=by,
        at=at,
    )


def test_keep_advice_is_a_dated_photograph(node, now):
    adviser, person = make_user(node), make_person(node)
    advice = kept(person, adviser)
    assert (advice.advised_on, advice.written_by, advice.choice) == (TODAY, "Hélène Lenoir", "")
    assert [line["id"] for line in advice.programme["lines"]] == ["card", "plan"]
    row = Entry.objects.get(verb="advice.keep")
    assert (row.person, row.thing, row.segment.place) == (
        str(person.uuid),
        f"advice:{advice.uuid}",
        str(node.uuid),
    )


def test_keep_advice_twice_with_one_press_keeps_one(node, now):
    adviser, person = make_user(node), make_person(node)
    assert kept(person, adviser).pk == kept(person, adviser).pk
    assert Advice.objects.count() == 1
    assert Entry.objects.filter(verb="advice.keep").count() == 1
    with pytest.raises(BusinessError):
        kept(make_person(node, name="Sacha"), adviser)


def test_choose_offer_is_dated_and_may_change(node, now, clock):
    adviser, person = make_user(node), make_person(node)
    advice = choose_offer(kept(person, adviser), choice="fewest", by=adviser)
    assert (advice.choice, advice.chosen_line, advice.chosen_total) == ("fewest", "card", 6000)
    later = clock.move(days=2)
    advice = choose_offer(advice, choice="best", by=adviser)
    assert (advice.choice, advice.chosen_total, advice.chosen_at) == ("best", 5800, later)
    assert choose_offer(advice, choice="best", by=adviser).chosen_at == later
    assert Entry.objects.filter(verb="advice.choose").count() == 2


@pytest.mark.parametrize(
    ("choice", "line"), [("keep", ""), ("line", "unheard-of"), ("line", "plan"), ("", ""), ("dearest", "")]
)
def test_choose_offer_refuses_what_the_advice_does_not_offer(node, now, choice, line):
    adviser = make_user(node)
    advice = kept(make_person(node), adviser)
    with pytest.raises(BusinessError):
        choose_offer(advice, choice=choice, line=line, by=adviser)
    advice.refresh_from_db()
    assert (advice.choice, advice.chosen_at) == ("", None)


def test_choose_to_keep_what_she_has(node, now):
    adviser = make_user(node)
    question = asked(current={"pays_per_month": "9.90", "commitment_owed": "0.00"})
    advice = choose_offer(kept(make_person(node), adviser, question=question), choice="keep", by=adviser)
    assert advised_per_month(advice) == 990


def test_bill_is_compared_with_what_was_advised(node, now):
    adviser, person = make_user(node), make_person(node)
    advice = choose_offer(kept(person, adviser), choice="best", by=adviser)
    for press, paid in (("a", 2900), ("b", 2999), ("c", 4000), ("d", 1000)):
        record_bill(
            person,
            paid=paid,
            first_day=TODAY - timedelta(days=29),
            last_day=TODAY,
            advice=advice,
            key=press,
            by=adviser,
        )
    rows = compared_bills(Bill.objects.order_by("key"))
    assert [(row.advised, row.more, spaced(row.says)) for row in rows] == [
        (2900, 0, "Comme prévu."),
        (2900, 99, "Comme prévu."),
        (2900, 1100, "11,00 € de plus que prévu."),
        (2900, -1900, "19,00 € de moins que prévu."),
    ]


def test_bill_without_advice_has_nothing_to_compare(node, now):
    person = make_person(node)
    bill = record_bill(person, paid=500, first_day=TODAY, last_day=TODAY, key="k", by=make_user(node))
    assert [row.says for row in compared_bills([bill])] == ["Rien à comparer."]


@pytest.mark.parametrize(
    ("first", "last", "paid", "field"),
    [
        (TODAY, TODAY - timedelta(days=1), 500, "last_day"),
        (TODAY, TODAY + timedelta(days=1), 500, "last_day"),
        (TODAY - timedelta(days=366), TODAY, 500, "last_day"),
        (TODAY, TODAY, 100_001, "paid"),
        (TODAY, TODAY, -1, "paid"),
    ],
)
def test_bill_that_cannot_be_is_refused(node, now, first, last, paid, field):
    person = make_person(node)
    with pytest.raises(BusinessError) as refused:
        record_bill(person, paid=paid, first_day=first, last_day=last, key="k", by=make_user(node))
    assert refused.value.field == field
    assert Bill.objects.count() == 0


def test_bill_pressed_twice_is_one_and_another_persons_advice_is_refused(node, now):
    adviser, person, other = make_user(node), make_person(node), make_person(node, name="Sacha")
    told = {"paid": 500, "first_day": TODAY, "last_day": TODAY, "by": adviser}
    assert record_bill(person, key="k", **told).pk == record_bill(person, key="k", **told).pk
    with pytest.raises(BusinessError):
        record_bill(person, key="k2", advice=kept(other, adviser), **told)
    with pytest.raises(BusinessError):
        record_bill(other, key="k", **told)
    assert Bill.objects.count() == 1


def test_panel_tells_the_newest_advice(node, now, django_assert_num_queries):
    adviser, person = make_user(node), make_person(node)
    with django_assert_num_queries(1):
        assert advice_panel([person.pk]).advice is None
    for number in range(3):
        advice = kept(person, adviser, key=f"k{number}", at=now + timedelta(minutes=number))
        with django_assert_num_queries(2):
            panel = advice_panel([person.pk])
        assert (panel.advice, panel.count) == (advice, number + 1)
    assert (panel.name, panel.month, panel.premium) == ("Soleil, La Carte", 3000, 1500)


# ---------- what her file says ----------
def test_known_conditions_are_those_of_her_file(node, now):
    adviser, person = make_user(node), make_person(node)
    assert known_conditions(person).has == frozenset()
    record_situations(
        person,
        {
            "bank_account": "no",
            "fixed_address": "partly",
            "mailbox": "yes",
            "papers": "yes",
            "reading": "yes",
        },
        said_on=TODAY,
        by=adviser,
    )
    known = known_conditions(person)
    assert known.has == {"email", "identity_document"}
    assert known.lacks == {"bank_account", "fixed_address"}
    assert known.said_on == TODAY


@pytest.mark.parametrize(("said", "has"), [("agreed", True), ("refused", False), ("withdrawn", False)])
def test_who_agreed_to_be_referred_has_a_social_referral(node, now, said, has):
    person = make_person(node)
    Agreement.objects.create(person=person, kind="share_referral", answer=said, said_at=now)
    assert ("social_referral" in known_conditions(person).has) is has


# ---------- the engine on the catalogue of the day ----------
def test_answer_is_computed_once_a_question(node, now, monkeypatch, django_assert_num_queries):
    make_catalogue(now)
    question = asked(has=["identity_document", "social_referral"], horizon_days=90)
    first = answer_today(question, TODAY)
    assert first["best"]["line"] == "solidaire"
    assert first["best"]["total"] == "32.50"
    monkeypatch.setattr("bagage.connection.queries.kept.advise", None)
    with django_assert_num_queries(1):
        assert answer_today(question, TODAY) is first
    with django_assert_num_queries(1):
        assert [line.id for line in programme_today(TODAY).lines] == ["solidaire", "carte", "plume"]


def test_answer_that_time_left_unproven_is_asked_again_later(node, now, monkeypatch):
    class Told:
        def as_json(self):
            return answer(premium={"total": "1.00", "obstacles": [], "opens_with": [], "proven": False})

    seconds = [1000.0]
    make_catalogue(now)
    monkeypatch.setattr("bagage.connection.queries.kept.advise", lambda *args, **more: Told())
    monkeypatch.setattr("bagage.connection.queries.kept.monotonic", lambda: seconds[0])
    first = answer_today(asked(), TODAY)
    seconds[0] += 299
    assert answer_today(asked(), TODAY) is first
    seconds[0] += 2
    assert answer_today(asked(), TODAY) is not first
    assert [is_proven(told) for told in (first, answer(ranking=[]), answer())] == [False, True, False]


def test_answers_are_not_remembered_without_end(node, now, monkeypatch):
    make_catalogue(now)
    monkeypatch.setattr("bagage.connection.queries.kept.REMEMBERED_ANSWERS", 2)
    questions = [asked(usage={"sms": number}) for number in range(3)]
    first, second, third = (answer_today(question, TODAY) for question in questions)
    assert answer_today(questions[2], TODAY) is third
    assert answer_today(questions[1], TODAY) is second
    assert answer_today(questions[0], TODAY) is not first


def test_answer_is_computed_again_when_the_catalogue_changed(node, now):
    make_catalogue(now)
    question = asked(has=["identity_document", "social_referral"], horizon_days=90)
    assert answer_today(question, TODAY)["best"]["total"] == "32.50"
    from bagage.connection.models import Offer
    from bagage.connection.services.catalogue import end_offer
    from tests.connection.factories import KEEPER

    end_offer(Offer.objects.get(code="recharge-3go"), ends_on=TODAY, by=KEEPER, at=now)
    assert answer_today(question, TODAY)["best"]["line"] == "carte"


# ---------- the house ----------
def test_usage_figures_of_the_house_stand_in_place_of_the_usual(node, now):
    adviser = make_user(node)
    assert figures_of_the_house()[0].figure == 8
    assert set_usage_figures({"calls": (8, "exemple"), "sites": (62, "")}, by=adviser) == []
    assert set_usage_figures({"calls": (11, "mesuré à Riquet")}, by=adviser) == ["calls"]
    assert set_usage_figures({"calls": (11, "mesuré à Riquet")}, by=adviser) == []
    assert figures_of_the_house()[0].figure == 11
    assert Entry.objects.filter(verb="advice.figures").values_list("fields", flat=True).get() == "calls"


@pytest.mark.parametrize("figures", [{"calls": (0, "")}, {"calls": (10**9, "")}, {"gardening": (3, "")}])
def test_usage_figure_that_cannot_be_is_refused(node, now, figures):
    with pytest.raises(BusinessError):
        set_usage_figures(figures, by=make_user(node))
    assert UsageFigure.objects.count() == 0


def test_each_obstacle_has_a_text_that_says_it_is_an_example(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        texts = lifting_texts()
    assert list(texts) == list(LIFTED)
    assert {text.is_example for text in texts.values()} == {True}
    assert [code for code, text in texts.items() if text.has_letter] == [
        "bank_account",
        "fixed_address",
        "bank_refusal",
    ]
    assert all(str(text.summary).strip() and text.step_list for text in texts.values())


def test_lifting_text_of_the_house_and_back(node, now):
    adviser = make_user(node)
    change_lifting_text(
        "email", summary="Mardi à 14 h, ici.", steps="Un\n\nDeux", is_example=False, by=adviser
    )
    text = lifting_texts()["email"]
    assert (text.summary, text.step_list, text.is_example) == ("Mardi à 14 h, ici.", ["Un", "Deux"], False)
    restore_lifting_text("email", by=adviser)
    assert lifting_texts()["email"].is_usual
    assert Entry.objects.filter(verb="advice.text").count() == 2


@pytest.mark.parametrize(
    ("condition", "fields"),
    [
        ("unheard_of", {"summary": "Oui"}),
        ("email", {"summary": "  "}),
        ("email", {"summary": "Oui", "letter_body": "Madame,"}),
    ],
)
def test_lifting_text_that_cannot_be_is_refused(node, now, condition, fields):
    with pytest.raises(BusinessError):
        change_lifting_text(condition, is_example=True, by=make_user(node), **fields)
    assert LiftingText.objects.count() == 0


# ---------- papers ----------
@pytest.mark.parametrize("language", ["fr", "en"])
def test_papers_are_made_in_the_language_of_the_screen(node, now, language):
    person = make_person(node, name="Mariam")
    with translation.override(language):
        nothing = shown_answer(
            answer(best=None, saving=None), programme=Programme(()), asked=asked(), person=person, today=TODAY
        )
        some = shown_answer(
            answer(), programme=programme(), asked=asked(), person=person, today=TODAY, is_live=False
        )
        for told in (nothing, some):
            assert advice_paper(person, told, on=TODAY).startswith(b"%PDF-")
        for condition in ("bank_account", "fixed_address", "bank_refusal"):
            text = lifting_texts()[condition]
            assert (
                letter_paper(text, {"name": "Mariam #[Traoré]", "address": "1 rue\nA"}, on=TODAY)[:5]
                == b"%PDF-"
            )
            assert letter_paper(text, {}, on=TODAY)[:5] == b"%PDF-"


def test_words_of_a_day(now: datetime):
    """The standing clock of these tests is the day they name."""
    assert now.date() == TODAY


# ---------- what was bought since ----------
def test_what_was_bought_since_is_compared_with_the_calendar(node, now, clock):
    adviser, person = make_user(node), make_person(node)
    advice = choose_offer(kept(person, adviser), choice="fewest", by=adviser)
    assert bought_since(advice, [person.pk], TODAY).count == 0
    held = hold(person, adviser, TODAY, price=3200, until=TODAY + timedelta(days=30))
    bought = bought_since(advice, [person.pk], TODAY + timedelta(days=10))
    assert (bought.count, bought.paid, bought.foreseen, bought.says) == (1, 3200, 3200, "Comme prévu.")
    clock.move(days=30)
    later = TODAY + timedelta(days=30)
    for price in (2200, 900):
        record_top_up(
            held,
            what="Pack",
            price=price,
            live_until=later + timedelta(days=30),
            on=later,
            key=key(),
            by=adviser,
        )
    bought = bought_since(advice, [person.pk], later)
    assert (bought.count, bought.paid, bought.foreseen) == (3, 6300, 6000)
    assert spaced(bought.says) == "3,00 € de plus que prévu."
    correct_event(held.events.get(price=900), key=key(), by=adviser)
    bought = bought_since(advice, [person.pk], later)
    assert (bought.count, bought.paid) == (2, 5400)
    assert spaced(bought.says) == "6,00 € de moins que prévu."


@pytest.mark.parametrize(("choice", "days"), [("keep", 3), ("best", 60)])
def test_what_was_bought_since_has_nothing_to_compare(node, now, choice, days):
    adviser, person = make_user(node), make_person(node)
    question = asked(current={"pays_per_month": "9.90", "commitment_owed": "0.00"})
    advice = choose_offer(kept(person, adviser, question=question), choice=choice, by=adviser)
    bought = bought_since(advice, [person.pk], TODAY + timedelta(days=days))
    assert (bought.count, bought.foreseen, bought.says) == (0, None, "Rien à comparer.")


def test_a_screen_answers_at_once_and_a_kept_advice_takes_its_time(node, now, settings, monkeypatch):
    """What was not proven in a hurry is asked again in full; what was proven, or asked in full, is not."""
    settings.ADVICE_SCREEN_SECONDS, settings.ADVICE_BUDGET_SECONDS = 0.06, 2.0
    seconds, looks = [1000.0], []

    class Told:
        def __init__(self, out_of_time):
            begun = seconds[0]
            while not out_of_time():
                seconds[0] += 0.01
            looks.append(round(seconds[0] - begun, 2))

        def as_json(self):
            return answer(
                ranking=[{"line": "plan", "total": None, "proven": looks[-1] > 1, "at_least": "80.00"}]
            )

    make_catalogue(now)
    monkeypatch.setattr("bagage.connection.queries.kept.advise", lambda *_, out_of_time: Told(out_of_time))
    monkeypatch.setattr("bagage.connection.queries.kept.monotonic", lambda: seconds[0])
    assert [answer_at_once(asked(), TODAY)[1] for _ in range(2)] == [True, True]
    assert is_proven(answer_today(asked(), TODAY))
    told, is_hurried = answer_at_once(asked(), TODAY)
    assert (is_proven(told), is_hurried) == (True, False)
    assert [0.05 < looks[0] < 0.09, looks[1] > 1.9, len(looks)] == [True, True, 2]


def test_a_hurried_answer_keeps_silent_about_ways_it_has_not_compared():
    unsure = {
        "total": None,
        "obstacles": [{"condition": "email", "alone": None, "share": None}],
        "opens_with": [["bank_account", "identity_document"]],
        "proven": False,
    }
    assert shown(premium=unsure).premium.opens_with == ("un compte bancaire et une pièce d’identité",)
    told = shown_answer(
        answer(premium=unsure),
        programme=programme(),
        asked=asked(),
        person=Person(),
        today=TODAY,
        is_hurried=True,
    )
    assert (told.premium.opens_with, told.premium.proven, told.is_hurried) == ((), False, True)


def test_an_answer_without_a_known_total_is_not_a_refusal():
    waiting = [{"line": "plan", "total": None, "proven": False, "at_least": "80.00"}]
    assert shown(best=None, saving=None, ranking=waiting).is_undecided
    assert [shown(best=None, saving=None, ranking=[]).is_undecided, shown().is_undecided] == [False, False]


def test_an_offer_with_a_name_of_its_own_keeps_its_capital():
    names = ["Recharge 3 Go", "Forfait bloqué", "Azur 20 Go", "Entraide 2 h", ""]
    assert [within_sentence(name) for name in names] == [
        "recharge 3 Go", "forfait bloqué", "Azur 20 Go", "Entraide 2 h", "",
    ]  # fmt: skip
