"""The counter as someone stands before it: what can be sold to this person here, what cannot and why, what remains."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from bagage.accounts.models import User
from bagage.common.prepared import prepared
from bagage.common.words import day_short, joined
from bagage.connection.domain.lifecycle import lapses_on
from bagage.connection.line_words import soon_words
from bagage.connection.models import HeldLine
from bagage.connection.words import euros, within_sentence
from bagage.equipment.models import Reservation
from bagage.equipment.queries import reserved_for
from bagage.people.models import AskedOfEach, Person, kept_file
from bagage.permanences.models import Site
from bagage.shop import words
from bagage.shop.domain.cap import Left, fitting
from bagage.shop.models import AccessRight, Product, Sale, ShopRules
from bagage.shop.queries.lines import lines_for, live_lines_of, would_live_until
from bagage.shop.queries.rights import last_right_of, left_in_cap, shop_rules
from bagage.shop.queries.stock import stock_at, stock_elsewhere

SHORT_SHELF = 9
NAMED = 3


@dataclass(frozen=True, slots=True)
class Tile:
    """Something that can be sold now: a product, with a second line."""

    product: Product
    icon: str
    sub: str
    is_low: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of a refusal: a link, or only a sentence when ``url`` is empty."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that cannot be sold today: why, and what can be done instead."""

    title: str
    why: str
    ways: list[Way]


@dataclass(frozen=True, slots=True)
class Basket:
    """What was chosen, in cents; ``problem`` says why it cannot be sold as it is, and what can be done."""

    products: list[Product] = field(default_factory=list)
    device: Reservation | None = None
    total: int = 0
    in_cap: int = 0
    problem: str = ""
    lines_to_choose: list[HeldLine] = field(default_factory=list)
    has_sim: bool = False
    live_until: date | None = None

    @property
    def beyond_cap(self) -> int:
        """What of it the cap does not count: a device, a product that is set so."""
        return self.total - self.in_cap

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen."""
        return not self.products and self.device is None

    @property
    def names(self) -> list[str]:
        """What is in it."""
        device = [self.device.device.name] if self.device is not None else []
        return [product.name for product in self.products] + device


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that the counter shows of one person at one site."""

    rules: ShopRules
    right: AccessRight | None
    right_lives: bool
    left: Left
    tiles: list[Tile]
    hidden: int
    count: int
    refused: list[Refused]
    devices: list[Reservation]
    basket: Basket
    lines: list[HeldLine]
    line_words: str

    @property
    def left_after(self) -> int:
        """What remains of the cap after this sale, in cents."""
        return max(0, self.left.left - self.basket.in_cap)

    @property
    def used_share(self) -> float:
        """How much of the cap was used before, in hundredths, for the bar."""
        return min(100.0, 100 * self.left.used / self.left.cap) if self.left.cap else 100.0

    @property
    def sale_share(self) -> float:
        """How much of the cap this sale uses, in hundredths."""
        share = 100 * self.basket.in_cap / self.left.cap if self.left.cap else 0.0
        return min(100.0 - self.used_share, share)


def counter_url(person: Person, products: Iterable[Product] = ()) -> str:
    """The counter with this person, and these products chosen."""
    pairs = [("person", str(person.uuid)), *(("p", str(product.uuid)) for product in products)]
    return f"{reverse('shop:counter')}?{urlencode(pairs)}"


def shelf(
    person: Person,
    files: Sequence[int],
    *,
    site: Site,
    today: date,
    chosen: Collection[str] = (),
    device: str = "",
    held_line: str = "",
    show_all: bool = False,
    may_grant: bool = False,
) -> Shelf:
    """What can be sold to her at this site today, with what is chosen (uuids of products, of a reservation).

    A constant number of queries whatever is on sale: nine, and one for each chosen top-up.
    """
    rules = shop_rules()
    right = last_right_of(files, today)
    lives = right is not None and right.lives_on(today)
    left = left_in_cap(files, today, rules)
    products = list(Product.objects.on_sale().select_related("line", "offer"))
    here = stock_at(site)
    lines = live_lines_of(files)
    kept = [one for one in reserved_for(files) if one.is_to_pay]
    picked = [product for product in products if str(product.uuid) in chosen]
    sims = [product for product in picked if product.kind == Product.Kind.SIM]

    tiles: list[Product] = []
    no_right: list[Product] = []
    over: list[Product] = []
    out: list[Product] = []
    lineless: list[Product] = []
    for product in products:
        if product.needs_right and not lives:
            no_right.append(product)
        elif product.is_stocked and here.get(product.pk, 0) <= 0:
            out.append(product)
        elif product.counts_in_cap and product.price > left.left and product not in picked:
            over.append(product)
        elif product not in picked and _has_no_line(product, lines, sims):
            lineless.append(product)
        else:
            tiles.append(product)

    elsewhere = stock_elsewhere(site, [product.pk for product in out])
    refused = [
        *_refused_for_right(no_right, right, today, rules, person, may_grant=may_grant),
        *_refused_for_cap(over, tiles, left, rules, person),
        *_refused_for_stock(out, tiles, elsewhere, person),
        *_refused_for_line(lineless, tiles, left, lines, person),
    ]
    shown = tiles if show_all else tiles[:SHORT_SHELF]
    shown += [product for product in picked if product in tiles and product not in shown]
    return Shelf(
        rules=rules,
        right=right,
        right_lives=lives,
        left=left,
        tiles=[_tile(product, here, product in picked) for product in shown],
        hidden=len(tiles) - len(shown),
        count=len(products),
        refused=refused,
        devices=kept,
        basket=_basket(
            [product for product in picked if product in tiles],
            next((one for one in kept if str(one.uuid) == device), None),
            left=left,
            rules=rules,
            lines=lines,
            held_line=held_line,
            today=today,
            cheaper=[product for product in tiles if product not in picked],
        ),
        lines=lines,
        line_words=_line_words(lines, today),
    )


