"""Journeys with their exits and returns, interviews, requests in her own words, dated evidence for two pockets.

The third, skills, is read from :class:`bagage.skills.models.Observation`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import Organisation, User
from bagage.common.models import PublicId
from bagage.journeys.domain import lifecycle
from bagage.people.models import Person
from bagage.permanences.models import Appointment, SessionBooking
from bagage.skills.models import Item


class Journey(PublicId):
    """A person's way through the programme, from the day she is received; one open at a time.

    Who comes back goes on with the same one (decision 39): ``opened_at`` is the first day, its steps tell each exit and
    each return, and ``closed_at`` is empty while she is in it.
    """

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

    @property
    def state(self) -> str:
        """``open`` or ``closed``; see ``domain/lifecycle.py``."""
        return lifecycle.OPEN if self.closed_at is None else lifecycle.CLOSED

    @property
    def is_open(self) -> bool:
        """Whether she is in it now."""
        return self.state == lifecycle.OPEN


class Pocket(models.TextChoices):
    """The three pockets of the bag."""

    DEVICE = "device", _("Appareil")
    CONNECTION = "connection", _("Connexion")
    SKILLS = "skills", _("Compétences")


class Request(PublicId):
    """What she asks for, in her own words; the unit of all that follows. ``pocket`` may stay unknown.

    ``about`` is the skill that it is about, guessed from her words and corrected by who knows better: by it the same
    thing is found again in the words of others. Empty where it is none of the fifteen, or nobody knows.
    """

    class State(models.TextChoices):
        """Where the request stands."""

        OPEN = "open", _("Pas commencé")
        UNDER_WAY = "under_way", _("En cours")
        MET = "met", _("Elle y arrive")
        DROPPED = "dropped", _("Elle n’en veut plus")

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="requests")
    words = models.CharField(max_length=300)
    pocket = models.CharField(max_length=12, choices=Pocket, blank=True)
    about = models.ForeignKey(Item, null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    said_on = models.DateField()
    changed_on = models.DateField()
    source = models.CharField(max_length=80, blank=True)
    written_by = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["pocket", "state", "about"], name="journeys_request_wanted")]

    def __str__(self) -> str:
        return str(self.uuid)


class RequestStep(models.Model):
    """A state that a request reached, and on which day: what lets the past be told again. Never edited.

    ``source`` is ``"session:<uuid>"`` where a session told it, ``"follow_up:<uuid>"``, ``"handover:<uuid>"`` or
    ``"line:<uuid>"`` where she got what she asked for, or empty where someone wrote it.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=10, choices=Request.State)
    on = models.DateField()
    source = models.CharField(max_length=80, blank=True, default="")
    written_by = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["request", "on", "written_at"], name="journeys_requeststep_when")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.state}"


