"""The verbs of equipment in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, object] = {
    "device.broken": _("a noté un appareil rendu cassé"),
    "device.change": _("a changé la fiche d’un appareil"),
    "device.hand_over": _("a remis un appareil"),
    "device.lapse": _("a noté une réservation tombée à sa date"),
    "device.lost": _("a noté un appareil perdu"),
    "device.pay": _("a noté un appareil payé"),
    "device.print": _("a imprimé un papier d’appareil"),
    "device.receive": _("a entré un appareil"),
    "device.release": _("a libéré un appareil réservé"),
    "device.repair": _("a pris un appareil en réparation"),
    "device.repaired": _("a rendu un appareil réparé"),
    "device.reserve": _("a réservé un appareil"),
    "device.returned": _("a noté un appareil rendu"),
    "device.state": _("a changé l’état d’un appareil"),
    "device.stolen": _("a noté un appareil volé"),
    "device.undo": _("a défait la remise d’un appareil"),
    "device.unpay": _("a défait le paiement d’un appareil"),
    "equipment.rules": _("a changé les règles du matériel"),
    "read_devices": _("a lu les appareils d’une personne"),
}
