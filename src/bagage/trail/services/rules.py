"""How long files are kept, and what reading is out of the ordinary: the rules of the house."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.common.errors import BusinessError
from bagage.trail.domain.actor import Actor, HasActor, actor_of
from bagage.trail.models import PrivacyRules
from bagage.trail.registry import of_persons
from bagage.trail.services.recording import record

RULES = ("months", "shorter", "runs_by_itself", "files_a_day", "elsewhere_a_month", "day_begins", "day_ends")


@transaction.atomic
def change_privacy_rules(
    *, by: HasActor | Actor, written_by: str = "", at: datetime | None = None, **fields: Any
) -> PrivacyRules:
    """Confirm or change the rules (:data:`RULES`); from then on they are those of the house, not examples.

    Raises :class:`BusinessError` for a time under a month or over ten years, a shorter one that is longer than that of
    a file, or a day that ends before it begins.
    """
    at = at or timezone.now()
    if unknown := set(fields) - set(RULES):
        raise TypeError(f"not a rule of privacy: {sorted(unknown)}")
    PrivacyRules.objects.get_or_create(pk=1)
    rules = PrivacyRules.objects.select_for_update(of=("self",)).get(pk=1)
    changed = [name for name in RULES if name in fields and getattr(rules, name) != fields[name]]
    if not changed and not rules.is_example:
        return rules
    for name in changed:
        setattr(rules, name, fields[name])
    if not 1 <= rules.months <= 120:
        raise BusinessError(gettext("Entre 1 mois et 120 mois."), field="months")
    known = {each.processing for each in of_persons() if each.dated}
    if unknown := set(rules.shorter) - known:
        raise TypeError(f"no purpose with a time of its own: {sorted(unknown)}")
    for name, months in rules.shorter.items():
        if not 1 <= months <= rules.months:
            raise BusinessError(
                gettext(
                    "Entre 1 mois et la durée du dossier, %(count)s mois. Laissez vide pour la même durée."
                )
                % {"count": rules.months},
                field=f"shorter_{name}",
            )
    if not rules.day_begins < rules.day_ends <= 24:
        raise BusinessError(
            gettext("La journée finit après avoir commencé, à 24 h au plus tard."), field="day_ends"
        )
    for name in ("files_a_day", "elsewhere_a_month"):
        if getattr(rules, name) < 1:
            raise BusinessError(gettext("Au moins 1."), field=name)
    rules.is_example, rules.changed_by, rules.changed_at = False, written_by[:120], at
    rules.save()
    record(actor_of(by), "privacy.rules", at=at, fields=changed)
    return rules
