"""What every page is given: the menu of the role, the site, the search, the ribbon of the demonstration."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.domain.roles import Ability, Role
from bagage.accounts.models import ROLE_NAMES, Installation, User
from bagage.common import addresses
from bagage.common.prepared import prepared
from bagage.directory.permissions import can_keep_panorama, can_see_panorama
from bagage.permanences.models import Site
from bagage.permanences.queries import current_site, sites_where_one_works
from bagage.referrals.queries import late_referral_count


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; ``wide`` ones are left out of the bar of a phone, ``end`` stands last."""

    label: str
    icon: str
    url: str
    current: bool
    badge: int = 0
    wide: bool = False
    end: bool = False


def house(request: HttpRequest) -> dict[str, Any]:
    """The menu of the role, the site one works at, and the notices of the installation.

    ``menu``: entries with ``label icon url current badge wide end``; ``site``: the permanence one works at, or
    ``None``; ``sites_url``: where to change it, if there is another; ``search_url``: where the search box goes;
    ``me``: ``name role url`` of who is signed in; ``demonstration``: persons are invented; ``idle_minutes``;
    ``source_url``: where the source code is read, if that was said.
    """
    user = getattr(request, "user", None)
    facts: dict[str, Any] = {
        "menu": [],
        "site": None,
        "sites_url": "",
        "search_url": "",
        "me": None,
        "demonstration": is_demonstration(request),
        "home_url": "/",
        "idle_minutes": settings.IDLE_MINUTES,
        "source_url": settings.SOURCE_URL,
    }
    if not isinstance(user, User) or not user.is_active:
        return facts
    site = current_site(request)
    facts["menu"] = menu_of(request, user, site)
    facts["site"] = site
    if len(sites_where_one_works(request)) > 1:
        facts["sites_url"] = reverse("desk:choose_site")
    if user.can(Ability.LOOK_UP):
        facts["search_url"] = address("desk:look_up")
    facts["me"] = {
        "name": user.full_name,
        "role": role_of(user),
        "url": address("accounts:me") or reverse("desk:more"),
    }
    return facts


def is_demonstration(request: HttpRequest) -> bool:
    """Whether this installation shows invented persons; read once a request."""
    if not hasattr(request, "_bagage_demonstration"):
        request._bagage_demonstration = any(_demonstrates())  # type: ignore[attr-defined]
    return bool(request._bagage_demonstration)  # type: ignore[attr-defined]


@prepared
def _demonstrates() -> QuerySet[Installation, bool]:
    return Installation.objects.filter(pk=1).values_list("is_demonstration", flat=True)


def role_of(user: User) -> str:
    """What she is, beside her name: her title, else her first role."""
    if user.title:
        return user.title
    roles = [str(ROLE_NAMES[Role(membership.role)]) for membership in user.current_memberships]
    return roles[0] if roles else ""


def address(name: str) -> str:
    """The address of a page, or ``""`` in an installation that has not got it."""
    try:
        return addresses.address(name)
    except NoReverseMatch:
        return ""


def waiting_at(site: Site) -> int:
    """Referrals that have waited over two days at this site: what the mark on Today counts. One query."""
    return late_referral_count(site, timezone.now())


def menu_of(request: HttpRequest, user: User, site: Site | None) -> list[Entry]:
    """The entries that her roles open, in their order."""
    # What the page itself says it belongs to, else its own address.
    match = request.resolver_match
    here = match.view_name if match else ""
    entries: list[Entry] = []

    def add(label: str, icon: str, name: str, family: tuple[str, ...] = (), **more: Any) -> None:
        url = address(name)
        if url:
            current = here == name or here.startswith(family) if family else here == name
            entries.append(Entry(label, icon, url, current, **more))

    if site is not None:
        badge = waiting_at(site) if user.can(Ability.RECEIVE, site.organisation) else 0
        add(
            gettext("Aujourd’hui"), "calendar-check", "desk:today",
            ("desk:today", "desk:queue", "desk:appointment", "desk:help"), badge=badge,
        )  # fmt: skip
    elif can_keep_panorama(user):
        add(gettext("Aujourd’hui"), "calendar-check", "desk:today")
    if user.can(Ability.LOOK_UP):
        add(
            gettext("Personnes"), "users", "desk:look_up",
            (
                "desk:look_up", "desk:person", "desk:duplicates", "desk:card_lost", "desk:interview",
                "people:", "journeys:", "connection:advice",
                "connection:kept_advice", "connection:bill", "connection:lifting", "connection:line",
            ),
        )  # fmt: skip
    if user.can(Ability.REFER):
        add(gettext("Orienter"), "send", "referrals:refer", ("referrals:refer",))
        add(gettext("Mes orientations"), "inbox", "referrals:mine", ("referrals:mine",))
    elif user.can(Ability.RECEIVE):
        add(gettext("Orientations"), "send", "referrals:inbox", ("referrals:",))
    if user.can(Ability.SELL):
        add(gettext("Comptoir"), "store", "shop:counter", ("shop:",))
    if user.can(Ability.SEE_DEVICES):
        add(
            gettext("Matériel"), "smartphone", "equipment:device_list", ("equipment:",), wide=len(entries) > 3
        )
    if user.can(Ability.LEAD_SESSION):
        add(
            gettext("Séances"), "graduation-cap", "permanences:session_list",
            ("permanences:session", "permanences:attendance"), wide=len(entries) > 3,
        )  # fmt: skip
    if can_see_panorama(user):
        add(gettext("Panorama"), "map", "directory:panorama", ("directory:",), wide=len(entries) > 3)
    if not user.can(Ability.WELCOME):
        add(
            gettext("Permanences"), "map-pin", "permanences:site_list", ("permanences:site",),
            wide=len(entries) > 3,
        )  # fmt: skip
    if user.can(Ability.KEEP_CATALOGUE):
        add(
            gettext("Catalogue"), "card-sim", "connection:catalogue",
            ("connection:catalogue", "connection:text", "connection:figures"), wide=len(entries) > 3,
        )  # fmt: skip
    if user.can(Ability.RUN_STAFF):
        add(gettext("Équipe"), "users-round", "accounts:staff", ("accounts:staff",), wide=len(entries) > 3)
    if user.can(Ability.IMPORT_DATA):
        add(gettext("Imports"), "file-spreadsheet", "imports:batches", ("imports:",), wide=True)
    add(gettext("Plus"), "ellipsis", "desk:more", end=True)
    return entries
