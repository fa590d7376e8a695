"""The log, and what is nobody's."""

from django.utils.translation import gettext_lazy as _

from bagage.trail.registry import Declaration, Processing, declare

declare(
    Processing(
        "trail",
        title=_("Noter qui a fait et lu quoi"),
        purpose=_("Savoir qui a ouvert un dossier, le montrer à la personne, voir une lecture anormale."),
        basis=_("Obligation de sécurité des données (article 32 du RGPD)."),
        concerned=_("L’équipe. Les personnes n’y sont que par un numéro qui ne dit rien d’elles."),
        recipients=("read_trail",),
        kept=_(
            "La durée fixée par l’installation, trois ans sans réglage ; puis le mois entier part, et cela reste noté."
        ),
    ),
    Processing(
        "house",
        title=_("Faire tourner l’installation"),
        purpose=_("Régler l’installation, tenir les lieux, le stock et les catalogues."),
        basis=_("Intérêt légitime de l’association."),
        concerned=_("Aucune personne en particulier."),
        recipients=("run_house",),
        kept=_("Tant que l’installation sert."),
    ),
    Declaration(
        "trail.Entry",
        processing="trail",
        what=_("Une ligne par acte et par lecture : qui, quand, quel dossier (par un numéro), quels champs"),
        why=_("Aucune valeur n’y entre : il n’y a rien à effacer."),
        plain=("actor", "verb", "person", "thing", "fields", "reason", "previous", "hash"),
    ),
    Declaration(
        "trail.Segment",
        processing="trail",
        what=_("Les mois du journal, leur empreinte"),
        plain=("place", "month", "last_hash"),
    ),
    Declaration(
        "trail.ErasedPerson",
        processing="trail",
        what=_("Les numéros des personnes effacées"),
        why=_("Qu’une ancienne sauvegarde ne les fasse pas revenir. Le numéro ne dit rien d’elles."),
    ),
    Declaration("trail.PrivacyRules", processing="house", what=_("Les durées choisies"), plain=("shorter",)),
)
