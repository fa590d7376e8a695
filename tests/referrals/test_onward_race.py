"""Several desks at one moment: one orientation for one need, one answer of a place, one reminder."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from bagage.messaging.models import Message
from bagage.referrals.models import Onward, OnwardStep
from tests.processes import finish, start_code
from tests.referrals.factories import make_town
from tests.referrals.onward_factories import make_library, make_mariam, make_onward

PROCESSES = 6

SEND = """
import sys
from bagage.common.errors import BusinessError
from bagage.directory.models import Structure
from bagage.people.models import Person
from bagage.referrals.services import send_onward
from bagage.trail.domain.actor import Actor

person = Person.objects.get(uuid=sys.argv[1])
for number, structure in enumerate(Structure.objects.order_by("pk")):
    try:
        send_onward(
            person, structure=structure, need="print_scan", reason="Elle veut imprimer.", agreed="spoken",
            by_way="email", key=f"race-{sys.argv[2]}-{number}", by=Actor.system("race"),
        )
        print("sent")
    except BusinessError as error:
        print(error.field or "waiting")
"""

ANSWER = """
import sys
from bagage.referrals.models import Onward
from bagage.referrals.services import confirm_arrival
from bagage.trail.domain.actor import Actor

onward = Onward.objects.get(uuid=sys.argv[1])
confirm_arrival(onward, answer="arrived", by=Actor.link(str(onward.uuid)))
"""

REMIND = "from bagage.referrals.tasks import remind_places\nprint(remind_places() or 0)"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_for_one_need_she_is_sent_on_once_without_anyone_seeing_the_earlier_one():
    mariam = make_mariam(make_town())
    make_library()
    make_library("Espace Curial")
    told = finish(
        *[start_code(SEND, str(mariam.uuid), str(number)) for number in range(PROCESSES)], timeout=240
    )
    words = Counter(word for out in told for word in out.split())
    assert (words["sent"], words.total()) == (1, 2 * PROCESSES)
    assert set(words) == {"sent", "waiting", "despite_reason"}
    assert (Onward.objects.count(), Message.objects.filter(channel="email").count()) == (1, 1)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_answer_pressed_many_times_and_a_reminder_run_many_times_count_once():
    town = make_town()
    long_ago = timezone.now() - timedelta(days=9)
    mariam = make_mariam(town)
    answered = make_onward(town, mariam, make_library(), node=town.riquet.organisation, at=long_ago)
    silent = make_onward(
        town, mariam, make_library("Muet"), need="create", node=town.riquet.organisation, at=long_ago
    )
    finish(*[start_code(ANSWER, str(answered.uuid)) for _number in range(PROCESSES)], timeout=240)
    told = finish(*[start_code(REMIND) for _number in range(PROCESSES)], timeout=240)
    assert sum(int(out) for out in told) == 1
    assert list(OnwardStep.objects.filter(onward=answered).values_list("kind", flat=True)) == [
        "sent",
        "arrived",
    ]
    assert list(OnwardStep.objects.filter(onward=silent).values_list("kind", flat=True)) == [
        "sent",
        "reminded",
    ]
