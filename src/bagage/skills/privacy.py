"""What is held of what she can do."""

from django.utils.translation import gettext_lazy as _

from bagage.trail.registry import Declaration, declare

declare(
    Declaration(
        "skills.Observation",
        group="evidence",
        person="person",
        processing="journeys",
        contact="observed_on",
        what=_("Compétences, dites ou vues, avec la date"),
        why=_("Savoir où aider, et quand c’est réussi."),
        export={
            "item": _("Quoi"),
            "step": _("Comment"),
            "how": _("Dit ou vu"),
            "observed_on": _("Le"),
            "written_by": _("Écrit par"),
        },
    ),
    Declaration(
        "skills.Competence",
        processing="house",
        what=_("Les cadres de compétences"),
        plain=("framework", "version", "code", "title_fr", "title_en"),
    ),
    Declaration(
        "skills.Item",
        processing="house",
        what=_("Les quinze compétences observées"),
        plain=("code", "title_fr", "title_en"),
    ),
    Declaration(
        "skills.Item_competences", processing="house", what=_("Leur lien avec les cadres de compétences")
    ),
)
