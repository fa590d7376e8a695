"""The verbs of referrals in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "onward.arrived": _("a noté une arrivée dans un autre lieu"),
    "onward.call_off": _("a repris une orientation vers un autre lieu"),
    "onward.not_come": _("a noté qu’une personne n’est pas allée dans un autre lieu"),
    "onward.place_cannot": _("a noté qu’un autre lieu ne peut pas recevoir une personne"),
    "onward.remind": _("a relancé un lieu"),
    "onward.see": _("a vu la réponse d’un lieu"),
    "onward.send": _("a orienté une personne vers un autre lieu"),
    "onward.send_again": _("a prévenu un lieu à nouveau"),
    "organisation_link.create": _("a fait un lien pour orienter"),
    "organisation_link.end": _("a éteint un lien pour orienter"),
    "read_onward": _("a lu une orientation vers un autre lieu"),
    "referral.accept": _("a accepté une orientation"),
    "referral.answer": _("a répondu à une question"),
    "referral.appointment": _("a donné rendez-vous à une personne orientée"),
    "referral.ask": _("a posé une question sur une orientation"),
    "referral.back": _("a vu revenir une personne orientée"),
    "referral.came": _("a vu venir une personne orientée"),
    "referral.decline": _("a refusé une orientation, avec un motif"),
    "referral.give_back_link": _("a redonné le lien de suivi"),
    "referral.hand_over": _("a passé ses orientations à quelqu’un d’autre"),
    "referral.left_with": _("a dit avec quoi elle repart"),
    "referral.not_come": _("n’a pas vu venir une personne orientée"),
    "referral.receive": _("a reçu une orientation"),
    "referral.send": _("a orienté une personne"),
    "referral.send_link": _("a envoyé le lien de suivi"),
    "referral.under_way": _("a commencé avec une personne orientée"),
    "referral.withdraw": _("a retiré une orientation"),
}
