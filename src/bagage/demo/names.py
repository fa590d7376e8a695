"""Invented persons: first and family names of many origins, spelt as people spell them. Nobody real is meant."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Names that go together, the languages spoken with them, and how often they come (relative)."""

    weight: int
    languages: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    # Other ways the same first name gets written at a counter.
    spellings: tuple[tuple[str, str], ...] = ()
    script: tuple[tuple[str, str], ...] = ()


ORIGINS = (
    Origin(
        24,
        ("français",),
        (
            "Mireille",
            "Chantal",
            "Sylvie",
            "Rose",
            "Nathalie",
            "Corinne",
            "Jeanne",
            "Aurélie",
            "Élodie",
            "Monique",
        ),
        (
            "Gérard",
            "Jean-Luc",
            "Patrick",
            "Paul",
            "Bernard",
            "Thierry",
            "Kévin",
            "Daniel",
            "Michel",
            "Franck",
        ),
        (
            "Lemaire",
            "Perrot",
            "Okombi",
            "Girard",
            "Vasseur",
            "Delattre",
            "Marchand",
            "Rivière",
            "Fontaine",
            "Guérin",
            "Legrand",
            "Colin",
        ),
        (("Jean-Luc", "Jean Luc"), ("Élodie", "Elodie"), ("Kévin", "Kevin")),
    ),
    Origin(
        20,
        ("bambara et français", "soninké, un peu français", "bambara", "peul et français"),
        ("Mariam", "Fatoumata", "Awa", "Kadi", "Djeneba", "Aminata", "Fanta", "Oumou", "Sira", "Assetou"),
        ("Moussa", "Mamadou", "Boubacar", "Ibrahima", "Modibo", "Cheick", "Adama", "Seydou"),
        (
            "Traoré",
            "Diarra",
            "Sylla",
            "Keïta",
            "Coulibaly",
            "Koné",
            "Sissoko",
            "Camara",
            "Doumbia",
            "Touré",
            "Bathily",
        ),
        (
            ("Fatoumata", "Fatouma"),
            ("Mariam", "Mariame"),
            ("Djeneba", "Dieneba"),
            ("Mamadou", "Mahamadou"),
            ("Aminata", "Amineta"),
        ),
    ),
    Origin(
        18,
        ("arabe et français", "arabe", "kabyle et français", "darija, un peu français"),
        ("Nadia", "Halima", "Khadija", "Samia", "Leïla", "Zohra", "Fatima", "Yamina", "Naïma"),
        ("Yusuf", "Mohamed", "Farid", "Bilal", "Karim", "Rachid", "Abdelkader", "Hassan", "Omar"),
        (
            "Benhaddou",
            "Bensaïd",
            "Belkacem",
            "Haddad",
            "El Amrani",
            "Ziani",
            "Cherif",
            "Boudiaf",
            "Mansouri",
            "Aït Ali",
        ),
        (("Mohamed", "Mohammed"), ("Yusuf", "Youssef"), ("Khadija", "Khadidja"), ("Leïla", "Leila")),
        (("Mohamed", "محمد"), ("Fatima", "فاطمة"), ("Yusuf", "يوسف")),
    ),
    Origin(
        7,
        ("roumain", "roumain, un peu français"),
        ("Elena", "Lucia", "Mihaela", "Ioana", "Florentina"),
        ("Sorin", "Ion", "Vasile", "Marian", "Costel"),
        ("Munteanu", "Popescu", "Stan", "Dumitru", "Lăcătuș", "Rusu"),
        (("Mihaela", "Michaela"),),
    ),
    Origin(
        7,
        ("tigrigna", "amharique, un peu français", "tigrigna et anglais"),
        ("Rahel", "Selam", "Hiwot", "Freweyni", "Tsion"),
        ("Dawit", "Yonas", "Filmon", "Tesfay", "Haben"),
        ("Tesfay", "Gebremedhin", "Haile", "Berhane", "Kidane", "Woldu"),
        (("Dawit", "Dawid"), ("Rahel", "Rachel")),
    ),
    Origin(
        6,
        ("dari", "pachto, un peu français", "dari et anglais"),
        ("Zahra", "Parwana", "Shukria", "Nargis"),
        ("Wali", "Ahmad", "Zabihullah", "Najib", "Rahmatullah"),
        ("Ahmadzai", "Noori", "Rahimi", "Stanikzai", "Hotak"),
        (("Ahmad", "Ahmed"), ("Zabihullah", "Zabiullah")),
    ),
    Origin(
        6,
        ("ukrainien", "russe et français", "russe"),
        ("Olena", "Oksana", "Natalia", "Svitlana", "Tetiana"),
        ("Andrii", "Serhii", "Dmytro", "Viktor"),
        ("Kovalenko", "Shevchuk", "Bondarenko", "Tkachenko", "Melnyk"),
        (("Olena", "Elena"), ("Serhii", "Sergueï"), ("Dmytro", "Dmitri")),
        (("Olena", "Олена"), ("Natalia", "Наталія"), ("Serhii", "Сергій")),
    ),
    Origin(
        5,
        ("tibétain", "tibétain, un peu français", "népalais"),
        ("Dolma", "Pema", "Tsering", "Yangzom"),
        ("Tenzin", "Lobsang", "Karma", "Sonam"),
        ("Dolma", "Tsering", "Gyatso", "Sherpa", "Lhamo"),
    ),
    Origin(
        5,
        ("vietnamien", "mandarin", "mandarin, un peu français"),
        ("Thi Lan", "Thi Hoa", "Mei", "Xiuying"),
        ("Van Minh", "Duc", "Wei", "Jun"),
        ("Nguyen", "Tran", "Pham", "Wang", "Li", "Zhou"),
        (("Thi Lan", "Lan"),),
    ),
    Origin(
        5,
        ("lingala et français", "lingala", "portugais et français"),
        ("Bénédicte", "Grâce", "Merveille", "Esperança", "Clarisse"),
        ("Trésor", "Dieudonné", "Patient", "João", "Christian"),
        ("Mbala", "Ilunga", "Kabongo", "Nsimba", "da Silva", "Lukusa"),
        (("Esperança", "Esperanza"), ("João", "Joao")),
    ),
    Origin(
        4,
        ("bengali", "tamoul", "ourdou, un peu français", "bengali et anglais"),
        ("Nasrin", "Shanthi", "Ayesha"),
        ("Rafiq", "Suresh", "Imran", "Shahid"),
        ("Hossain", "Begum", "Selvarajah", "Khan", "Islam"),
        (("Ayesha", "Aïcha"),),
    ),
    Origin(
        3,
        ("espagnol", "espagnol et français", "portugais du Brésil"),
        ("María", "Yolanda", "Luz", "Rosângela"),
        ("Carlos", "Jhon", "Wilson"),
        ("Quispe", "Rojas", "Moreno", "Souza"),
        (("María", "Maria"),),
    ),
)