class RequestBooking(PublicId):
    """A place in a session answers this request, from ``linked_at`` until ``unlinked_at``; empty while it does.

    One place may answer several requests. Whether she came, and what she could do there, is read from the place itself.
    """

    class Why(models.TextChoices):
        """Why it answers no more."""

        CALLED_OFF = "called_off", _("séance annulée")
        LEFT = "left", _("place laissée")
        EXCUSED = "excused", _("excusée")
        ABSENT = "absent", _("pas venue")
        TAKEN_BACK = "taken_back", _("détachée à la main")

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="bookings")
    booking = models.ForeignKey(SessionBooking, on_delete=models.CASCADE, related_name="requests")
    linked_at = models.DateTimeField()
    linked_by = models.CharField(max_length=120, blank=True)
    unlinked_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=12, choices=Why, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "booking"],
                condition=Q(unlinked_at=None),
                name="journeys_requestbooking_once",
            ),
            models.CheckConstraint(
                condition=Q(unlinked_at=None, why="") | (Q(unlinked_at__isnull=False) & ~Q(why="")),
                name="journeys_requestbooking_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.booking_id}"


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


# ---------- exit, follow-up, coming back ----------
class ExitReason(models.TextChoices):
    """Why she goes although the bag is not full yet."""

    MOVED = "moved", _("Déménagement")
    NO_TIME = "no_time", _("Un travail, une formation, plus le temps")
    NO_NEWS = "no_news", _("Plus de nouvelles")
    STOPS = "stops", _("Souhaite s’arrêter")
    ELSEWHERE = "elsewhere", _("Aide trouvée ailleurs")
    OTHER = "other", _("Autre raison")


class JourneyExit(PublicId):
    """She went, on that day, with that bag: complete, or honestly "not yet" with the reason.

    The bag is the one computed then, kept as it was: ``device``, ``connection`` and ``skills`` are the states of its
    pockets, ``bag`` its sentences (French source text and values). ``key`` makes a form that is sent twice count once.
    """

    class Kind(models.TextChoices):
        """With what."""

        COMPLETE = "complete", _("Bagage complet")
        NOT_YET = "not_yet", _("Pas encore")

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="exits")
    node = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="exits")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=10, choices=ExitReason, blank=True)
    words = models.CharField(max_length=300, blank=True)
    device = models.CharField(max_length=8)
    connection = models.CharField(max_length=8)
    skills = models.CharField(max_length=8)
    bag = models.JSONField(default=dict)
    exited_at = models.DateTimeField()
    key = models.CharField(max_length=64, unique=True)
    written_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="complete", reason="") | (Q(kind="not_yet") & ~Q(reason="")),
                name="journeys_exit_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(kind="complete") | Q(device="full", connection="full", skills="full"),
                name="journeys_exit_complete_is_full",
            ),
        ]
        indexes = [models.Index(fields=["journey", "exited_at"], name="journeys_exit_when")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class JourneyStep(models.Model):
    """She went, or came back. Never edited; the journey says only where it stands."""

    class Kind(models.TextChoices):
        """Which way."""

        EXITED = "exited", _("Sortie")
        REOPENED = "reopened", _("Retour")

    class Back(models.TextChoices):
        """What brought her back."""

        ASKED = "asked", _("Une nouvelle demande")
        REFERRED = "referred", _("Une nouvelle orientation")
        LOST = "lost", _("Un appareil ou une ligne perdus")
        INTERVIEW = "interview", _("Un nouvel entretien")
        MISTAKE = "mistake", _("Sortie notée par erreur")
        OTHER = "other", _("Autre raison")

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    exit = models.ForeignKey(
        JourneyExit, null=True, blank=True, on_delete=models.CASCADE, related_name="steps"
    )
    reason = models.CharField(max_length=10, choices=Back, blank=True)
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    key = models.CharField(max_length=64, unique=True)
    written_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="exited", exit__isnull=False, reason="")
                | (Q(kind="reopened") & ~Q(reason="")),
                name="journeys_step_is_told",
            )
        ]
        indexes = [models.Index(fields=["journey", "at"], name="journeys_step_when")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class FollowUp(PublicId):
    """Some months after an exit: is it all still there? One answer, after one try or several.

    ``device``, ``connection`` and ``skills`` are ``yes``, ``no`` or ``unknown`` once it is answered, empty until then.
    """

    class State(models.TextChoices):
        """Where it stands; see ``domain/lifecycle.py`` for the ways between."""

        DUE = lifecycle.DUE, _("À faire")
        ANSWERED = lifecycle.ANSWERED, _("Répondu")
        NOT_REACHED = lifecycle.NOT_REACHED, _("Pas jointe")
        CALLED_OFF = lifecycle.CALLED_OFF, _("Sans objet")

    class Still(models.TextChoices):
        """Whether what was there is still there."""

        YES = "yes", _("toujours là")
        NO = "no", _("plus là")
        UNKNOWN = "unknown", _("on ne sait pas")

    class Who(models.TextChoices):
        """Who answered."""

        HERSELF = "herself", _("La personne")
        REFERRER = "referrer", _("Qui l’a orientée")
        RELATIVE = "relative", _("Un proche")
        PLACE = "place", _("Un lieu qui l’aide")

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="follow_ups")
    exit = models.ForeignKey(JourneyExit, on_delete=models.CASCADE, related_name="follow_ups")
    months = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    state = models.CharField(max_length=12, choices=State, default=State.DUE)
    who = models.CharField(max_length=10, choices=Who, blank=True)
    device = models.CharField(max_length=8, choices=Still, blank=True)
    connection = models.CharField(max_length=8, choices=Still, blank=True)
    skills = models.CharField(max_length=8, choices=Still, blank=True)
    words = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    written_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exit", "months"], name="journeys_followup_once"),
            models.CheckConstraint(
                condition=Q(
                    state="answered",
                    answered_at__isnull=False,
                    device__in=["yes", "no", "unknown"],
                    connection__in=["yes", "no", "unknown"],
                    skills__in=["yes", "no", "unknown"],
                )
                | Q(
                    state__in=["due", "not_reached", "called_off"],
                    answered_at=None,
                    device="",
                    connection="",
                    skills="",
                ),
                name="journeys_followup_answer_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="journeys_followup_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.months} {self.state}"


class FollowUpTry(models.Model):
    """Someone tried to reach her for a follow-up, and could not. Never edited."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    words = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=64, unique=True)
    written_by = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return f"{self.follow_up_id} {self.at:%Y-%m-%d}"
