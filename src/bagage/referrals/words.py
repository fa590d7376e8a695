"""What is told of a referral, in plain words: to whoever referred, to the person, on her slip.

To the referrer only what was agreed: where it stands and when, never what is said in an interview. To a person who
shares her phone, neither the service nor the reason is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.common import words
from bagage.common.codes import shown_code
from bagage.common.templatetags.bagage import icon
from bagage.people.domain.languages import printed_language
from bagage.people.models import ContactWay
from bagage.permanences.models import Appointment, Site
from bagage.referrals.models import Referral

POCKET_WORDS = {
    "device": lambda: _("un appareil"),
    "connection": lambda: _("une connexion"),
    "skills": lambda: _("apprendre"),
}


def capital(text: str) -> str:
    """With a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def needs_words(needs: list[str]) -> str:
    """ "un appareil et une connexion"."""
    return words.joined([POCKET_WORDS[need]() for need in needs])


def day_and_hour(moment: datetime) -> str:
    """ "jeudi 26 novembre, 10 h 30"."""
    return f"{words.day(moment)}, {words.hour(moment)}"


def site_name(site: Site) -> str:
    """ "Riquet, Paris 19e": the name of the permanence without the word itself, then the city unless it says it."""
    name = site.organisation.name.removeprefix("Permanence ").strip()
    return name if site.city and site.city.lower() in name.lower() else f"{name}, {site.city}".strip(", ")


def short_site(site: Site) -> str:
    """ "Riquet": what stands on the button that sends."""
    return site_name(site).split(",")[0]


def address(site: Site) -> str:
    """ "14 rue Riquet, Paris"."""
    return ", ".join(part for part in (site.address, site.city) if part)


# ---------- to whoever referred ----------
def when_words(moment: datetime, now: datetime) -> str:
    """ "aujourd’hui à 10 h 26", "hier à 16 h 02", "jeudi 26 novembre à 10 h 26"."""
    days = (words.local_date(now) - words.local_date(moment)).days
    if days == 0:
        day = _("aujourd’hui")
    elif days == 1:
        day = _("hier")
    else:
        day = words.day(moment)
    return _("%(day)s à %(hour)s") % {"day": day, "hour": words.hour(moment)}


def headline(referral: Referral, now: datetime) -> str:
    """The one sentence that says where she is: "Elle est venue aujourd’hui à 10 h 26"."""
    when = when_words(referral.state_at, now)
    sentences = {
        "sent": _("Envoyée %(when)s") % {"when": when},
        "received": _("La permanence l’a reçue %(when)s") % {"when": when},
        "appointment": _("Elle a un rendez-vous"),
        "came": _("Elle est venue %(when)s") % {"when": when},
        "under_way": _("Elle est venue, et l’aide est en cours"),
        "left_with": _("L’aide est finie"),
        "not_come": _("Elle n’est pas venue"),
        "declined": _("La permanence ne peut pas la recevoir"),
        "withdrawn": _("Vous avez repris cette orientation"),
    }
    if referral.state == "appointment" and referral.appointment:
        return _("Elle a rendez-vous %(day)s") % {"day": day_and_hour(referral.appointment.starts_at)}
    return sentences[referral.state]


def detail(referral: Referral, step_words: str, now: datetime) -> str:
    """The line under it: what is known more, or what happens next."""
    appointment, site = referral.appointment, referral.site
    if referral.state == "declined":
        return _("La raison : %(reason)s") % {"reason": referral.declined_reason}
    if referral.state == "left_with":
        return _("Elle repart avec : %(words)s") % {"words": step_words}
    if referral.state == "withdrawn":
        return _("La permanence ne la contacte plus.")
    if referral.state == "sent":
        return _("%(site)s ne l’a pas encore ouverte. Vous saurez quand ce sera fait.") % {
            "site": site_name(site)
        }
    if referral.state == "received":
        if step_words:
            return step_words
        return _("Pas encore de rendez-vous. Vous saurez quand il y en aura un.")
    if appointment is None:
        return step_words
    by_whom = {"adviser": appointment.adviser.first_name}
    if referral.state == "appointment":
        return _("Avec %(adviser)s, %(address)s.") % {**by_whom, "address": address(site)}
    if referral.state == "not_come":
        excused = appointment.state == "excused"
        day = {"day": capital(day_and_hour(appointment.starts_at))}
        if excused:
            return _("%(day)s. Elle avait prévenu. La permanence peut donner un autre rendez-vous.") % day
        return _("%(day)s. La permanence peut donner un autre rendez-vous.") % day
    return _("%(day)s. Reçue par %(adviser)s.") % {
        **by_whom,
        "day": capital(day_and_hour(appointment.starts_at)),
    }


