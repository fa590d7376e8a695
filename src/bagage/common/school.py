"""School holidays in France: of which zone a place is, and whether a day is one.

The days come from the library ``vacances-scolaires-france`` (the open data of the Ministry of Education, 1990 to 2028).
The zones of 2016 are in the decree of 16 April 2015. Corsica and overseas keep calendars of their own, which the
library does not have: there nobody knows.
"""

from datetime import date
from functools import cache

from vacances_scolaires_france import SchoolHolidayDates

# Départements by zone, one line for each académie.
ZONES = {
    "A": (
        "25 39 70 90",  # Besançon
        "24 33 40 47 64",  # Bordeaux
        "03 15 43 63",  # Clermont-Ferrand
        "21 58 71 89",  # Dijon
        "07 26 38 73 74",  # Grenoble
        "19 23 87",  # Limoges
        "01 42 69",  # Lyon
        "16 17 79 86",  # Poitiers
    ),
    "B": (
        "04 05 13 84",  # Aix-Marseille
        "02 60 80",  # Amiens
        "59 62",  # Lille
        "54 55 57 88",  # Nancy-Metz
        "44 49 53 72 85",  # Nantes
        "06 83",  # Nice
        "14 27 50 61 76",  # Normandie
        "18 28 36 37 41 45",  # Orléans-Tours
        "08 10 51 52",  # Reims
        "22 29 35 56",  # Rennes
        "67 68",  # Strasbourg
    ),
    "C": (
        "77 93 94",  # Créteil
        "11 30 34 48 66",  # Montpellier
        "75",  # Paris
        "09 12 31 32 46 65 81 82",  # Toulouse
        "78 91 92 95",  # Versailles
    ),
}
_ZONE_OF = {number: zone for zone, lines in ZONES.items() for line in lines for number in line.split()}


def zone_of(code: str) -> str:
    """``"A"``, ``"B"`` or ``"C"`` by a postcode or an INSEE code; ``""`` where the calendar is another one.

    >>> zone_of("38185"), zone_of("20200"), zone_of("97400"), zone_of("")
    ('A', '', '', '')
    """
    return _ZONE_OF.get(code[:2], "")


def is_holiday(day: date, zone: str) -> bool:
    """Whether schools of this zone are closed for holidays on that day; no where nobody knows."""
    return bool(zone) and day in _days()[zone]


@cache
def _days() -> dict[str, frozenset[date]]:
    known = SchoolHolidayDates()
    return {
        zone: frozenset(day for day in known.data if known.is_holiday_for_zone(day, zone)) for zone in ZONES
    }
