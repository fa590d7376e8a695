"""What is held of the places around: public listings, nobody's file."""

from django.utils.translation import gettext_lazy as _

from bagage.trail.registry import Declaration, declare

declare(
    Declaration(
        "directory.Structure",
        processing="house",
        what=_("Les lieux qui aident autour : adresse, horaires, téléphone publics"),
        plain=(
            "name",
            "kind_words",
            "parent",
            "address",
            "address_more",
            "postcode",
            "city",
            "commune_code",
            "phone",
            "email",
            "website",
            "booking_url",
            "hours",
            "presentation",
            "labels",
            "source_id",
            "licence",
            "fields_from",
            "folded",
            "fingerprint",
        ),
    ),
    Declaration(
        "directory.Service",
        processing="house",
        what=_("Ce que chaque lieu propose"),
        plain=(
            "words",
            "cost_words",
            "languages",
            "publics",
            "care",
            "modes",
            "access",
            "accessibility",
        ),
    ),
)
