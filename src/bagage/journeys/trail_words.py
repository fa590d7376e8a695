"""The verbs of journeys in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "add_request": _("a noté une demande"),
    "answer_interview": _("a noté des réponses d’entretien"),
    "book_request": _("a inscrit à une séance pour une demande"),
    "change_request": _("a changé une demande"),
    "correct_interview": _("a corrigé un entretien"),
    "exit_journey": _("a noté une sortie"),
    "finish_interview": _("a fini un entretien"),
    "follow_up.answer": _("a noté des nouvelles après une sortie"),
    "follow_up.try": _("a noté un appel sans réponse, après une sortie"),
    "open_journey": _("a ouvert un parcours"),
    "read_exit": _("a lu une sortie"),
    "reopen_journey": _("a rouvert un parcours"),
    "start_interview": _("a commencé un entretien"),
    "unbook_request": _("a détaché une séance d’une demande"),
}
