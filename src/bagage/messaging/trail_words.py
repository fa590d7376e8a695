"""The verbs of the outbox in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "message.tell": _("a dit ou posté un message"),
    "message.untell": _("a remis un message à dire"),
    "message.resend": _("a renvoyé un message"),
    "message.cancel": _("a annulé un message"),
    "transport.change": _("a changé l’envoi des mails"),
}