def _has_no_line(product: Product, lines: Sequence[HeldLine], sims: Sequence[Product]) -> bool:
    """Whether it is a top-up that no line of hers, nor a SIM of this very sale, can take."""
    if product.kind != Product.Kind.TOP_UP or lines_for(product, lines):
        return False
    return not any(product.line_id in {None, sim.line_id} for sim in sims)


def _tile(product: Product, here: dict[int, int], is_chosen: bool) -> Tile:
    count = here.get(product.pk, 0)
    is_low = product.is_stocked and count <= product.low_level
    sub = words.stock_words(count) if is_low or (product.is_stocked and not product.details) else ""
    return Tile(product, words.KIND_ICONS[product.kind], sub or product.details, is_low, is_chosen)


def _line_words(lines: Sequence[HeldLine], today: date) -> str:
    """When her line stops, beside her name."""
    dated = [line for line in lines if line.live_until is not None and not line.has_no_end]
    if not dated:
        return ""
    last = max(line.live_until for line in dated if line.live_until is not None)
    if last < today:
        if len(dated) < len(lines):
            return ""  # another one lives
        return _("Sa ligne est arrêtée depuis le %(day)s.") % {"day": day_short(lapses_on(last))}
    if (last - today).days <= 7:
        return _("Sa ligne s’arrête %(when)s.") % {"when": soon_words(last, today)}
    return _("Sa ligne vit jusqu’au %(day)s.") % {"day": day_short(last)}


# ---------- what cannot be sold ----------
def _priced(product: Product) -> str:
    return f"{product.name}, {euros(product.price)}"


def _named(products: Sequence[Product]) -> str:
    names = [product.name for product in products[:NAMED]]
    rest = len(products) - len(names)
    if rest:
        return words.others_words(", ".join(names), rest)
    return joined(names)


def _refused_for_right(
    products: Sequence[Product],
    right: AccessRight | None,
    today: date,
    rules: ShopRules,
    person: Person,
    *,
    may_grant: bool,
) -> list[Refused]:
    if not products:
        return []
    ways = [Way(words.right_ways(right, rules))]
    if may_grant:
        address = reverse("shop:person_purchases", args=[person.uuid])
        if right is not None and right.ended_on is None and words.renewals_left(right, rules) > 0:
            ways = [Way(_("Renouveler ses droits"), f"{address}#h-right")]
        else:
            ways = []
        ways.append(Way(_("Ajouter un bon d’orientation"), f"{address}#h-open"))
    return [Refused(_named(products), words.right_words(right, today), ways)]


def _refused_for_cap(
    products: Sequence[Product], tiles: Sequence[Product], left: Left, rules: ShopRules, person: Person
) -> list[Refused]:
    rows = []
    for product in products[:NAMED]:
        same = [one for one in tiles if one.kind == product.kind and one.counts_in_cap and one.price]
        cheaper = fitting(left.left, [(one, one.price) for one in same])
        ways = [
            Way(
                _("Vendre %(name)s à %(price)s")
                % {"name": within_sentence(one.name), "price": euros(one.price)},
                counter_url(person, [one]),
            )
            for one in cheaper[:1]
        ]
        ways.append(
            Way(words.more_words(left))
            if left.more_on is not None
            else Way(_("Au-dessus du plafond : voir avec la personne responsable du programme."))
        )
        rows.append(Refused(_priced(product), words.cap_words(left, product.price, rules.period), ways))
    rest = products[NAMED:]
    if rest:
        more = [Way(words.more_words(left))] if left.more_on is not None else []
        rows.append(
            Refused(
                _named(rest),
                _("Plus que ce qui reste de son plafond : %(left)s.") % {"left": euros(left.left)},
                more,
            )
        )
    return rows


