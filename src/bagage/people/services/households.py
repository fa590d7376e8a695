"""Who lives with whom: said by one of them, undone as simply."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User
from bagage.common.errors import BusinessError, Conflict
from bagage.people.models import Household, HouseholdMember, Person
from bagage.people.queries.households import membership_of
from bagage.people.services._common import note
from bagage.people.services.merging import lock_whole
from bagage.trail.domain.actor import Actor


@transaction.atomic
def say_they_live_together(
    person: Person,
    other: Person,
    *,
    kind: str = HouseholdMember.Kind.ADULT,
    by: User | Actor,
    at: datetime | None = None,
) -> HouseholdMember:
    """``other`` lives with ``person`` from now on; ``kind`` is what ``other`` is there, an adult or a child.

    Said twice is said once. Refused for one person, and for someone who lives in another household: that she left it
    is said first, by whoever knows.
    """
    at = at or timezone.now()
    if kind not in HouseholdMember.Kind.values:
        raise BusinessError(gettext("Choisissez : adulte ou enfant."), field="kind")
    person, other = _locked_both(person, other)
    hers, others = membership_of(person), membership_of(other)
    if hers is not None and others is not None and hers.household_id == others.household_id:
        return others
    if others is not None:
        if hers is not None:
            raise Conflict(
                gettext(
                    "%(name)s vit déjà dans un autre foyer. Notez d’abord sur son dossier qu’elle n’y vit plus."
                )
                % {"name": other.chosen_name}
            )
        household = others.household
        _join(household, person, HouseholdMember.Kind.ADULT, by, at)
        return others
    if hers is None:
        household = Household.objects.create(created_at=at)
        _join(household, person, HouseholdMember.Kind.ADULT, by, at)
    else:
        household = hers.household
    return _join(household, other, kind, by, at)


def _join(household: Household, person: Person, kind: str, by: User | Actor, at: datetime) -> HouseholdMember:
    try:
        with transaction.atomic():
            member = HouseholdMember.objects.create(
                household=household, person=person, kind=kind, joined_at=at
            )
    except IntegrityError as error:
        raise Conflict(gettext("Quelqu’un d’autre vient de le noter. Rouvrez la page.")) from error
    note(by, "join_household", person, at=at, thing=f"household:{household.uuid}")
    return member


@transaction.atomic
def leave_household(member: HouseholdMember, *, by: User | Actor, at: datetime | None = None) -> None:
    """She does not live with the others any more. Said twice is said once; the one who stays alone has left too."""
    at = at or timezone.now()
    current = HouseholdMember.objects.select_for_update(of=("self",)).filter(
        household=member.household_id, left_at=None
    )
    members = list(current.select_related("person", "household").order_by("pk"))
    leaving = [each for each in members if each.pk == member.pk]
    if not leaving:
        return
    if len(members) <= 2:
        leaving = members
    for each in leaving:
        each.left_at = at
        each.save(update_fields=["left_at"])
        note(by, "leave_household", each.person, at=at, thing=f"household:{each.household.uuid}")


def _locked_both(person: Person, other: Person) -> tuple[Person, Person]:
    """Both kept files, their rows held in one order."""
    first, second = lock_whole(person, other)
    if first.pk == second.pk:
        raise BusinessError(gettext("C’est elle-même : choisissez quelqu’un d’autre."), field="who")
    if first.erased_at or second.erased_at:
        raise Conflict(gettext("Un de ces dossiers est effacé."))
    return first, second
