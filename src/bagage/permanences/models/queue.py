"""Who came without an appointment, and help without a name."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import User
from bagage.common.models import PublicId
from bagage.people.models import Person
from bagage.permanences.models.sites import Site


class QueueEntry(PublicId):
    """Someone who came without an appointment: a first name is enough, a file is not needed.

    ``person`` is filled once it is known who she is. ``helper`` is who called her.
    """

    class State(models.TextChoices):
        """Where she stands."""

        WAITING = "waiting", _("Attend")
        CALLED = "called", _("Appelée")
        DONE = "done", _("Partie")
        LEFT = "left", _("Partie sans attendre")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="queue")
    first_name = models.CharField(max_length=80)
    topic = models.CharField(max_length=120, blank=True)
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="queue_entries"
    )
    helper = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    came_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    written_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["site", "came_at"], name="permanences_queue_day")]

    def __str__(self) -> str:
        return str(self.uuid)


class NamelessHelp(PublicId):
    """Someone was helped for a few minutes and gave no name: topic, minutes, done. Counted, traced to nobody."""

    class Topic(models.TextChoices):
        """What it was about."""

        PRINT = "print", _("Imprimer ou scanner")
        TOP_UP = "top_up", _("Ligne ou recharge")
        PHONE = "phone", _("Un téléphone, un réglage")
        MAIL = "mail", _("Un mail, un mot de passe")
        PROCEDURE = "procedure", _("Une démarche en ligne")
        INFORMATION = "information", _("Un renseignement")
        OTHER = "other", _("Autre chose")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="nameless_help")
    topic = models.CharField(max_length=12, choices=Topic)
    minutes = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    key = models.CharField(max_length=40, unique=True)
    written_by = models.CharField(max_length=80, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__range=(1, 480)), name="permanences_namelesshelp_minutes"
            )
        ]
        indexes = [models.Index(fields=["site", "at"], name="permanences_help_day")]

    def __str__(self) -> str:
        return str(self.uuid)
