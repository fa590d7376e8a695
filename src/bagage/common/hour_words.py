"""Opening hours and whether a place is open, in sentences of the reader's language."""

from datetime import timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext

from bagage.common import hours as rules
from bagage.common import words


def weekday(number: int) -> str:
    """The name of a day of the week; Monday is 0."""
    name = date_format(rules.USUAL_MONDAY + timedelta(days=number), "l")
    return name.lower() if words.is_french() else name


def hours_in_words(hours: str) -> str:
    """``"lundi et jeudi de 9 h à 12 h 30 et de 14 h à 17 h. Vendredi de 9 h à 12 h."``; ``""`` when not known.

    Hours that cannot be read are given back as they are: shown, never lost.
    """
    if not hours.strip():
        return ""
    try:
        found = rules.groups(rules.usual_week(hours))
    except rules.UnreadableHours:
        return hours
    sentences = []
    for group in found:
        if group.is_run:
            days = gettext("du %(first)s au %(last)s") % {
                "first": weekday(group.days[0]),
                "last": weekday(group.days[-1]),
            }
        else:
            days = words.joined([weekday(number) for number in group.days])
        spans = words.joined(
            [
                gettext("de %(begin)s à %(end)s") % {"begin": words.hour(begin), "end": words.hour(end)}
                for begin, end in group.spans
            ]
        )
        sentences.append(f"{days} {spans}.")
    school = {
        "off": gettext("fermé pendant les vacances scolaires."),
        "other": gettext("autres heures pendant les vacances scolaires."),
    }.get(rules.school_holidays(hours))
    if school:
        sentences.append(school)
    return " ".join([*sentences[:1], *(sentence[:1].upper() + sentence[1:] for sentence in sentences[1:])])
