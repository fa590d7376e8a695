"""Dates, durations, money and lists in plain words, in the reader's language.

French takes a no-break space where a line must not break: "10 h 30", "10,00 €", "Appareil : plein".
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext, ngettext

NBSP = "\u00a0"


def is_french() -> bool:
    """Whether the screen is read in French."""
    return (get_language() or "fr").startswith("fr")


def written_for(language: str = "") -> AbstractContextManager[None]:
    """Write what someone else will read: in her language when it is known, else in that of the installation.

    Who presses a button may read another language than whoever the message goes to.
    """
    return translation.override(language or settings.LANGUAGE_CODE)


def printed_for(language: str) -> AbstractContextManager[None]:
    """Write what is printed and handed over: in her language when it is one of ours, else in that of the screen."""
    return translation.override(language or get_language() or settings.LANGUAGE_CODE)


def local_date(value: date | datetime) -> date:
    """The day of ``value`` in the time zone of the installation."""
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def day(value: date | datetime, *, year: bool = False) -> str:
    """``"jeudi 26 novembre"``, ``"mardi 1er décembre"``; with ``year``, ``"jeudi 26 novembre 2026"``."""
    the_day = local_date(value)
    number = "1er" if is_french() and the_day.day == 1 else str(the_day.day)
    text = f"{date_format(the_day, 'l')} {number} {date_format(the_day, 'F')}"
    return f"{text} {the_day.year}" if year else text


def day_short(value: date | datetime, *, year: bool = False) -> str:
    """``"26 novembre"``, ``"1er décembre"``: a day without its name."""
    the_day = local_date(value)
    number = "1er" if is_french() and the_day.day == 1 else str(the_day.day)
    text = f"{number} {date_format(the_day, 'F')}"
    return f"{text} {the_day.year}" if year else text


def hour(value: time | datetime, *, full: bool = False) -> str:
    """``"10 h 30"``, ``"14 h"`` on the hour (``"14 h 00"`` when ``full``, for columns); English ``"10:30"``."""
    moment = value
    if isinstance(moment, datetime):
        moment = (timezone.localtime(moment) if timezone.is_aware(moment) else moment).time()
    if not is_french():
        return f"{moment.hour}:{moment.minute:02d}"
    whole = f"{moment.hour}{NBSP}h"
    return f"{whole}{NBSP}{moment.minute:02d}" if moment.minute or full else whole


def span(duration: timedelta) -> str:
    """A length in plain words, rounded down: ``"1 min"``, ``"1 h 05"``, ``"3 jours"``, ``"2 mois"``."""
    minutes = max(int(duration.total_seconds() // 60), 0)
    if minutes < 60:
        return gettext("%(count)s min") % {"count": minutes}
    if minutes < 24 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours}{NBSP}h{NBSP}{rest:02d}" if rest else f"{hours}{NBSP}h"
    days = minutes // (24 * 60)
    if days < 60:
        return ngettext("%(count)s jour", "%(count)s jours", days) % {"count": days}
    months = days // 30
    if months < 24:
        return ngettext("%(count)s mois", "%(count)s mois", months) % {"count": months}
    years = days // 365
    return ngettext("%(count)s an", "%(count)s ans", years) % {"count": years}


def ago(value: datetime, now: datetime | None = None) -> str:
    """When something happened: "il y a 12 min", "à 9 h 30", "hier à 16 h 02", "le 12 octobre".

    A moment to come reads "dans 12 min", "demain à 10 h", "le 12 octobre".
    """
    now = now or timezone.now()
    days = (local_date(now) - local_date(value)).days
    elapsed = now - value
    if timedelta(0) <= elapsed < timedelta(minutes=1):
        return gettext("à l’instant")
    if timedelta(0) < elapsed < timedelta(hours=1):
        return gettext("il y a %(span)s") % {"span": span(elapsed)}
    if timedelta(0) < -elapsed < timedelta(hours=1):
        return gettext("dans %(span)s") % {"span": span(max(-elapsed, timedelta(minutes=1)))}
    if days == 0:
        return gettext("à %(hour)s") % {"hour": hour(value)}
    if days == 1:
        return gettext("hier à %(hour)s") % {"hour": hour(value)}
    if days == -1:
        return gettext("demain à %(hour)s") % {"hour": hour(value)}
    other_year = local_date(now).year != local_date(value).year
    return gettext("le %(day)s") % {"day": day_short(value, year=other_year)}


def since(value: datetime | date, now: datetime | None = None) -> str:
    """How long something has lasted: "depuis 12 min", "depuis hier", "depuis le 12 octobre"."""
    now = now or timezone.now()
    days = (local_date(now) - local_date(value)).days
    if days <= 0:
        if isinstance(value, datetime):
            return gettext("depuis %(span)s") % {"span": span(now - value)}
        return gettext("depuis aujourd’hui")
    if days == 1:
        return gettext("depuis hier")
    if days < 15:
        return ngettext("depuis %(count)s jour", "depuis %(count)s jours", days) % {"count": days}
    other_year = local_date(now).year != local_date(value).year
    return gettext("depuis le %(day)s") % {"day": day_short(value, year=other_year)}


def money(amount: Decimal | int | float | None) -> str:
    """Euros with cents: ``"10,00 €"``; English ``"€10.00"``. ``None`` reads "on ne sait pas"."""
    if amount is None:
        return gettext("on ne sait pas")
    figure = number_format(Decimal(str(amount)), decimal_pos=2, use_l10n=True, force_grouping=True)
    return f"{figure}{NBSP}€" if is_french() else f"€{figure}"


def phone(number: str) -> str:
    """``"06 39 98 41 27"`` for a French number however it is stored; others in international form.

    What is no number is given back as it is.
    """
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return number
    french = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(33, ())
    if phonenumbers.region_code_for_country_code(parsed.country_code or 0) in french:
        kind = phonenumbers.PhoneNumberFormat.NATIONAL
    else:
        kind = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, kind).replace(" ", NBSP)


def joined(parts: Sequence[object], *, last: str | None = None) -> str:
    """``"a, b et c"``; ``last`` is the final link word, "et" unless told ("ou")."""
    texts = [str(part) for part in parts if str(part)]
    if len(texts) < 2:
        return "".join(texts)
    link = last or gettext("et")
    return f"{', '.join(texts[:-1])} {link} {texts[-1]}"


def listed(parts: Sequence[object]) -> str:
    """``"a, b, c"``; where a part holds a comma itself, ``"a, b ; c"``, with the space that French takes."""
    texts = [str(part) for part in parts if str(part)]
    if any("," in text for text in texts):
        return (f"{NBSP}; " if is_french() else "; ").join(texts)
    return ", ".join(texts)


def quoted(text: object) -> str:
    """What someone said or typed: ``"« du pain »"``; English ``"“du pain”"``."""
    return gettext("« %(words)s »") % {"words": text}


def before_colon(label: object) -> str:
    """A label that something follows: ``"Appareil :"``, with the space that French takes; English ``"Device:"``."""
    return f"{label}{NBSP}:" if is_french() else f"{label}:"


def of(word: str) -> str:
    """A French name after "de": ``"d’Awa"``, ``"de Mariam"``."""
    return f"d’{word}" if word[:1].lower() in "aeiouyàâéèêëîïôöùûüœh" and word else f"de {word}"


def weight(size: int) -> str:
    """How much a file weighs, for people: "512 octets", "88 Ko", "4,2 Mo", "1,3 Go"; a thousand bytes make a Ko."""
    if size < 1000:
        return ngettext("%(count)s octet", "%(count)s octets", size) % {"count": size}
    if size < 999_500:
        return gettext("%(count)s Ko") % {"count": round(size / 1000)}
    if size < 999_950_000:
        return gettext("%(count)s Mo") % {"count": number_format(round(size / 1_000_000, 1), 1)}
    return gettext("%(count)s Go") % {"count": number_format(round(size / 1_000_000_000, 1), 1)}
