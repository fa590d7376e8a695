"""Fifty lines as they are typed at a desk, and what is meant by each; RULE.md says how places are judged by it.

Written before the ranking was tuned, on :data:`TUNED`; :data:`HELD` is only measured.
"""

from typing import Any

DIGITAL = [
    "use_computer_here",
    "get_device",
    "use_wifi_here",
    "get_connection",
    "learn_basics",
    "online_procedures",
    "understand",
    "stay_safe",
    "find_work",
    "raise_children",
    "create",
    "print_scan",
]
LEARN, COMPUTER, DEVICE, WIFI = (
    [["learn_basics"]],
    [["use_computer_here"]],
    [["get_device"]],
    [["use_wifi_here"]],
)
PROCEDURES, WORK, SAFE, CHILDREN = (
    [["online_procedures"]],
    [["find_work"]],
    [["stay_safe"]],
    [["raise_children"]],
)
CREATE, ANY = [["create"]], [DIGITAL]
ADVISERS = ["Conseillers numériques"]

TUNED: list[tuple[str, dict[str, Any]]] = [
    ("ordinateur pas cher Saint-Denis", {"near": ["93066"], "needs": DEVICE}),
    (
        "apprendre la souris jeudi après-midi 38000",
        {"near": ["38185"], "needs": LEARN, "when": "Th 12:00-18:00"},
    ),
    ("mediatheque grenble wifi", {"near": ["38185"], "kinds": ["library"], "needs": WIFI}),
    ("aide caf en ligne marseille gratuit", {"near": ["13055"], "needs": PROCEDURES, "cost": "free"}),
    (
        "acces ordinateur et internet aix en provence",
        {"near": ["13001"], "needs": [["use_computer_here"], ["use_wifi_here"]]},
    ),
    (
        "atelier numérique pour seniors Nice",
        {"near": ["06088"], "needs": ANY, "publics": ["seniors"], "modes": ["workshop"]},
    ),
    ("france services gueret", {"near": ["23096"], "kinds": ["france_services"]}),
    ("cours informatique débutant Annecy", {"near": ["74010"], "needs": LEARN}),
    ("trouver du travail sur internet cholet", {"near": ["49099"], "needs": WORK}),
    ("epn angoulème", {"near": ["16015"], "kinds": ["digital_space"]}),
    ("conseiller numérique 06130", {"near": ["06069"], "labels": ADVISERS}),
    (
        "démarches administratives mairie Carpentras",
        {"near": ["84031"], "kinds": ["town_service"], "needs": PROCEDURES},
    ),
    ("bibliothèque avec ordinateurs Chambéry", {"near": ["73065"], "kinds": ["library"], "needs": COMPUTER}),
    ("parentalité écrans enfants Valence", {"near": ["26362"], "needs": CHILDREN}),
    ("arnaques internet sécurité Bastia", {"near": ["2B033"], "needs": SAFE}),
    ("aide numérique illettrisme clermont", {"near": ["63113"], "needs": ANY, "care": ["illiteracy"]}),
    ("reconditionné ordinateur solidaire Bastia", {"near": ["2B033"], "needs": DEVICE}),
    (
        "ouvert samedi matin mediatheque bordeaux",
        {"near": ["33063"], "kinds": ["library"], "when": "Sa 08:00-12:00"},
    ),
    ("mission locale gap", {"near": ["05061"], "name": "mission locale"}),
    ("emmaus connect paris", {"near": ["75056"], "name": "emmaus connect"}),
    ("point numerique draguignan lundi 10h", {"near": ["83050"], "needs": ANY, "when": "Mo 10:00"}),
    (
        "centre social Marseille 13003 ordinateur",
        {"near": ["13203"], "kinds": ["social_centre"], "needs": COMPUTER},
    ),
    ("aidants connect en Charente", {"near": ["16"], "labels": ["Aidants Connect"]}),
    (
        "tablette senior apprendre Arles gratuit",
        {"near": ["13004"], "needs": LEARN, "publics": ["seniors"], "cost": "free"},
    ),
    ("wifi gratuit ajacio", {"near": ["2A004"], "needs": WIFI, "cost": "free"}),
]
HELD: list[tuple[str, dict[str, Any]]] = [
    ("pc d'occasion à bas prix Marseille", {"near": ["13055"], "needs": DEVICE}),
    (
        "se servir d'un smartphone vendredi matin 73000",
        {"near": ["73065"], "needs": LEARN, "when": "Fr 08:00-12:00"},
    ),
    ("bibliotheque st etienne ordinateur", {"near": ["42218"], "kinds": ["library"], "needs": COMPUTER}),
    ("declaration impots en ligne avignon gratuit", {"near": ["84007"], "needs": PROCEDURES, "cost": "free"}),
    ("utiliser un ordi sur place cognac", {"near": ["16102"], "needs": COMPUTER}),
    (
        "cours d'informatique pour personnes agées Toulon",
        {"near": ["83137"], "needs": LEARN, "publics": ["seniors"]},
    ),
    ("maison france service boussac", {"near": ["23031"], "kinds": ["france_services"]}),
    ("initiation word excel Albi", {"near": ["81004"], "needs": LEARN}),
    ("faire son CV sur ordinateur Angers", {"near": ["49007"], "needs": WORK}),
    ("cyber-base saint pierre de la réunion", {"near": ["97416"], "kinds": ["digital_space"]}),
    ("conseillère numérique montauban", {"near": ["82121"], "labels": ADVISERS}),
    ("ccas Cholet papiers en ligne", {"near": ["49099"], "kinds": ["town_service"], "needs": PROCEDURES}),
    ("mediatèque perpignan", {"near": ["66136"], "kinds": ["library"]}),
    ("accompagner la scolarité des enfants sur internet Annemasse", {"near": ["74012"], "needs": CHILDREN}),
    ("mot de passe piraté se protéger Ajaccio", {"near": ["2A004"], "needs": SAFE}),
    ("aide numérique malentendants Annecy", {"near": ["74010"], "needs": ANY, "care": ["deaf"]}),
    ("acheter un ordinateur reconditionné Calvi", {"near": ["2B050"], "needs": DEVICE}),
    ("aide informatique mercredi 14h Reims", {"near": ["51454"], "needs": ANY, "when": "We 14:00"}),
    ("mjc Annecy", {"near": ["74010"], "kinds": ["youth"]}),
    ("emaüs connect lyon", {"near": ["69123"], "name": "emmaus connect"}),
    ("aide aux démarches 97400", {"near": ["97411"], "needs": PROCEDURES}),
    ("tiers lieu Anemasse", {"near": ["74012"], "kinds": ["third_place"]}),
    ("retouche photo loisirs numériques Cholet", {"near": ["49099"], "needs": CREATE}),
    (
        "jeunes 16-25 ordinateur libre accès Nice",
        {"near": ["06088"], "needs": COMPUTER, "publics": ["young"]},
    ),
    (
        "rdv individuel débutant ordinateur Clermont Ferrand",
        {"near": ["63113"], "needs": LEARN, "modes": ["individual"]},
    ),
]
