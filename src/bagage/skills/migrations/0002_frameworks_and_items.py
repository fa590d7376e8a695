"""Loads DigComp 2.2 and the fifteen items.

English titles of DigComp: Vuorikari, Kluzer, Punie, DigComp 2.2, EUR 31006 EN, 2022 (reuse under CC BY 4.0). French
titles are working translations of ours, not an official text. The items and their wording are ours.
"""

from typing import Any

from django.db import migrations

DIGCOMP = [
    ("1", "Information and data literacy", "Informations et données"),
    ("1.1", "Browsing, searching and filtering data, information and digital content", "Naviguer, rechercher et filtrer des données, des informations et des contenus numériques"),
    ("1.2", "Evaluating data, information and digital content", "Évaluer des données, des informations et des contenus numériques"),
    ("1.3", "Managing data, information and digital content", "Gérer des données, des informations et des contenus numériques"),
    ("2", "Communication and collaboration", "Communication et collaboration"),
    ("2.1", "Interacting through digital technologies", "Interagir au moyen des technologies numériques"),
    ("2.2", "Sharing through digital technologies", "Partager au moyen des technologies numériques"),
    ("2.3", "Engaging in citizenship through digital technologies", "Exercer sa citoyenneté au moyen des technologies numériques"),
    ("2.4", "Collaborating through digital technologies", "Collaborer au moyen des technologies numériques"),
    ("2.5", "Netiquette", "Nétiquette"),
    ("2.6", "Managing digital identity", "Gérer son identité numérique"),
    ("3", "Digital content creation", "Création de contenus numériques"),
    ("3.1", "Developing digital content", "Développer des contenus numériques"),
    ("3.2", "Integrating and re-elaborating digital content", "Intégrer et réélaborer des contenus numériques"),
    ("3.3", "Copyright and licences", "Droit d’auteur et licences"),
    ("3.4", "Programming", "Programmation"),
    ("4", "Safety", "Protection et sécurité"),
    ("4.1", "Protecting devices", "Protéger les appareils"),
    ("4.2", "Protecting personal data and privacy", "Protéger les données personnelles et la vie privée"),
    ("4.3", "Protecting health and well-being", "Protéger la santé et le bien-être"),
    ("4.4", "Protecting the environment", "Protéger l’environnement"),
    ("5", "Problem solving", "Résolution de problèmes"),
    ("5.1", "Solving technical problems", "Résoudre des problèmes techniques"),
    ("5.2", "Identifying needs and technological responses", "Identifier les besoins et les réponses technologiques"),
    ("5.3", "Creatively using digital technologies", "Utiliser les technologies numériques de manière créative"),
    ("5.4", "Identifying digital competence gaps", "Identifier les lacunes en compétences numériques"),
]

# In the order in which they are asked.
ITEMS = [
    ("K1", "handling", "Allumer, éteindre, verrouiller", "Switch on, switch off, lock", "5.1"),
    ("K2", "handling", "Toucher l’écran, tenir une souris", "Use a touch screen, hold a mouse", "5.1"),
    ("K3", "handling", "Écrire au clavier, avec accents et @", "Type on a keyboard, with accents and @", "3.1"),
    ("K4", "handling", "Choisir wifi ou données mobiles", "Choose wifi or mobile data", "5.1"),
    ("K5", "finding", "Ouvrir un navigateur, aller sur un site", "Open a browser, go to a site", "1.1"),
    ("K6", "finding", "Chercher, repérer un résultat fiable", "Search, spot a result to be trusted", "1.1 1.2"),
    ("K7", "finding", "Créer et ouvrir une boîte mail", "Create and open a mailbox", "2.1"),
    ("K8", "finding", "Envoyer et recevoir un fichier joint", "Send and receive an attached file", "2.1 2.2"),
    ("K13", "finding", "Photographier un papier et l’envoyer", "Take a picture of a paper and send it", "3.1 2.2"),
    ("K9", "protecting", "Choisir un mot de passe, le retrouver", "Choose a password, recover it", "4.1"),
    ("K10", "protecting", "Reconnaître une arnaque", "Recognise a scam", "4.2"),
    ("K11", "procedures", "Remplir un formulaire en ligne", "Fill in a form online", "2.3"),
    ("K12", "procedures", "Se connecter à un service public", "Sign in to a public service", "2.3"),
    ("K14", "procedures", "Ranger et retrouver un fichier", "Put a file away and find it again", "1.3"),
    ("K15", "procedures", "Savoir à qui demander de l’aide", "Know whom to ask for help", "5.4"),
]


def load(apps: Any, schema_editor: object) -> None:
    Competence = apps.get_model("skills", "Competence")
    Item = apps.get_model("skills", "Item")
    by_code = {
        code: Competence.objects.create(framework="DigComp", version="2.2", code=code, title_en=english, title_fr=french)
        for code, english, french in DIGCOMP
    }
    for position, (code, group, french, english, competences) in enumerate(ITEMS, start=1):
        item = Item.objects.create(code=code, position=position, group=group, title_fr=french, title_en=english)
        item.competences.set([by_code[one] for one in competences.split()])


def unload(apps: Any, schema_editor: object) -> None:
    apps.get_model("skills", "Item").objects.all().delete()
    apps.get_model("skills", "Competence").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("skills", "0001_initial")]
    operations = [migrations.RunPython(load, unload)]
