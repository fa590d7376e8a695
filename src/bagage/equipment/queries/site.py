"""What asks attention among the devices of a site."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.happenings import Attention
from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.equipment.models import Device, EquipmentRules, Reservation, State
from bagage.permanences.models import Site


@prepared
def _rules() -> QuerySet[EquipmentRules]:
    return EquipmentRules.objects.filter(pk=1)


@prepared
def _counts(site: int, today: date, tomorrow: date, long_ago: datetime) -> QuerySet[Any, Any]:
    """One row of counts; none where no device is ready or to be processed. The others, nearly all, are not read."""
    held = Reservation.objects.held().filter(device=OuterRef("pk"))
    lapsing = held.filter(until__range=(today, tomorrow), paid_at=None)
    return (
        Device.objects.filter(site_id=site, state__in=[State.READY, State.TO_PROCESS])
        .order_by()
        .values("site")
        .annotate(
            # The state first: only for the ready ones, few, is it looked up whether something holds them.
            lapsing=Count("pk", filter=Q(state=State.READY) & Q(Exists(lapsing))),
            free=Count("pk", filter=Q(state=State.READY) & ~Q(Exists(held))),
            slow=Count("pk", filter=Q(state=State.TO_PROCESS, state_since__lt=long_ago)),
        )
        .values("lapsing", "free", "slow")
    )


@together
def attention(user: User, site: Site, now: datetime) -> Asking[list[Attention]]:
    """What is to be done about the devices of this site, for who may do it; at most three queries.

    Who hands over: reservations that lapse today or tomorrow. Who keeps the stock: devices that wait for longer than
    the rules say to be processed, few ready ones where there are devices at all.
    """
    hands_over = user.can(Ability.HAND_OVER, site.organisation)
    keeps = user.can(Ability.KEEP_STOCK, site.organisation)
    if not hands_over and not keeps:
        return []
    today = timezone.localdate(now)
    written = (yield from _rules.asking()) if keeps else []
    rules = written[0] if written else EquipmentRules()
    counted = yield from _counts.asking(
        site.pk, today, today + timedelta(days=1), now - timedelta(days=rules.slow_days)
    )
    counts = counted[0] if counted else {"lapsing": 0, "free": 0, "slow": 0}
    found = []
    if hands_over and counts["lapsing"]:
        count = counts["lapsing"]
        found.append(
            Attention(
                "bookmark",
                ngettext(
                    "%(count)s réservation d’appareil tombe ce soir ou demain.",
                    "%(count)s réservations d’appareils tombent ce soir ou demain.",
                    count,
                )
                % {"count": count},
                _("Voir les appareils prêts"),
                _list(site, state=State.READY),
                count,
            )
        )
    if keeps and counts["slow"]:
        count = counts["slow"]
        found.append(
            Attention(
                "inbox",
                ngettext(
                    "%(count)s appareil attend d’être traité depuis plus de %(days)s jours.",
                    "%(count)s appareils attendent d’être traités depuis plus de %(days)s jours.",
                    count,
                )
                % {"count": count, "days": rules.slow_days},
                _("Voir les appareils à traiter"),
                _list(site, state=State.TO_PROCESS, sort="since"),
                count,
            )
        )
    if keeps and counts["free"] < rules.low_ready and Device.objects.filter(site=site).exists():
        count = counts["free"]
        text = (
            ngettext(
                "Il reste %(count)s appareil prêt et libre.",
                "Il reste %(count)s appareils prêts et libres.",
                count,
            )
            % {"count": count}
            if count
            else _("Aucun appareil n’est prêt et libre.")
        )
        found.append(Attention("package", text, _("Voir le matériel"), _list(site)))
    return found


def _list(site: Site, state: str = "", sort: str = "") -> str:
    query = "&".join(
        f"{name}={value}" for name, value in (("site", site.uuid), ("state", state), ("sort", sort)) if value
    )
    return f"{reverse('equipment:device_list')}?{query}"
