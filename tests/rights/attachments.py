"""Her papers: for who may change her identity where she is followed, and for nobody of another site."""

import hashlib
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from bagage.people.models import Attachment
from tests.rights import Row
from tests.rights.world import HER_NAME, World

READS = {
    "everyone": 404,
    "receptionist_here": 200,
    "adviser_here": 200,
    "programme_lead_here": 200,
    "programme_lead_network": 200,
}
SENDS = {persona: 302 if status == 200 else status for persona, status in READS.items()}


def _person(world: World) -> dict[str, object]:
    return {"uuid": world.person.uuid}


def _paper(world: World) -> dict[str, object]:
    if "paper" not in world.made:
        content = f"%PDF-1.7 {HER_NAME}".encode()
        path = Path(settings.MEDIA_ROOT) / "attachments" / "rights"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        world.made["paper"] = Attachment.objects.create(
            person=world.person,
            kind="bill",
            name=f"{HER_NAME}.pdf",
            media_type="application/pdf",
            size=len(content),
            digest=hashlib.sha256(content).hexdigest(),
            path="attachments/rights",
            added_at=world.now,
            keep_until=timezone.localdate(world.now) + timedelta(days=30),
        )
    return {"uuid": world.person.uuid, "paper": world.made["paper"].uuid}


ROWS = {
    "desk:attachments": [
        Row(kwargs=_person, expected=READS),
        # A form that says nothing is told what is missing.
        Row(
            kwargs=_person,
            method="post",
            expected={persona: 422 if status == 200 else status for persona, status in READS.items()},
        ),
    ],
    "desk:attachment_open": Row(kwargs=_paper, expected=READS),
    "desk:attachment_remove": Row(kwargs=_paper, method="post", expected=SENDS),
}
