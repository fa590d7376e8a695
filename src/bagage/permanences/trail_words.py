"""The verbs of permanences in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "appointment.arrive": _("a noté une arrivée"),
    "appointment.cancel": _("a annulé un rendez-vous"),
    "appointment.excuse": _("a noté une excuse"),
    "appointment.finish": _("a fini un rendez-vous"),
    "appointment.give": _("a donné un rendez-vous"),
    "appointment.move": _("a déplacé un rendez-vous"),
    "appointment.no_show": _("a noté une absence"),
    "appointment.start": _("a commencé un rendez-vous"),
    "appointment.undo": _("a défait un pas de rendez-vous"),
    "block.hand_over": _("a confié des heures à quelqu’un d’autre"),
    "block.open": _("a ouvert des heures de rendez-vous"),
    "block.withdraw": _("a retiré des heures de rendez-vous"),
    "help.count": _("a compté une aide sans nom"),
    "help.undo": _("a retiré une aide sans nom"),
    "queue.call": _("a appelé dans la file"),
    "queue.finish": _("a fini avec quelqu’un de la file"),
    "queue.join": _("a accueilli dans la file"),
    "queue.leave": _("a noté un départ de la file"),
    "queue.say_who": _("a dit qui attend"),
    "queue.undo": _("a défait un pas de la file"),
    "queue.unsay_who": _("a retiré qui attend"),
    "site.change": _("a changé une permanence"),
    "site.close_days": _("a noté une fermeture"),
    "site.create": _("a créé une permanence"),
    "site.open_days": _("a retiré une fermeture"),
    "site.rooms": _("a changé les salles"),
}