# State → the class and icon of its mark; apricot only for what asks.
MARKS = {
    "sent": ("wait", "send"),
    "received": ("on", "inbox"),
    "appointment": ("on", "calendar-check"),
    "came": ("ok", "circle-check"),
    "under_way": ("ok", "circle-check"),
    "left_with": ("ok", "circle-check"),
    "not_come": ("wait", "calendar-x"),
    "declined": ("bad", "circle-x"),
    "withdrawn": ("", "undo-2"),
}


def state_mark(referral: Referral, now: datetime, *, asks: str = "") -> SafeString:
    """Shape, then word, then colour. ``asks`` is the word of a question that waits for the reader."""
    if getattr(referral, "asks", False):
        css, icon_name, label = "ask", "message-circle", asks or _("Répondre")
    else:
        css, icon_name = MARKS[referral.state]
        label = str(referral.get_state_display())
    return format_html('<span class="state {}">{}{}</span>', css, icon(icon_name), label)


def silent_words() -> str:
    """What stands for the state once the person no longer agrees that the referrer hears of her."""
    return _("La suite ne se voit plus ici")


def silent_mark() -> SafeString:
    """The same, as a mark."""
    return format_html('<span class="state">{}{}</span>', icon("lock"), silent_words())


def mark_with_news(referral: Referral, now: datetime) -> SafeString:
    """The mark of its state, and under it the newest thing that was told beside it (``newest_news``)."""
    mark = state_mark(referral, now)
    told = getattr(referral, "newest_news", None)
    return format_html('{}<br><span class="xs soft">{}</span>', mark, told) if told else mark


def sent_mark(referral: Referral, now: datetime) -> SafeString:
    """When it was sent, and since when it waits for an answer: over two days stands out."""
    when = words.ago(referral.sent_at, now)
    if referral.is_late(now):
        since = words.since(referral.sent_at, now)
        return format_html(
            '<span class="state ask">{}{}</span>', icon("clock"), _("attend %(since)s") % {"since": since}
        )
    return format_html("{}", capital(when))


def staff_detail(referral: Referral, step_words: str, now: datetime) -> str:
    """The line under the headline, for the permanence."""
    if referral.state in {"sent", "received"} and referral.answered_at is None:
        return _("Envoyée %(when)s. À répondre.") % {"when": when_words(referral.sent_at, now)}
    if referral.state == "withdrawn":
        return _("Qui l’orientait a repris cette orientation. Ne la contactez plus à ce titre.")
    return detail(referral, step_words, now)


def in_short(referral: Referral, now: datetime) -> str:
    """The line under a name in a list: "Riquet, avec Inès, demain à 9 h 30"."""
    site = short_site(referral.site)
    appointment = referral.appointment
    if referral.state == "appointment" and appointment:
        return _("%(site)s, avec %(adviser)s, %(day)s") % {
            "site": site,
            "adviser": appointment.adviser.first_name,
            "day": day_and_hour(appointment.starts_at),
        }
    return f"{site}, {when_words(referral.state_at, now)}"


