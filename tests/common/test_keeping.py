from datetime import datetime, timedelta

from bagage.common.keeping import to_keep

NIGHT = datetime(2026, 11, 26, 2, 0)


def nights(count):
    return [NIGHT - timedelta(days=days) for days in range(count)]


def test_the_last_days_weeks_and_months_are_kept():
    kept = to_keep(nights(400), daily=7, weekly=4, monthly=12)
    assert sorted((NIGHT.date() - moment.date()).days for moment in kept) == [
        *range(7),  # the days
        11,  # the Sundays that end the weeks before
        18,
        26,  # the last days of the months before; this one is the end of October
        57,
        87,
        118,
        149,
        179,
        210,
        240,
        271,
        299,
        330,
    ]


def test_a_machine_that_was_off_for_a_month_loses_nothing():
    old = [moment - timedelta(days=60) for moment in nights(7)]
    assert to_keep([NIGHT, *old], daily=8, weekly=0, monthly=0) == {NIGHT, *old}


def test_of_one_day_the_newest_is_kept():
    later = NIGHT + timedelta(hours=9)
    assert to_keep([NIGHT, later], daily=1, weekly=1, monthly=1) == {later}


def test_the_newest_is_kept_whatever_the_rule():
    assert to_keep(nights(3), daily=0, weekly=0, monthly=0) == {NIGHT}


def test_of_none_none_is_kept():
    assert to_keep([], daily=7, weekly=4, monthly=12) == set()