def _refused_for_stock(
    products: Sequence[Product],
    tiles: Sequence[Product],
    elsewhere: dict[int, list[tuple[str, int]]],
    person: Person,
) -> list[Refused]:
    rows = []
    for product in products[:NAMED]:
        same = sorted(
            (one for one in tiles if one.kind == product.kind), key=lambda one: abs(one.price - product.price)
        )
        ways = [
            Way(
                _("Vendre %(name)s à %(price)s")
                % {"name": within_sentence(one.name), "price": euros(one.price)},
                counter_url(person, [one]),
            )
            for one in same[:1]
        ]
        where = words.elsewhere_words(elsewhere.get(product.pk, []))
        ways.append(Way(where or _("Aucune permanence n’en a.")))
        rows.append(Refused(_priced(product), _("Il n’en reste plus ici."), ways))
    if products[NAMED:]:
        rows.append(Refused(_named(products[NAMED:]), _("Il n’en reste plus ici."), []))
    return rows


def _refused_for_line(
    products: Sequence[Product],
    tiles: Sequence[Product],
    left: Left,
    lines: Sequence[HeldLine],
    person: Person,
) -> list[Refused]:
    if not products:
        return []
    why = (
        _("Aucune de ses lignes n’est de cette gamme.")
        if lines
        else _("Pas de ligne notée : une recharge va sur une ligne.")
    )
    ways = []
    for product in products:
        pair = next(
            (
                [one, product]
                for one in tiles
                if one.kind == Product.Kind.SIM
                and product.line_id in {None, one.line_id}
                and one.price + product.price <= left.left
            ),
            None,
        )
        if pair is not None:
            ways.append(
                Way(
                    _("Vendre la carte SIM et %(name)s, %(price)s")
                    % {
                        "name": within_sentence(product.name),
                        "price": euros(pair[0].price + product.price),
                    },
                    counter_url(person, pair),
                )
            )
            break
    ways.append(Way(_("Noter sa ligne"), reverse("connection:line_activate", args=[person.uuid])))
    return [Refused(_named(products), why, ways)]


# ---------- what was chosen ----------
def _basket(
    products: list[Product],
    device: Reservation | None,
    *,
    left: Left,
    rules: ShopRules,
    lines: Sequence[HeldLine],
    held_line: str,
    today: date,
    cheaper: Sequence[Product],
) -> Basket:
    total = sum(product.price for product in products) + (device.price if device else 0)
    in_cap = sum(product.price for product in products if product.counts_in_cap)
    sims = [product for product in products if product.kind == Product.Kind.SIM]
    top_ups = [product for product in products if product.kind == Product.Kind.TOP_UP]
    problem = ""
    if in_cap > left.left:
        kinds = {product.kind for product in products}
        fits = fitting(left.left, [(one, one.price) for one in cheaper if one.kind in kinds and one.price])
        parts = [
            words.cap_words(left, in_cap, rules.period),
            words.cheaper_words(fits),
            words.more_words(left),
        ]
        problem = " ".join(part for part in parts if part)
    elif len(sims) > 1:
        problem = _("Une carte SIM à la fois : chacune a son numéro. Faites deux ventes.")
    to_choose: list[HeldLine] = []
    live_until: date | None = None
    for product in top_ups:
        if any(product.line_id in {None, sim.line_id} for sim in sims):
            live_until = would_live_until(product, None, today)
            continue
        fit = lines_for(product, lines)
        if not fit and not problem:
            problem = _("%(name)s va sur une ligne : choisissez aussi la carte SIM.") % {"name": product.name}
        if len(fit) > 1:
            to_choose = fit
        held = next((line for line in fit if str(line.uuid) == held_line), fit[0] if len(fit) == 1 else None)
        if held is not None:
            live_until = would_live_until(product, held, today)
    return Basket(products, device, total, in_cap, problem, to_choose, bool(sims), live_until)


# ---------- what was sold ----------
# Within this time a second sale to her is most often the first again: a page gone back to, someone else at the desk.
JUST = timedelta(minutes=30)


@prepared
def _bought_since(files: Iterable[int], since: datetime) -> QuerySet[Sale]:
    return (
        Sale.objects.filter(
            person_id__in=files, kind=Sale.Kind.SALE, sold_at__gte=since, counter_entries=None
        )
        .select_related("site__organisation")
        .prefetch_related("lines")
        .order_by("-sold_at", "-pk")[:1]
    )


def just_bought(files: Iterable[int], now: datetime) -> Sale | None:
    """What was sold to her in the last half hour and not taken back, at any site; the newest. Two queries at most."""
    return next(iter(_bought_since(list(files), now - JUST)), None)


def sales_seen_by(user: User, site: Site) -> QuerySet[Sale]:
    """The sales of a site, the newest first, each marked with whether this user may know who bought (``is_known``)."""
    seen = Person.objects.visible_to(user).filter(pk=OuterRef("whole_id"))
    return (
        Sale.objects.filter(site=site)
        .annotate(whole_id=kept_file())
        .annotate(is_known=AskedOfEach(seen))
        .select_related("person", "refunds")
        .prefetch_related("lines")
        .order_by("-sold_at", "-pk")
    )
