"""The verbs of accounts in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "account.accept": _("a accepté son invitation"),
    "account.change": _("a changé un compte"),
    "account.close": _("a fermé un compte"),
    "account.create": _("a ouvert un compte"),
    "account.invite": _("a invité quelqu’un"),
    "account.invite_again": _("a refait une invitation"),
    "account.password": _("a changé son mot de passe"),
    "account.second_step_add": _("a ajouté un second facteur"),
    "account.second_step_remove": _("a retiré un second facteur"),
    "installation.change": _("a changé le nom de l’installation"),
    "installation.set_up": _("a fini la mise en route"),
    "organisation.add": _("a ajouté une organisation"),
    "organisation.change": _("a changé une organisation"),
    "organisation.close": _("a fermé une organisation"),
    "organisation.reopen": _("a rouvert une organisation"),
    "role.end": _("a retiré un rôle"),
    "role.give": _("a donné un rôle"),
    "token.make": _("a créé une clé pour un programme"),
    "token.revoke": _("a retiré une clé d’un programme"),
}
