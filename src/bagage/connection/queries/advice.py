"""An answer of the engine as a screen and a paper show it: what to buy and when, the double penalty, what is left out.

Everything is built from the answer's JSON, the programme it was computed on, and the day: a kept advice is shown from
its photograph with the same words as one that was computed a moment ago. Money is whole cents throughout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bagage.common.words import day_short, joined
from bagage.connection import words
from bagage.connection.domain.programme import OBSTACLES, PLAN, Line, Offer, Programme
from bagage.connection.queries.left_out import Names, closed_offers, offers_to_check, unserved_lines
from bagage.connection.queries.shown import (
    MONTH,
    Against,
    Bar,
    Best,
    Calendar,
    Given,
    Lacking,
    Premium,
    Ranked,
    Shown,
    Step,
    cents,
    per_month,
)
from bagage.people.models import Person

STALE_DAYS = 60


def shown_answer(
    answer: Mapping[str, Any],
    *,
    programme: Programme,
    asked: Mapping[str, Any],
    person: Person,
    today: date,
    how: Mapping[str, str] | None = None,
    stale_days: int = STALE_DAYS,
    is_live: bool = True,
    is_hurried: bool = False,
) -> Shown:
    """The answer to ``asked`` (the person of the engine's JSON) on ``today``; ``how``: condition → how it is lifted.

    Not ``is_live`` is an answer of another day, which is read again: its first day is told by its date. ``is_hurried``
    was given while someone waits: what it does not prove of the double penalty is left unsaid.
    """
    teller = _Teller(answer, programme, asked, person, today, how or {}, stale_days, is_live, is_hurried)
    return teller.told()


class _Teller(Names):
    """Puts one answer into words."""

    def __init__(
        self,
        answer: Mapping[str, Any],
        programme: Programme,
        asked: Mapping[str, Any],
        person: Person,
        today: date,
        how: Mapping[str, str],
        stale_days: int,
        is_live: bool,
        is_hurried: bool,
    ) -> None:
        super().__init__(programme)
        self.answer, self.asked, self.person = answer, asked, person
        self.today, self.how, self.stale_days = today, how, stale_days
        self.is_live, self.is_hurried = is_live, is_hurried
        self.about = programme.about
        self.horizon = int(asked.get("horizon_days") or 90)

    def told(self) -> Shown:
        best = self._best()
        closed = closed_offers(self.answer, self)
        unserved = unserved_lines(self.answer, self)
        to_check = offers_to_check(self.answer, self)
        used = self._used()
        dates = [date.fromisoformat(offer.verified_on) for offer in used if offer.verified_on]
        return Shown(
            horizon=self.horizon,
            span=words.months_words(self.horizon),
            best=best,
            ranking=tuple(self._ranking()),
            premium=self._premium(),
            against=self._against(),
            warnings=tuple(self._warnings(best, used)),
            closed=closed,
            unserved=unserved,
            to_check=to_check,
            checked_on=min(dates, default=None),
            about=self.about,
            is_hurried=self.is_hurried,
            is_undecided=best is None and bool(self.answer.get("ranking")),
            left_out=len(closed) + len(to_check) + len(unserved),
        )

    # ---------- the best ----------
    def _best(self) -> Best | None:
        told = self.answer.get("best")
        if not told:
            return None
        code = str(told["line"])
        line = self.lines.get(code)
        optimum = self._calendar("best", told, line)
        fewest = self._calendar("fewest", told["fewest"], line) if told.get("fewest") else optimum
        is_same = [(step.on, step.total) for step in fewest.steps] == [
            (step.on, step.total) for step in optimum.steps
        ]
        bought = self._bought(told.get("fewest") or told)
        names = joined([offer.name or offer.id for offer in bought])
        title = (line.name or line.operator) if line else code
        return Best(
            line=code,
            operator=line.operator if line and line.name else "",
            name=f"{title}, {words.within_sentence(names)}" if names else title,
            is_solidarity=bool(line and line.solidarity),
            offers=tuple(self._given(offer) for offer in bought),
            without=self._without(bought),
            fewest=fewest,
            optimum=None if is_same else optimum,
            if_usage_130=cents(told.get("if_usage_130")),
        )

    def _bought(self, told: Mapping[str, Any]) -> list[Offer]:
        codes = dict.fromkeys(str(each["offer"]) for each in told.get("purchases") or [])
        return [self.offers[code] for code in codes if code in self.offers]

    def _given(self, offer: Offer) -> Given:
        if offer.kind == PLAN:
            lasts = _("chaque mois")
        else:
            days = offer.validity_days or 0
            lasts = ngettext("%(count)s jour", "%(count)s jours", days) % {"count": days}
        return Given(
            offer.name or offer.id,
            words.given_words(offer.allowances, offer.credit),
            lasts,
            offer.kind == PLAN,
        )

    def _without(self, bought: Sequence[Offer]) -> str:
        """What she lacks and is not asked for: "sans compte bancaire ni adresse fixe"."""
        asked = {code for offer in bought for item in offer.requires if len(item) == 1 for code in item}
        has = set(self.asked.get("has") or [])
        spared = [
            code for code in ("bank_account", "fixed_address", "email") if code not in has | asked and bought
        ]
        if not spared:
            return ""
        labels = [words.condition_label(code) for code in spared]
        return _("sans %(what)s") % {
            "what": joined([f"{label[:1].lower()}{label[1:]}" for label in labels], last=_("ni"))
        }

    def _calendar(self, kind: str, told: Mapping[str, Any], line: Line | None) -> Calendar:
        sim = line.sim_price if line else 0
        paid: dict[int, list[tuple[str, int]]] = {0: []}
        for each in told.get("purchases") or []:
            paid.setdefault(int(each["day"]), []).append((str(each["offer"]), cents(each["price"]) or 0))
        within = {number: rows for number, rows in paid.items() if number < self.horizon}
        steps = [
            self._step(number, rows, sim if number == 0 else 0)
            for number, rows in sorted(within.items())
            if rows or (number == 0 and sim)
        ]
        total = cents(told["total"]) or 0
        until = self.today + timedelta(days=self.horizon)
        return Calendar(
            kind=kind,
            total=total,
            per_month=cents(told.get("per_month")) or per_month(total, self.horizon),
            day_0=steps[0].total if steps and steps[0].on == self.today else 0,
            steps=tuple(steps),
            until=until,
            ends=self._day(until),
            count=sum(len(rows) for rows in within.values()),
            overage=cents(told.get("overage")) or 0,
            owed=cents(told.get("owed_after")) or 0,
            proven=bool(told.get("proven", True)),
            at_least=cents(told.get("at_least")),
        )

    def _step(self, number: int, rows: list[tuple[str, int]], sim: int) -> Step:
        on = self.today + timedelta(days=number)
        parts: list[str] = []
        if sim:
            parts.append(_("Carte SIM %(money)s") % {"money": words.euros(sim)})
        for (code, price), count in Counter(rows).items():
            name = self.offer_name(code)
            if sim or count > 1 or len(set(rows)) > 1:
                text = f"{name} {words.euros(price)}"
                if sim:
                    text = words.within_sentence(text)
                parts.append(f"{count} × {text}" if count > 1 else text)
            else:
                offer = self.offers.get(code)
                lasts = ""
                if offer and offer.kind != PLAN and offer.validity_days:
                    lasts = ", " + self._given(offer).lasts
                parts.append(f"{name}{lasts}")
        total = sim + sum(price for _code, price in rows)
        return Step(on, self._when(number), total, joined(parts))

    def _when(self, number: int) -> str:
        if number == 0 and self.is_live:
            return _("Aujourd’hui")
        return self._day(self.today + timedelta(days=number))

    def _day(self, on: date) -> str:
        return day_short(on, year=(on - self.today).days > 300)

    def _used(self) -> list[Offer]:
        best = self.answer.get("best")
        if not best:
            return []
        return [*self._bought(best), *(self._bought(best["fewest"]) if best.get("fewest") else [])]

    # ---------- the other lines ----------
    def _ranking(self) -> list[Ranked]:
        rows = self.answer.get("ranking") or []
        least = cents(rows[0]["total"]) if rows else None
        found = []
        for each in rows:
            total, least_total = cents(each["total"]), cents(each.get("at_least"))
            found.append(
                Ranked(
                    line=str(each["line"]),
                    title=self.line_title(str(each["line"])),
                    total=total,
                    per_month=None if total is None else per_month(total, self.horizon),
                    more=None if total is None or least is None else total - least,
                    proven=bool(each.get("proven", True)),
                    least_per_month=None if least_total is None else least_total * MONTH // self.horizon,
                )
            )
        return found

    # ---------- the double penalty ----------
    def _premium(self) -> Premium:
        told = self.answer.get("premium") or {}
        proven = bool(told.get("proven", True))
        if self.is_hurried and not proven:
            # Smaller sets may open an offer as well: those found so far would send her the long way round.
            told = {**told, "opens_with": []}
        total, saving = cents(told.get("total")), cents(self.answer.get("saving"))
        best = self.answer.get("best")
        here = cents(best["total"]) if best else None
        outside = here + saving if here is not None and saving is not None else None
        fair = outside - total if outside is not None and total is not None else None
        return Premium(
            total=total,
            month=None if total is None else per_month(total, self.horizon),
            saving=saving,
            saving_month=None if saving is None else per_month(saving, self.horizon),
            bars=tuple(self._bars(fair, here, outside)),
            rows=tuple(self._lacking(told, total)),
            opens_with=tuple(
                words.needs_words([str(code) for code in each]) for each in told.get("opens_with") or []
            ),
            proven=proven,
        )

    def _bars(self, fair: int | None, here: int | None, outside: int | None) -> list[Bar]:
        name = self.person.chosen_name
        rows: list[tuple[str, int | None, bool]] = [
            (self._fair_label(), fair, False),
            (
                (_("%(name)s, aujourd’hui, ici") if self.is_live else _("%(name)s, ce jour-là, ici"))
                % {"name": name},
                here,
                True,
            ),
        ]
        if outside != here:
            rows.append((_("%(name)s, dans le commerce") % {"name": name}, outside, False))
        known = [
            (label, per_month(value, self.horizon), mark) for label, value, mark in rows if value is not None
        ]
        base = 0 if fair is None else per_month(fair, self.horizon)
        widest = max([value for _label, value, _mark in known] + [base, 1])
        bars = []
        for label, value, mark in known:
            over = max(value - base, 0) if fair is not None else 0
            says = words.euros(value)
            if over:
                says = _("%(price)s, dont %(over)s de plus") % {"price": says, "over": words.euros(over)}
            bars.append(
                Bar(
                    label=label,
                    cents=value,
                    fair=f"{100 * (value - over) / widest:.1f}",
                    over=f"{100 * over / widest:.1f}" if over else "",
                    says=says,
                    is_here=mark,
                )
            )
        return bars

    def _fair_label(self) -> str:
        has = set(self.asked.get("has") or [])
        lacks = [code for code in OBSTACLES if code not in has]
        if not lacks:
            return _("Une personne qui a tout")
        if len(lacks) > 3:
            return _("Une personne sans obstacle")
        labels = [words.condition_label(code) for code in lacks]
        return _("Avec %(what)s") % {"what": joined([f"{one[:1].lower()}{one[1:]}" for one in labels])}

    def _lacking(self, told: Mapping[str, Any], total: int | None) -> list[Lacking]:
        rows = []
        opening = [list(each) for each in told.get("opens_with") or []]
        for each in told.get("obstacles") or []:
            code = str(each["condition"])
            share = cents(each.get("share"))
            rows.append(
                Lacking(
                    code=code,
                    label=words.condition_label(code),
                    icon=words.CONDITION_ICONS.get(code, "circle-help"),
                    share=share,
                    alone=cents(each.get("alone")),
                    percent=f"{100 * max(share, 0) / total:.1f}" if share is not None and total else "0",
                    how=self.how.get(code, ""),
                    opens=[code] in opening,
                )
            )
        # What opens an offer or costs most comes first; among equals the order of the answer stays.
        return sorted(rows, key=lambda row: (not row.opens, -(row.share or 0)))

    # ---------- today ----------
    def _against(self) -> Against | None:
        told = self.answer.get("against_today")
        current = self.asked.get("current")
        if not told or not current:
            return None
        return Against(
            keep=bool(told.get("keep")),
            saving=cents(told.get("saving")),
            pays=cents(current.get("pays_per_month")) or 0,
            owed=cents(current.get("commitment_owed")) or 0,
        )

    # ---------- what matters ----------
    def _warnings(self, best: Best | None, used: Sequence[Offer]) -> list[tuple[str, str]]:
        if best is None:
            return []
        found: list[tuple[str, str]] = []
        once = list({offer.id: offer for offer in used}.values())
        for offer in once:
            for resource, price in offer.overage.items():
                given = offer.allowances.get(resource, 0)
                if given is None:
                    continue
                found.append(
                    (
                        "triangle-alert",
                        _("Au-delà de %(given)s, chaque %(unit)s coûte %(price)s. Rien ne le bloque.")
                        % {
                            "given": words.volume_words(given)
                            if resource == "data_mb"
                            else words.amount_words(resource, given),
                            "unit": {
                                "voice_min": _("minute"),
                                "sms": pgettext("one", "SMS"),
                                "data_mb": _("Mo"),
                            }[resource],
                            "price": words.unit_euros(price),
                        },
                    )
                )
        top_ups = [offer for offer in once if offer.kind != PLAN]
        if top_ups:
            found.append(
                (
                    "alarm-clock",
                    _("Sans recharge le %(day)s, la ligne s’arrête, et le numéro peut se perdre.")
                    % {"day": self._first_end()},
                )
            )
        for offer in once:
            if offer.commitment_months:
                found.append(
                    (
                        "lock",
                        ngettext(
                            "Engagement de %(count)s mois : tout est dû, même si elle arrête avant.",
                            "Engagement de %(count)s mois : tout est dû, même en arrêtant avant.",
                            offer.commitment_months,
                        )
                        % {"count": offer.commitment_months},
                    )
                )
        stale = [
            offer
            for offer in once
            if not offer.verified_on
            or (self.today - date.fromisoformat(offer.verified_on)).days > self.stale_days
        ]
        for offer in stale:
            if offer.verified_on:
                found.append(
                    (
                        "clock",
                        _("%(offer)s : prix vérifié le %(day)s, il y a plus de %(count)s jours.")
                        % {
                            "offer": offer.name or offer.id,
                            "day": day_short(date.fromisoformat(offer.verified_on), year=True),
                            "count": self.stale_days,
                        },
                    )
                )
            else:
                found.append(
                    ("clock", _("%(offer)s : prix jamais vérifié.") % {"offer": offer.name or offer.id})
                )
        return found

    def _first_end(self) -> str:
        """The first day on which something new must be bought."""
        told = self.answer["best"].get("fewest") or self.answer["best"]
        later = sorted({int(each["day"]) for each in told.get("purchases") or [] if int(each["day"]) > 0})
        return self._day(self.today + timedelta(days=later[0] if later else self.horizon))


def programme_of(answer: Mapping[str, Any], programme: Programme) -> Programme:
    """The lines that an answer speaks of: what a kept advice needs to be read again in a year."""
    codes = {str(each["line"]) for each in [*(answer.get("ranking") or []), *(answer.get("unserved") or [])]}
    if answer.get("best"):
        codes.add(str(answer["best"]["line"]))
    offers = {str(each["offer"]) for each in [*(answer.get("closed") or []), *(answer.get("to_check") or [])]}
    kept = tuple(
        line
        for line in programme.lines
        if line.id in codes or any(offer.id in offers for offer in line.offers)
    )
    return Programme(kept, about=programme.about)
