"""What is held of messages."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from bagage.messaging.models import State
from bagage.trail.registry import Declaration, Processing, declare


def _call_off(rows: Any, at: datetime) -> None:
    """What had not left does not leave."""
    rows.filter(state=State.QUEUED).update(state=State.CANCELLED, settled_at=at)


declare(
    Processing(
        "messages",
        title=_("Écrire et dire des messages"),
        purpose=_("Prévenir la personne, et qui l’a orientée, de ce qui se passe."),
        basis=_("Suite de sa demande ; son accord pour ce qui part vers d’autres."),
        concerned=_("Les personnes accueillies, qui les oriente, l’équipe."),
        recipients=("tell", "run_house"),
        kept=_("Le texte et l’adresse : 30 jours après l’envoi. La ligne : la durée du dossier."),
    ),
    Declaration(
        "messaging.Message",
        group="messages",
        about=("about",),
        processing="messages",
        what=_("Les messages envoyés ou dits"),
        why=_("Savoir s’ils sont partis. Chacun ne part qu’une fois."),
        personal=("to", "subject", "body", "html", "last_error"),
        plain=("place", "about"),
        after=_call_off,
        export={
            "channel": _("Comment"),
            "state": _("État"),
            "to": _("À qui"),
            "subject": _("Objet"),
            "body": _("Texte"),
            "created_at": _("Écrit le"),
            "settled_at": _("Parti ou dit le"),
        },
    ),
    Declaration(
        "messaging.Transport",
        processing="house",
        what=_("Le réglage du serveur de mail"),
        plain=("host", "username", "password", "sender"),
    ),
)
