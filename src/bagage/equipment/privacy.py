"""What is held of the devices that she gets."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from bagage.trail.registry import Declaration, Processing, declare


def _held(rows: Any, now: datetime) -> Any:
    return rows.filter(state="held")


declare(
    Processing(
        "equipment",
        title=_("Donner ou vendre un appareil"),
        purpose=_("Réserver, remettre, réparer sous garantie, savoir d’où vient et où va un appareil."),
        basis=_("Contrat : les conditions de remise que la personne accepte."),
        concerned=_("Les personnes accueillies, les donateurs."),
        recipients=("see_devices", "hand_over"),
    ),
    Declaration(
        "equipment.Reservation",
        group="devices",
        person="person",
        pages=(
            "equipment:hand_over",
            "equipment:hand_over_terms",
            "equipment:reservation_release",
        ),
        processing="equipment",
        thing="reservation",
        what=_("Appareils mis de côté"),
        why=_("Ne pas donner deux fois le même."),
        personal=("end_reason",),
        plain=("paid_receipt",),
        holds_back=_held,
        held_words=ngettext_lazy("%(count)s appareil réservé", "%(count)s appareils réservés", "count"),
        export={
            "device": _("Appareil"),
            "site": _("Permanence"),
            "state": _("État"),
            "price": _("Prix"),
            "reserved_at": _("Réservé le"),
            "end_reason": _("Pourquoi finie"),
        },
    ),
    Declaration(
        "equipment.Handover",
        group="devices",
        person="person",
        pages=(
            "equipment:handover",
            "equipment:handover_paper",
            "equipment:handover_return",
        ),
        processing="equipment",
        thing="handover",
        contact="handed_over_at",
        what=_("Appareils remis : quand, l’accord, la signature, la garantie"),
        why=_("Honorer la garantie, prouver l’accord."),
        personal=("signature", "reader", "witness", "language", "checks"),
        plain=("terms_version", "receipt"),
        export={
            "device": _("Appareil"),
            "site": _("Permanence"),
            "handed_over_at": _("Remis le"),
            "handed_over_by": _("Remis par"),
            "consent": _("Accord donné"),
            "signature": _("Signature"),
            "reader": _("Lu par"),
            "witness": _("Témoin"),
            "price": _("Prix"),
            "warranty_until": _("Garantie jusqu’au"),
            "returned_at": _("Rendu le"),
        },
    ),
    Declaration(
        "equipment.DeviceEvent",
        group="device_notes",
        dated="at",
        person="person",
        processing="equipment",
        what=_("Histoire des appareils reçus"),
        why=_("Savoir d’où vient une panne."),
        personal=("note",),
        export={"kind": _("Quoi"), "at": _("Le"), "note": _("Note"), "written_by": _("Écrit par")},
    ),
    Declaration(
        "equipment.Device",
        processing="equipment",
        what=_("Les appareils : marque, numéro de série, état, qui l’a donné"),
        why=_("Un appareil appartient au stock, non à un dossier."),
        plain=(
            "number",
            "brand",
            "model",
            "serial",
            "imei",
            "technical_note",
            "look_note",
            "lot",
            "donor",
            "grade",
            "grade_lines",
        ),
    ),
    Declaration("equipment.EquipmentRules", processing="house", what=_("Les règles du matériel")),
    Declaration("equipment.DeviceCounter", processing="house", what=_("Le dernier numéro donné")),
)
