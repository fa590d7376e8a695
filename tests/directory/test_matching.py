"""Who answers, who does not say, who is left out and why; when a place is open; which rows speak of one place."""

from datetime import datetime

import pytest

from bagage.directory.domain import matching
from bagage.directory.domain.communes import Commune, communes_around, nearest_commune
from bagage.directory.domain.matching import Fit, Opening, State, fit_of, is_same_place, left_out, opening_at
from bagage.directory.domain.plan import HEIGHT, PIN_APART, WIDTH, plan_around

HOURS = "Mo-Fr 09:00-12:30,14:00-17:00; PH off"


@pytest.mark.parametrize(
    ("needs", "given", "fit"),
    [
        ((), (), Fit.ALL),
        (("get_device",), ("get_device", "learn_basics"), Fit.ALL),
        (("get_device", "learn_basics"), ("learn_basics",), Fit.SOME),
        (("get_device",), ("use_computer_here",), Fit.OTHERS_ONLY),
        (("get_device",), ("unknown",), Fit.NOT_SAID),
        (("get_device",), (), Fit.NOT_SAID),
    ],
)
def test_fit(needs, given, fit):
    assert fit_of(needs, given) is fit


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, ""),
        ({"fit": Fit.NOT_SAID}, ""),
        ({"fit": Fit.OTHERS_ONLY}, matching.OTHERS),
        ({"state": State.CLOSED}, matching.CLOSED),
        ({"state": State.UNKNOWN}, ""),
        ({"state": State.SOON}, ""),
        ({"must_be_free": True, "costs": ("paid",)}, matching.PAID),
        ({"must_be_free": True, "costs": ("free_under_conditions",)}, matching.PAID),
        ({"must_be_free": True, "costs": ("unknown",)}, ""),
        ({"must_be_free": True, "costs": ("paid", "free")}, ""),
        ({"costs": ("paid",)}, ""),
        ({"with_someone": True, "modes": ("alone",)}, matching.ALONE),
        ({"with_someone": True, "modes": ("alone", "workshop")}, ""),
        ({"with_someone": True, "modes": ()}, ""),
    ],
)
def test_left_out_only_when_known_not_to_answer(asked, reason):
    usual = {
        "fit": Fit.ALL,
        "state": None,
        "costs": (),
        "modes": (),
        "must_be_free": False,
        "with_someone": False,
    }
    assert left_out(**{**usual, **asked}) == reason


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-26T10:00", Opening(State.OPEN, until=datetime(2026, 11, 26, 12, 30))),
        (
            "2026-11-26T12:12",
            Opening(State.SOON, until=datetime(2026, 11, 26, 12, 30), opens_at=datetime(2026, 11, 26, 14)),
        ),
        ("2026-11-26T13:00", Opening(State.CLOSED, opens_at=datetime(2026, 11, 26, 14))),
        ("2026-11-27T18:00", Opening(State.CLOSED, opens_at=datetime(2026, 11, 30, 9))),
        # Christmas is a Friday, and the rule says "PH off".
        ("2026-12-25T10:00", Opening(State.CLOSED, opens_at=datetime(2026, 12, 28, 9))),
    ],
)
def test_opening(moment, opening):
    assert opening_at(HOURS, datetime.fromisoformat(moment)) == opening


@pytest.mark.parametrize("hours", ["", "  ", "We 08:00", "sur rendez-vous le mardi"])
def test_opening_of_hours_that_say_nothing_is_unknown(hours):
    assert opening_at(hours, datetime(2026, 11, 26, 10)) == Opening(State.UNKNOWN)


def test_same_place_within_250_metres_or_when_a_point_is_rough():
    here, near, far = (48.89, 2.37), (48.8918, 2.37), (48.90, 2.37)
    assert is_same_place(here, near, both_exact=True) is True
    assert is_same_place(here, far, both_exact=True) is False
    assert is_same_place(here, far, both_exact=False) is True
    assert is_same_place(here, (None, None), both_exact=True) is True


# ---------- the plan ----------
def test_plan_scale_and_north():
    drawn = plan_around(48.89, 2.37, 2.0, [(48.89 + 1 / 111.195, 2.37, "1", "yes")])
    (pin,) = drawn.pins
    assert (pin.x, pin.y, pin.text, pin.css) == (WIDTH / 2, HEIGHT / 2 - 113.0, "1", "yes")
    assert [(ring.metres, ring.r) for ring in drawn.rings] == [(1000, 113.0), (2000, 226.0)]


def test_plan_best_pin_is_drawn_last_and_no_number_is_hidden():
    drawn = plan_around(48.89, 2.37, 2.0, [(48.895, 2.37, str(number), "unk") for number in range(1, 7)])
    assert [pin.text for pin in drawn.pins] == ["6", "5", "4", "3", "2", "1"]
    apart = [
        ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
        for one in drawn.pins
        for other in drawn.pins
        if one is not other
    ]
    assert min(apart) >= PIN_APART - 0.2


def test_plan_names_stand_on_no_pin():
    town = Commune("75000", "Ville", (), 48.90, 2.37, 10)
    free = plan_around(48.89, 2.37, 2.0, [], [town])
    crowded = plan_around(48.89, 2.37, 2.0, [(48.90, 2.37, "1", "yes")], [town])
    assert [(name.x, name.y) for name in free.names] == [(260.0, 154.3)]
    assert [(name.x, name.y) for name in crowded.names] == [(260.0, 170.3)]


def test_communes_around_and_nearest():
    assert [each.name for each in communes_around(48.89, 2.385, 1.0)] == ["Paris 19e"]
    assert nearest_commune(48.89, 2.385).name == "Paris 19e"
    assert nearest_commune(0.0, 0.0) is None
