"""Journeys, interviews, requests in her own words, and dated evidence for two of the three pockets.

The third, skills, is read from :class:`bagage.skills.models.Observation`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import Organisation, User
from bagage.common.models import PublicId
from bagage.people.models import Person
from bagage.permanences.models import Appointment


class Journey(PublicId):
    """A person's way through the programme, from the day she is received; one open at a time."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="journeys")
    node = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="journeys")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(closed_at=None), name="journeys_journey_one_open"
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Pocket(models.TextChoices):
    """The three pockets of the bag."""

    DEVICE = "device", _("Appareil")
    CONNECTION = "connection", _("Connexion")
    SKILLS = "skills", _("Compétences")


class Request(PublicId):
    """What she asks for, in her own words; the unit of all that follows. ``pocket`` may stay unknown."""

    class State(models.TextChoices):
        """Where the request stands."""

        OPEN = "open", _("Pas commencé")
        UNDER_WAY = "under_way", _("En cours")
        MET = "met", _("Elle y arrive")
        DROPPED = "dropped", _("Elle n’en veut plus")

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="requests")
    words = models.CharField(max_length=300)
    pocket = models.CharField(max_length=12, choices=Pocket, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    said_on = models.DateField()
    changed_on = models.DateField()
    source = models.CharField(max_length=80, blank=True)
    written_by = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.uuid)


class RequestStep(models.Model):
    """A state that a request reached, and on which day: what lets the past be told again. Never edited."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=10, choices=Request.State)
    on = models.DateField()
    written_by = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["request", "on", "written_at"], name="journeys_requeststep_when")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.state}"


class EvidenceItem(models.TextChoices):
    """What is looked at for the first two pockets (``skills_and_equipment.md``, section 5)."""

    E1 = "E1", _("Un appareil à elle, qui marche")
    E2 = "E2", _("Un chargeur, une batterie qui tient")
    E3 = "E3", _("Elle sait où le faire réparer")
    C1 = "C1", _("Une ligne active, qu’elle peut payer")
    C2 = "C2", _("Elle sait quand sa ligne s’arrête")
    C3 = "C3", _("On peut la joindre au même numéro")


class Evidence(models.Model):
    """On that day this was so, was not, was lost, or is unknown. Never edited; the newest one holds."""

    class Answer(models.TextChoices):
        """How it was. "Lost" is for what she had: a stolen phone, a line cut off. "Lent" is someone else's."""

        YES = "yes", _("oui")
        LENT = "lent", _("prêté")
        NO = "no", _("non")
        LOST = "lost", _("perdu")
        UNKNOWN = "unknown", _("on ne sait pas")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="evidence")
    item = models.CharField(max_length=4, choices=EvidenceItem)
    answer = models.CharField(max_length=10, choices=Answer)
    how = models.CharField(max_length=6, choices=[("said", _("dit")), ("seen", _("vu"))], default="said")
    note = models.CharField(max_length=200, blank=True)
    observed_on = models.DateField()
    source = models.CharField(max_length=80, blank=True)
    written_by = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["person", "item", "-observed_on", "-written_at"], name="journeys_evidence_newest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.answer}"


class Interview(PublicId):
    """A welcome interview: three questions at reception, then the rest, on screen or on paper and entered later.

    The answers themselves are facts elsewhere (evidence, observations, situation, requests), each with this
    interview as ``source``; here only the three questions and what step it has reached.
    """

    class ConnectedToday(models.TextChoices):
        """Avez-vous de quoi vous connecter aujourd’hui ?"""

        YES = "yes", _("oui")
        LENT = "lent", _("prêté")
        NO = "no", _("non")
        UNKNOWN = "unknown", _("on ne sait pas")

    class LastTime(models.TextChoices):
        """La dernière fois, avez-vous fait seule ?"""

        ALONE = "alone", _("seule")
        HELPED = "helped", _("avec aide")
        NEVER = "never", _("jamais")
        UNKNOWN = "unknown", _("on ne sait pas")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="interviews")
    node = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="interviews")
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="interviews"
    )
    led_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="interviews")
    interpreter = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=60, blank=True)
    on_paper = models.BooleanField(default=False)
    held_on = models.DateField()
    connected_today = models.CharField(max_length=10, choices=ConnectedToday, blank=True)
    last_time = models.CharField(max_length=10, choices=LastTime, blank=True)
    wants = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(finished_at=None), name="journeys_interview_one_open"
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)