def news(referral: Referral, state: str, *, step_words: str = "") -> str:
    """One line that tells her a step: what the mail says."""
    name, site = referral.chosen_name, site_name(referral.site)
    appointment = referral.appointment
    if state == "appointment" and appointment:
        return _("%(name)s a rendez-vous %(day)s, %(address)s.") % {
            "name": name,
            "day": day_and_hour(appointment.starts_at),
            "address": address(referral.site),
        }
    lines = {
        "sent": _("L’orientation est bien partie vers %(site)s.") % {"site": site},
        "received": _("%(site)s a reçu votre orientation.") % {"site": site},
        "appointment": _("%(name)s a un rendez-vous.") % {"name": name},
        "came": _("%(site)s a reçu %(name)s.") % {"name": name, "site": site},
        "under_way": _("%(site)s a reçu %(name)s, l’aide a commencé.") % {"name": name, "site": site},
        "left_with": _("%(name)s repart avec : %(words)s") % {"name": name, "words": step_words},
        "not_come": _("On n’a pas vu %(name)s au rendez-vous. Nous pouvons en donner un autre.")
        % {"name": name},
        "declined": _("%(site)s ne peut pas recevoir cette personne. La raison : %(reason)s")
        % {"site": site, "reason": referral.declined_reason},
        "back": _("%(name)s est de retour à %(site)s, l’aide reprend.") % {"name": name, "site": site},
        "withdrawn": _("Vous avez repris cette orientation."),
        "cancelled": _("Le rendez-vous de %(name)s est annulé. Nous lui en donnerons un autre.")
        % {"name": name},
        "accepted": _("%(site)s attend %(name)s. Un rendez-vous suivra.") % {"name": name, "site": site},
        "undone": _("Correction : %(name)s n’est pas encore venue, contrairement à notre dernier message.")
        % {"name": name},
    }
    return lines[state]


def subject(referral: Referral) -> str:
    """The subject of every mail about it: no name."""
    return _("Bagage : des nouvelles de votre orientation %(code)s") % {"code": shown_code(referral.code)}


def mail_body(referral: Referral, line: str, follow_url: str) -> str:
    """The whole mail: one line, where to see more, and what to do when it is not for her.

    Without ``follow_url`` (the link lives three months) it says who to call instead.
    """
    more = [
        _("Voir où elle en est, poser une question, réimprimer son coupon :") + f"\n{follow_url}",
        _("Ce message ne vous concerne pas ? Ouvrez le lien et choisissez « Ce lien n’est pas pour moi »."),
    ]
    if not follow_url:
        more = [_("Votre lien a servi ses trois mois. Pour en parler, appelez la permanence.")]
    return "\n\n".join(
        [
            _("Bonjour,"),
            line,
            *more,
            referral.site.organisation.name
            + (f"\n{words.phone(referral.site.phone)}" if referral.site.phone else ""),
        ]
    )


# ---------- to the person ----------
def way_words(referral: Referral) -> str:
    """How she is told, for the paper list: "Fanta, SMS au 06 39 98 41 27"."""
    name = referral.chosen_name
    if referral.reach == ContactWay.Kind.SMS:
        return _("%(name)s, SMS au %(phone)s") % {"name": name, "phone": words.phone(referral.phone)}
    if referral.reach == ContactWay.Kind.CALL:
        return _("%(name)s, appeler le %(phone)s") % {"name": name, "phone": words.phone(referral.phone)}
    return name


def way_to_her(referral: Referral) -> str:
    """How she will hear, for whoever referred: honest about what is done by hand."""
    shared = referral.is_phone_shared
    sentences = {
        ContactWay.Kind.SMS: _("par SMS, en mots discrets") if shared else _("par SMS"),
        ContactWay.Kind.CALL: _("par un appel, en mots discrets") if shared else _("par un appel"),
        ContactWay.Kind.REFERRER: _("par vous : dites-le-lui"),
        ContactWay.Kind.PAPER: _("par son coupon, et en venant"),
    }
    return sentences[ContactWay.Kind(referral.reach)]


def _call(site: Site) -> str:
    return words.phone(site.phone) if site.phone else ""


def message_to_person(
    *,
    name: str,
    site: Site,
    state: str,
    is_discreet: bool,
    code: str = "",
    starts_at: datetime | None = None,
) -> str:
    """What she is told of a step, short enough for one SMS; discreet when others may read her phone.

    ``state`` is "sent", "appointment" or "declined".
    """
    parts = [_("Bonjour %(name)s.") % {"name": name}]
    if state == "appointment" and starts_at:
        parts.append(
            _("Rendez-vous %(day)s, %(address)s.")
            % {"day": day_and_hour(starts_at), "address": address(site)}
        )
        if site.phone:
            parts.append(_("Changer : %(phone)s.") % {"phone": _call(site)})
    elif state == "declined":
        if is_discreet:
            parts.append(_("Un message vous attend."))
        else:
            parts.append(_("La permanence %(site)s ne peut pas vous recevoir.") % {"site": short_site(site)})
        if site.phone:
            parts.append(_("Appeler : %(phone)s.") % {"phone": _call(site)})
    else:
        if is_discreet:
            parts.append(_("Un rendez-vous vous sera proposé, %(address)s.") % {"address": address(site)})
        else:
            parts.append(
                _("La permanence %(site)s, %(address)s, vous proposera un rendez-vous.")
                % {"site": short_site(site), "address": address(site)}
            )
        if site.phone:
            parts.append(_("Appeler : %(phone)s.") % {"phone": _call(site)})
    if code:
        parts.append(_("Code %(code)s.") % {"code": shown_code(code).replace(" ", words.NBSP)})
    return " ".join(parts)


GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


def sms_text(text: str) -> str:
    """As it would leave: a plain space and a plain apostrophe, so that the short alphabet of SMS holds it."""
    return text.replace(words.NBSP, " ").replace("\u202f", " ").replace("’", "'")


def sms_size(text: str) -> str:
    """ "1 SMS, 116 signes": the parts that an operator counts (GSM 03.38: 160 signs, 153 a part when there are several;
    70 and 67 when a sign is out of its alphabet)."""
    plain = sms_text(text)
    alone, each = (160, 153) if set(plain) <= GSM_7 else (70, 67)
    count = 1 if len(plain) <= alone else -(-len(plain) // each)
    signs = ngettext("%(count)s signe", "%(count)s signes", len(plain)) % {"count": len(plain)}
    return f"{count}{words.NBSP}SMS, {signs}"


# ---------- on her slip: one sentence a line, short, dates in words, no brackets ----------
@dataclass(frozen=True, slots=True)
class Slip:
    """The words of a slip, for its page and its PDF, in ``lang``."""

    lang: str
    site: str
    hello: str
    has_appointment: bool
    title: str
    big: list[str]
    lines: list[str]
    phone: str
    code: str
    url: str


def hour_in_words(moment: datetime) -> str:
    """ "à 14 heures", "à 10 heures 30"; English "at 10:30"."""
    local = timezone.localtime(moment)
    if not words.is_french():
        return _("à %(hour)s") % {"hour": words.hour(moment)}
    unit = "heure" if local.hour < 2 else "heures"
    minutes = f" {local.minute:02d}" if local.minute else ""
    return f"à {local.hour} {unit}{minutes}"


def slip(referral: Referral, appointment: Appointment | None, url: str) -> Slip:
    """What is printed for her: her appointment if there is one to come, else where to go; how to call; her code.

    In her language when it is one of ours, else in that of the screen.
    """
    with words.printed_for(language_of(referral)):
        return _slip_as_written(referral, appointment, url)


def language_of(referral: Referral) -> str:
    """ "fr" or "en", when the person is known to speak it: as her file says now, else as the referral said."""
    known = referral.person.languages if referral.person else ""
    return printed_language(known or referral.languages)


def _slip_as_written(referral: Referral, appointment: Appointment | None, url: str) -> Slip:
    site = referral.site
    lines: list[str] = []
    if appointment:
        title = _("Votre rendez-vous")
        big = [capital(words.day(appointment.starts_at)), hour_in_words(appointment.starts_at)]
        lines.append(_("%(name)s vous attend.") % {"name": appointment.adviser.first_name})
        lines.append(_("C’est au %(address)s, à %(city)s.") % {"address": site.address, "city": site.city})
    else:
        title = _("Où aller")
        big = [site.address, _("à %(city)s") % {"city": site.city}]
        lines.append(_("La permanence a votre demande."))
        lines.append(_("Elle va vous proposer un rendez-vous."))
    if site.way_there:
        lines.append(capital(site.way_there.strip().rstrip(".")) + ".")
    lines.append(_("Venez avec ce papier."))
    return Slip(
        lang="fr" if words.is_french() else "en",
        site=_("Permanence %(site)s") % {"site": site.organisation.name.removeprefix("Permanence ")},
        hello=_("Bonjour %(name)s") % {"name": referral.chosen_name},
        has_appointment=appointment is not None,
        title=title,
        big=big,
        lines=lines,
        phone=words.phone(site.phone) if site.phone else "",
        code=shown_code(referral.code),
        url=url,
    )
