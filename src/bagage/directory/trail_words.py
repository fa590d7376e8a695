"""The verbs of the panorama in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "directory.load_places": _("a chargé les lieux publics livrés avec Bagage"),
}