# What persons say, by pocket; with her words, not ours.
WORDS_DEVICE = (
    "Mon téléphone est cassé, je veux que l’école puisse m’appeler.",
    "Je voudrais un ordinateur pour le CV de mon fils.",
    "On m’a volé mon téléphone à la gare.",
    "Je me sers de celui de ma sœur, j’en voudrais un à moi.",
    "L’écran ne marche plus, je ne vois plus les messages.",
    "Un ordinateur, même petit, pour les devoirs.",
)
WORDS_CONNECTION = (
    "Je veux que la préfecture puisse m’appeler.",
    "Ma recharge part en trois jours.",
    "Je veux parler à ma mère, à Kayes, sans tout payer.",
    "Ils ont coupé ma ligne, je n’ai pas compris pourquoi.",
    "Il me faut internet à l’hôtel, pour les enfants.",
    "Je paie 31 euros, c’est trop.",
)
WORDS_SKILLS = (
    "Je veux faire ma demande de logement moi-même.",
    "Je veux voir ma fille en vidéo, elle est à Bamako.",
    "Je veux comprendre les messages de l’école.",
    "Je veux envoyer un papier avec mon téléphone.",
    "Je ne sais pas me servir de la souris.",
    "Je veux une boîte mail à moi, et m’en souvenir.",
    "Je veux garder mes photos si je perds le téléphone.",
    "Je veux savoir si un message est une arnaque.",
    "Je veux prendre rendez-vous tout seul sur internet.",
)
SUBJECTS = (
    "Premier entretien",
    "Recharge",
    "Appels vidéo",
    "Créer une boîte mail",
    "Choisir un téléphone",
    "Ligne coupée",
    "Mes démarches",
    "Envoyer un papier",
    "Choisir un ordinateur",
    "Mot de passe",
)
QUEUE_TOPICS = ("Recharge", "Imprimer un papier", "Poste libre", "", "Téléphone bloqué", "Lire un message")
DECLINED = (
    "La permanence n’a plus de place pour un premier entretien avant janvier. Saint-Denis peut la recevoir.",
    "Elle est déjà suivie ailleurs et préfère y rester.",
    "Elle demande une aide que nous ne donnons pas : réparer un téléviseur.",
)
LEFT_WITH = (
    "un téléphone et une ligne",
    "une ligne solidaire",
    "une boîte mail à elle",
    "un ordinateur",
    "ce qu’elle demandait",
)
