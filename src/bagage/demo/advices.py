"""Advice that was kept in the demonstration: of some who topped up their line these last weeks, asked just before.

The engine is asked few questions, the most common ones of their files; what it answers is kept as the screen keeps it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import timedelta

from bagage.connection.domain.usage import usage_of, usual_figures
from bagage.connection.models import HeldLine, LineEvent
from bagage.connection.queries.kept import answer_today, known_conditions, programme_today
from bagage.connection.queries.lines import last_purchase
from bagage.connection.services.advice import choose_offer, keep_advice
from bagage.demo.ground import Ground

# The catalogue of the demonstration has stood as it is for so many days: an older advice would speak of other prices.
SINCE = timedelta(days=18)
QUESTIONS = 3
HORIZON = 90
LEVELS = {"calls": "often", "sms": "often", "video_calls": "often", "messages": "daily", "sites": "often"}
# What someone who came by a social worker and holds a telephone has besides what her file says.
ALWAYS = {"smartphone", "social_referral"}


def give_advices(ground: Ground) -> None:
    """Keep an advice for those of the commonest situations, and note what most of them chose."""
    asked = defaultdict(list)
    held_lines = HeldLine.objects.live().exclude(line=None).select_related("person", "line")
    for held in held_lines.prefetch_related("events__offer").order_by("pk"):
        last = last_purchase(held)
        if last is not None and last.on > ground.today - SINCE:
            asked[frozenset(known_conditions(held.person).has | ALWAYS)].append((held, last))
    commonest = sorted(asked, key=lambda has: (-len(asked[has]), sorted(has)))[:QUESTIONS]
    for has in commonest:
        for held, last in asked[has]:
            _advise(ground, held, last, sorted(has))


def _advise(ground: Ground, held: HeldLine, last: LineEvent, has: list[str]) -> None:
    place = next(
        place
        for place in ground.places
        if held.person.followings.filter(node=place.node, ended_at=None).exists()
    )
    adviser = ground.rng.choice(place.advisers)
    at = last.written_at - timedelta(minutes=14)
    question = {
        "usage": usage_of(LEVELS, usual_figures()),
        "has": has,
        "max_payment": None,
        "already_bought": "0.00",
        "current": None,
        "horizon_days": HORIZON,
    }
    kept = keep_advice(
        held.person,
        said={**LEVELS, "has": has, "horizon_days": HORIZON},
        asked=question,
        answer=answer_today(question, ground.today),
        programme=programme_today(ground.today),
        key=uuid.UUID(int=ground.rng.getrandbits(128), version=4).hex,
        by=adviser,
        at=at,
    )
    if kept.answer.get("best") and ground.rng.random() < 0.7:
        choose_offer(kept, choice="fewest", by=adviser, at=at + timedelta(minutes=6))
