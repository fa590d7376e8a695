"""The verbs of journeys in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "add_request": _("a noté une demande"),
    "answer_interview": _("a noté des réponses d’entretien"),
    "change_request": _("a changé une demande"),
    "correct_interview": _("a corrigé un entretien"),
    "finish_interview": _("a fini un entretien"),
    "open_journey": _("a ouvert un parcours"),
    "start_interview": _("a commencé un entretien"),
}
