"""The board of devices, and the same as a list that can be sorted and exported."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from bagage.accounts.models import User
from bagage.common.codes import shown_code
from bagage.common.tables import Column, Filter, Table
from bagage.common.templatetags.bagage import icon
from bagage.equipment import words
from bagage.equipment.models import Device, Kind, State
from bagage.equipment.permissions import can_change_rules, can_keep_devices, can_see_devices
from bagage.equipment.queries import board, counts_of, devices_seen, names_for, searched, sites_of
from bagage.equipment.queries.board import COLUMNS, Holder, column_label, holder_of
from bagage.equipment.services import rules_now
from bagage.equipment.views._shared import signed_in
from bagage.permanences.models import Site
from bagage.permanences.queries import current_site

ALL = "all"


class DeviceTable(Table):
    """The list; who has what is told in the words of this reader, read once a page."""

    reader: User
    now: datetime

    @cached_property
    def names(self) -> dict[int, Holder]:
        """By file, for the devices of this page."""
        holders = [holder_of(device) for device in self.found]
        return names_for(self.reader, [person for person in holders if person is not None], self.now)

    def holder(self, device: Device) -> Any:
        """Who has it, for the screen."""
        person = holder_of(device)
        holder = self.names.get(person.pk) if person is not None else None
        if holder is not None:
            return holder.text
        free = _("libre") if device.state == State.READY else _("personne")
        return format_html('<span class="soft">{}</span>', free)


@require_safe
def device_list(request: HttpRequest) -> HttpResponseBase:
    """The board, or the list once a state is chosen or something is searched."""
    user, now = signed_in(request), timezone.now()
    if not can_see_devices(user):
        raise PermissionDenied
    sites = sites_of(user)
    here = current_site(request)
    if here is None or here.pk not in {site.pk for site in sites}:
        here = sites[0] if len(sites) == 1 else None
    asked = request.GET.get("site", "")
    chosen = next((site for site in sites if str(site.uuid) == asked), None)
    site = chosen or (None if asked == ALL else here)
    scope = devices_seen(user, sites)
    devices = scope.filter(site=site) if site is not None else scope
    table = _table(request, user, now, devices, sites=sites, here=here)
    if table.export:
        return table.response()
    kind = next((shown.value for shown in table.filters if shown.name == "kind"), "")
    where = sites if site is None else [site]
    counted = counts_of(where, kind)
    counts = counted.by_state
    is_list = bool(table.query) or any(shown.value for shown in table.filters if shown.name == "state")
    keeps = can_keep_devices(user, site)
    rules = rules_now()
    return render(
        request,
        "equipment/device_list.html",
        {
            "table": table,
            "is_list": is_list,
            "site_shown": site,
            "counts": counts,
            "total": sum(counts.values()),
            "ready": counts.get(State.READY, 0),
            "kept": counted.kept if counts.get(State.READY) else 0,
            "columns": []
            if is_list
            else board(where, kind, user, now=now, counts=counts, slow_days=rules.slow_days),
            "strip": [
                (state.value, column_label(state), words.STATE_ICONS[state], counts.get(state, 0))
                for state in COLUMNS
            ],
            "others": [
                (state.value, str(state.label), counts[state])
                for state in State
                if state not in COLUMNS and counts.get(state)
            ],
            "keeps": keeps,
            "may_change_rules": can_change_rules(user),
            "rules": rules,
        },
    )


def _table(
    request: HttpRequest,
    user: User,
    now: datetime,
    devices: QuerySet[Device],
    *,
    sites: list[Site],
    here: Site | None,
) -> DeviceTable:
    filters = [
        Filter(
            "kind",
            _("Type"),
            _("Tous les types"),
            list(Kind.choices),
            lambda rows, value: rows.filter(kind=value),
        ),
        Filter(
            "state",
            _("État"),
            _("Tous les états"),
            list(State.choices),
            lambda rows, value: rows.filter(state=value),
        ),
    ]
    if len(sites) > 1:
        # Chosen before the table: with nothing chosen, the permanence where she works.
        choices = [(str(one.uuid), str(one)) for one in sites if here is None or one.pk != here.pk]
        if here is not None:
            choices.insert(0, (ALL, _("Toutes mes permanences")))
        first = _("%(site)s seulement") % {"site": here} if here is not None else _("Toutes mes permanences")
        filters.append(Filter("site", _("Permanence"), first, choices, lambda rows, _value: rows))
    table: DeviceTable

    def holder(device: Device) -> Any:
        return table.holder(device)

    table = DeviceTable(
        request,
        devices,
        name="materiel",
        title=_("Matériel"),
        columns=_columns(holder),
        filters=filters,
        search=lambda rows, text: searched(rows, text, user, now),
        search_hint=_("Numéro, modèle, personne"),
        default_sort="-since",
        nouns=lambda count: ngettext("%(count)s appareil", "%(count)s appareils", count),
        empty_icon="package",
        empty_title=_("Aucun appareil ici pour l’instant."),
        empty_text=_("Entrez le premier : il reçoit un numéro et une étiquette."),
    )
    table.reader, table.now = user, now
    return table


def _columns(holder: Any) -> list[Column]:
    return [
        Column(
            "number",
            _("Numéro"),
            lambda device: device.number,
            sort=("number",),
            url=lambda device: reverse("equipment:device", args=[device.uuid]),
            css="num",
        ),
        Column(
            "name",
            _("Appareil"),
            lambda device: device.name,
            sort=("brand", "model"),
            sub=lambda device: words.measures(device),
            only="screen",
        ),
        Column("kind", _("Type"), lambda device: device.get_kind_display(), only="export"),
        Column("brand", _("Marque"), lambda device: device.brand, only="export"),
        Column("model", _("Modèle"), lambda device: device.model, only="export"),
        Column("serial", _("Numéro de série"), lambda device: device.serial, only="export"),
        Column("imei", _("IMEI"), lambda device: device.imei, only="export"),
        Column(
            "grade",
            _("Grade"),
            lambda device: device.grade or _("à mesurer"),
            sort=("-grade_points",),
            html=_grade,
        ),
        Column("points", _("Points"), lambda device: device.grade_points, only="export"),
        Column(
            "state",
            _("État"),
            lambda device: device.get_state_display(),
            html=lambda device: format_html(
                '<span class="state">{}{}</span>',
                icon(words.STATE_ICONS[State(device.state)]),
                device.get_state_display(),
            ),
        ),
        Column(
            "since",
            _("Depuis"),
            lambda device: timezone.localtime(device.state_since).date(),
            sort=("state_since",),
            html=lambda device: words.common.day_short(device.state_since, year=True),
        ),
        Column("holder", _("Pour qui"), holder, html=holder, only="screen"),
        Column("holder_code", _("Code de la personne"), _code, only="export"),
        Column("memory", _("Mémoire, Go"), lambda device: device.memory, only="export"),
        Column("storage", _("Stockage, Go"), lambda device: device.storage, only="export"),
        Column("battery", _("Batterie, %"), lambda device: device.battery, only="export"),
        Column(
            "price",
            _("Prix"),
            lambda device: device.price / 100,
            sort=("price",),
            css="r",
            html=lambda device: words.price(device.price),
        ),
        Column("site", _("Permanence"), lambda device: str(device.site), css="hide-phone"),
        Column("lot", _("Lot"), lambda device: device.lot, only="export"),
        Column("donor", _("Don de"), lambda device: device.donor, only="export"),
        Column("received_on", _("Reçu le"), lambda device: device.received_on, only="export"),
    ]


def _grade(device: Device) -> Any:
    if not device.grade:
        return format_html('<span class="soft">{}</span>', _("à mesurer"))
    return format_html('<span class="grade"><span class="vh">{} </span>{}</span>', _("grade"), device.grade)


def _code(device: Device) -> str:
    """In a file that leaves the house, a code and never a name."""
    person = holder_of(device)
    return shown_code(person.code) if person is not None else ""


def site_where_one_keeps(request: HttpRequest, sites: list[Site]) -> str:
    """The permanence proposed for a device that comes in; ``""`` when it is to be chosen."""
    here = current_site(request)
    if here is not None and here.pk in {site.pk for site in sites}:
        return str(here.uuid)
    return str(sites[0].uuid) if len(sites) == 1 else ""
