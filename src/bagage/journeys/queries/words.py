"""Headings that speak of her, of him, or by the name when it is not known which."""

from django.utils.translation import gettext as _

from bagage.people.models import Person


def headings(person: Person) -> dict[str, str]:
    """The titles of the pockets of a file and of an interview: ``can``, ``asks``, ``learn_more``, ``reads``."""
    if person.grammar == Person.Grammar.SHE:
        return {
            "can": _("Ce qu’elle sait faire"),
            "asks": _("Ce qu’elle demande"),
            "alone": _("La dernière fois, avez-vous fait seule ?"),
            "tell": _("Lui en parler, si elle le veut"),
            "nothing_asked": _("Elle n’a encore rien demandé. Écrivez ses mots, comme elle les dit."),
            "met": _("Elle y arrive"),
            "dropped": _("Elle n’en veut plus"),
        }
    if person.grammar == Person.Grammar.HE:
        return {
            "can": _("Ce qu’il sait faire"),
            "asks": _("Ce qu’il demande"),
            "alone": _("La dernière fois, avez-vous fait seul ?"),
            "tell": _("Lui en parler, s’il le veut"),
            "nothing_asked": _("Il n’a encore rien demandé. Écrivez ses mots, comme il les dit."),
            "met": _("Il y arrive"),
            "dropped": _("Il n’en veut plus"),
        }
    name = {"name": person.chosen_name}
    return {
        "can": _("Ce que sait faire %(name)s") % name,
        "asks": _("Ce que demande %(name)s") % name,
        "alone": _("La dernière fois, avez-vous fait sans aide ?"),
        "tell": _("En parler, si la personne le veut"),
        "nothing_asked": _("Aucune demande pour le moment. Écrivez ses mots, comme ils sont dits."),
        "met": _("C’est réussi"),
        "dropped": _("N’est plus demandé"),
    }
