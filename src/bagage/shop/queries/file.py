"""What the counter gives to a person's file and to Today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.happenings import Attention, Happened
from bagage.common.prepared import prepared
from bagage.common.tables import first_rows
from bagage.common.together import Asking, beside, nothing, together
from bagage.common.words import before_colon, day_short, joined
from bagage.people.models import followed_by
from bagage.permanences.models import Site
from bagage.permanences.queries import day_bounds
from bagage.shop import words
from bagage.shop.domain.cap import Left
from bagage.shop.models import AccessRight, Sale, SaleLine, ShopRules, Till
from bagage.shop.queries.rights import last_right_of, left_in_cap, rights_of, shop_rules
from bagage.shop.queries.stock import low_at

LAST = 3


@dataclass(frozen=True, slots=True)
class PersonPanel:
    """Her purchases on her file: where her right and her cap stand, and what she bought last."""

    rules: ShopRules
    right: AccessRight | None
    right_words: str
    right_lives: bool
    left: Left
    period: str
    last: list[SaleLine]


@prepared
def _last_bought(files: Iterable[int]) -> QuerySet[SaleLine]:
    return (
        SaleLine.objects.filter(sale__person_id__in=files)
        .select_related("sale")
        .order_by("-sale__sold_at", "-pk")[:LAST]
    )


@prepared
def _sales_of(files: Iterable[int]) -> QuerySet[Sale]:
    found = Sale.objects.of_persons(files).select_related("site__organisation").prefetch_related("lines")
    return found.order_by("sold_at", "pk")


@together
def person_panel(
    files: Iterable[int], *, today: date, rights: list[AccessRight] | None = None
) -> Asking[PersonPanel | None]:
    """What her file shows of the counter; ``None`` when no right was ever opened and nothing bought. Four queries.

    ``rights`` are those of ``rights_of``, where they were read already: one query less.
    """
    ids = list(files)
    last, rules, read = yield from beside(
        [
            _last_bought.asking(ids),
            shop_rules.asking(),
            rights_of.asking(ids) if rights is None else nothing(),
        ]
    )
    right = last_right_of(ids, today, read if rights is None else rights)
    if right is None and not last:
        return None
    left = yield from left_in_cap.asking(ids, today, rules)
    return PersonPanel(
        rules,
        right,
        words.right_words(right, today),
        right is not None and right.lives_on(today),
        left,
        words.period_name(left, rules.period),
        last,
    )


@together
def happened(
    files: Iterable[int], *, details: bool, rights: list[AccessRight] | None = None
) -> Asking[list[Happened]]:
    """What she bought, what was taken back, and her rights, for her timeline. Three queries.

    None of it is diagnosis: ``details`` changes nothing. ``rights`` are those of ``rights_of``, where they were read
    already: one query less.
    """
    ids = list(files)
    lines: list[Happened] = []
    for sale in (yield from _sales_of.asking(ids)):
        what = words.what_words([line.name for line in sale.lines.all()])
        text = _("%(what)s, %(money)s, %(site)s") % {
            "what": what,
            "money": words.signed_euros(sale.total),
            "site": sale.site,
        }
        strong = _("Acheté :") if sale.is_sale else before_colon(sale.get_kind_display())
        lines.append(
            Happened(
                sale.sold_at,
                words.SALE_ICONS[sale.kind],
                text if sale.is_sale else f"{text}. {sale.reason}",
                strong,
                sale.sold_by,
                reverse("shop:sale", args=[sale.uuid]),
            )
        )
    for right in (yield from rights_of.asking(ids)) if rights is None else rights:
        values = {
            "day": day_short(right.ends_on, year=True),
            "source": words.source_words(right.source),
        }
        text = (
            _("jusqu’au %(day)s.") % values
            if right.source == "renewal"
            else _("jusqu’au %(day)s, %(source)s.") % values
        )
        strong = _("Droits renouvelés") if right.renews_id else _("Droits ouverts")
        lines.append(Happened(right.opened_at, "key-round", text, strong, right.opened_by))
        if right.ended_on is not None:
            at = timezone.make_aware(datetime.combine(right.ended_on, datetime.min.time()))
            lines.append(
                Happened(
                    max(at, right.opened_at),
                    "ban",
                    right.end_reason,
                    _("Ouverts par erreur") if right.is_mistake else _("Droits fermés"),
                    right.ended_by,
                )
            )
    return lines


@prepared
def _left_open(site: int, before: datetime) -> QuerySet[Till]:
    return Till.objects.filter(site_id=site, closed_at=None, opened_at__lt=before)


@prepared
def _ends(node: int, now: datetime, today: date, until: date) -> QuerySet[AccessRight, date]:
    """The last days of rights that end, of those whom a node follows."""
    return (
        AccessRight.objects.ending(today, until)
        .filter(followed_by([node], now, "person"))
        .values_list("ends_on", flat=True)[:100]
    )


@together
def attention(user: User, site: Site, now: datetime) -> Asking[list[Attention]]:
    """At this site: stock that is low, rights that end soon, a till left open. Only for who may act; five queries."""
    found: list[Attention] = []
    node, today = site.organisation, timezone.localdate(now)
    sells, keeps = user.can(Ability.SELL, node), user.can(Ability.KEEP_STOCK, node)
    low, tills, (ending, days) = yield from beside(
        [
            low_at.asking(site) if sells or keeps else nothing(),
            _left_open.asking(site.pk, day_bounds(today)[0]) if sells else nothing(),
            _ending_at(site, now, asks=user.can(Ability.GRANT_RIGHTS, node)),
        ]
    )
    if low:
        told = [_("%(name)s (%(count)s)") % {"name": one.product.name, "count": one.here} for one in low[:3]]
        names = joined(told)
        more = len(low) - 3
        if more > 0:
            names = words.others_words(", ".join(told), more)
        found.append(
            Attention(
                "package",
                _("Stock bas : %(names)s.") % {"names": names},
                _("Voir le stock"),
                f"{reverse('shop:stock')}?site={site.uuid}",
                len(low),
            )
        )
    if tills:
        found.append(
            Attention(
                "coins",
                _("La caisse est ouverte depuis le %(day)s : comptez-la et fermez-la.")
                % {"day": day_short(tills[0].opened_at)},
                _("Fermer la caisse"),
                reverse("shop:till"),
            )
        )
    if ending:
        text = ngettext(
            "%(count)s personne a des droits qui finissent d’ici %(days)s jours, le %(day)s.",
            "%(count)s personnes ont des droits qui finissent d’ici %(days)s jours, les premiers le %(day)s.",
            len(ending),
        ) % {"count": len(ending), "days": days, "day": day_short(ending[0])}
        found.append(Attention("key-round", text, _("Les voir"), reverse("shop:rights_ending"), len(ending)))
    return found


def _ending_at(site: Site, now: datetime, *, asks: bool) -> Asking[tuple[list[date], int]]:
    """The last days of the rights that end soon, and how many days that is."""
    if not asks:
        return [], 0
    days = (yield from shop_rules.asking()).warn_days
    today = timezone.localdate(now)
    ends = _ends.of(site.organisation_id, now, today, today + timedelta(days=days))
    return (yield ends.wide("how many, and from when")), days


def rights_ending(site: Site, now: datetime) -> list[AccessRight]:
    """The rights that end soon, of those whom this site follows, the nearest first. Three queries."""
    today = timezone.localdate(now)
    ending = AccessRight.objects.ending(today, today + timedelta(days=shop_rules().warn_days))
    followed = ending.filter(followed_by([site.organisation_id], now, "person"))
    return first_rows(followed.select_related("person__merged_into", "renews"), 200)
