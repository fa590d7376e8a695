"""The verbs of persons' files in the trail."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "add_attachment": _("a gardé un papier"),
    "add_card_code": _("a donné une carte"),
    "add_contact_way": _("a noté comment la joindre"),
    "add_name": _("a ajouté un nom"),
    "change_adviser": _("a changé qui la suit"),
    "correct_identity": _("a corrigé son identité"),
    "end_contact_way": _("a retiré une façon de la joindre"),
    "end_following": _("a mis fin à un suivi"),
    "freeze_file": _("a gelé un dossier qu’elle conteste"),
    "grant_access": _("a accordé l’ouverture d’un dossier"),
    "lift_freeze": _("a dégelé un dossier"),
    "look_up": _("a cherché qui est une personne"),
    "look_up_by_command": _("a cherché des personnes depuis la machine"),
    "mark_as_same": _("a dit que deux dossiers sont une personne"),
    "open_elsewhere": _("a ouvert le dossier d’un autre lieu"),
    "open_file": _("a ouvert un dossier"),
    "read_attachment": _("a ouvert un papier"),
    "record_agreement": _("a noté un accord"),
    "record_situation": _("a noté sa situation"),
    "refuse_access": _("a refusé l’ouverture d’un dossier"),
    "remove_attachment": _("a retiré un papier"),
    "replace_card": _("a remplacé sa carte"),
    "request_access": _("a demandé l’ouverture d’un dossier"),
    "say_not_the_same": _("a dit que deux dossiers sont deux personnes"),
    "separate": _("a séparé deux dossiers"),
    "start_following": _("a commencé un suivi"),
    "take_back_not_the_same": _("a repris « deux personnes »"),
    "told_a_file_may_exist": _("a su qu’un dossier existe peut-être"),
}
