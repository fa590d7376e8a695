"""Frameworks as data, observable items, and what was observed of a person."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.people.models import Person


class Competence(models.Model):
    """One competence of a framework, by its code there: DigComp 2.2 "4.2". Frameworks change: they are data."""

    framework = models.CharField(max_length=20)
    version = models.CharField(max_length=10)
    code = models.CharField(max_length=10)
    title_fr = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["framework", "version", "code"], name="skills_competence_once")
        ]

    def __str__(self) -> str:
        return f"{self.framework} {self.version} {self.code}"


class Item(models.Model):
    """One thing that can be seen being done ("Reconnaître une arnaque"), with its competences. Fifteen are shipped."""

    code = models.CharField(max_length=10, unique=True)
    position = models.PositiveSmallIntegerField()
    group = models.CharField(
        max_length=20,
        choices=[
            ("handling", _("Prendre l’appareil en main")),
            ("finding", _("Chercher, écrire, envoyer")),
            ("protecting", _("Se protéger")),
            ("procedures", _("Faire ses démarches")),
        ],
    )
    title_fr = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    competences = models.ManyToManyField(Competence, related_name="items")
    is_current = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.code


class Step(models.IntegerChoices):
    """Four steps. The three upper ones are the national scale of autonomy (Coop de la médiation numérique)."""

    NEVER = 0, _("jamais fait")
    GUIDED = 1, _("guidée pas à pas")
    SOMETIMES = 2, _("guidée parfois")
    ALONE = 3, _("seule")


class Observation(models.Model):
    """On that day she was seen, or said, to do this at that step; ``step`` empty is "on ne sait pas".

    Never edited: a correction is a newer row, ``corrects`` names the one it replaces.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="observations")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="observations")
    step = models.PositiveSmallIntegerField(choices=Step, null=True, blank=True)
    how = models.CharField(max_length=6, choices=[("said", _("dit")), ("seen", _("vu"))], default="said")
    observed_on = models.DateField()
    source = models.CharField(max_length=80, blank=True)
    written_by = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="corrected_by"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["person", "item", "-observed_on", "-written_at"], name="skills_observation_newest"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(step=None) | Q(step__range=(0, 3)), name="skills_observation_step"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.step}"
