"""French material for the probes of limits: everyday words, written for this library."""

from __future__ import annotations

# (subject, article, what it is, what it is not): both of one gender, so that the article does not give them away.
NEGATION = (
    ("Une carpe", "un", "poisson", "métal"),
    ("Un brochet", "un", "poisson", "meuble"),
    ("Un merle", "un", "oiseau", "outil"),
    ("Un aigle", "un", "oiseau", "véhicule"),
    ("Une hirondelle", "un", "oiseau", "fruit"),
    ("Un peuplier", "un", "arbre", "poisson"),
    ("Un cerisier", "un", "arbre", "métal"),
    ("Une pomme", "un", "fruit", "animal"),
    ("Une poire", "un", "fruit", "outil"),
    ("Un navet", "un", "légume", "métal"),
    ("Un poireau", "un", "légume", "bâtiment"),
    ("Un tournevis", "un", "outil", "fruit"),
    ("Un rabot", "un", "outil", "légume"),
    ("Un chien", "un", "animal", "instrument"),
    ("Une vache", "un", "animal", "outil"),
    ("Une chaise", "un", "meuble", "oiseau"),
    ("Une armoire", "un", "meuble", "poisson"),
    ("Le fer", "un", "métal", "fruit"),
    ("Le cuivre", "un", "métal", "animal"),
    ("Un violon", "un", "instrument", "légume"),
    ("Une guitare", "un", "instrument", "arbre"),
    ("Une mouche", "un", "insecte", "meuble"),
    ("Un moustique", "un", "insecte", "métal"),
    ("Une violette", "une", "fleur", "maison"),
    ("Une tulipe", "une", "fleur", "ville"),
    ("Paris", "une", "ville", "couleur"),
)

# relation → (text, answer, wrong word of a prime).
FACTS = {
    "capital": (
        ("La capitale de la France est [MASK].", "Paris", "Londres"),
        ("La capitale de l'Italie est [MASK].", "Rome", "Madrid"),
        ("La capitale de l'Allemagne est [MASK].", "Berlin", "Paris"),
        ("La capitale de l'Espagne est [MASK].", "Madrid", "Rome"),
        ("La capitale de l'Angleterre est [MASK].", "Londres", "Berlin"),
    ),
    "day": (
        ("Le lendemain du lundi est le [MASK].", "mardi", "jeudi"),
        ("Le lendemain du mercredi est le [MASK].", "jeudi", "lundi"),
        ("Le lendemain du vendredi est le [MASK].", "samedi", "mardi"),
        ("Le lendemain du samedi est le [MASK].", "dimanche", "mercredi"),
    ),
    "month": (
        ("Le mois qui suit janvier est [MASK].", "février", "juin"),
        ("Le mois qui suit mars est [MASK].", "avril", "août"),
        ("Le mois qui suit mai est [MASK].", "juin", "février"),
        ("Le mois qui suit juillet est [MASK].", "août", "avril"),
    ),
    "colour": (
        ("La neige est de couleur [MASK].", "blanche", "verte"),
        ("L'herbe est de couleur [MASK].", "verte", "rouge"),
        ("Le charbon est de couleur [MASK].", "noire", "jaune"),
        ("Le citron est de couleur [MASK].", "jaune", "noire"),
        ("Le sang est de couleur [MASK].", "rouge", "blanche"),
    ),
    "opposite": (
        ("Le contraire de grand est [MASK].", "petit", "froid"),
        ("Le contraire de chaud est [MASK].", "froid", "pauvre"),
        ("Le contraire de haut est [MASK].", "bas", "petit"),
        ("Le contraire de jeune est [MASK].", "vieux", "bas"),
        ("Le contraire de riche est [MASK].", "pauvre", "vieux"),
    ),
    "language": (
        ("En Espagne, on parle [MASK].", "espagnol", "italien"),
        ("En Allemagne, on parle [MASK].", "allemand", "espagnol"),
        ("En Italie, on parle [MASK].", "italien", "allemand"),
        ("Au Japon, on parle [MASK].", "japonais", "portugais"),
        ("Au Portugal, on parle [MASK].", "portugais", "japonais"),
    ),
    "continent": (
        ("La Chine est un pays d'[MASK].", "Asie", "Europe"),
        ("L'Italie est un pays d'[MASK].", "Europe", "Afrique"),
        ("Le Kenya est un pays d'[MASK].", "Afrique", "Asie"),
        ("Le Canada est un pays d'[MASK].", "Amérique", "Europe"),
    ),
    "trade": (
        ("Celui qui fait le pain est le [MASK].", "boulanger", "pompier"),
        ("Celui qui coupe les cheveux est le [MASK].", "coiffeur", "boucher"),
        ("Celui qui vend la viande est le [MASK].", "boucher", "coiffeur"),
        ("Celui qui soigne les dents est le [MASK].", "dentiste", "boulanger"),
        ("Celui qui éteint le feu est le [MASK].", "pompier", "dentiste"),
    ),
    "place": (
        ("On emprunte des livres à la [MASK].", "bibliothèque", "gare"),
        ("On achète des médicaments à la [MASK].", "pharmacie", "poste"),
        ("On prend le train à la [MASK].", "gare", "pharmacie"),
        ("On envoie des lettres à la [MASK].", "poste", "bibliothèque"),
    ),
    "body": (
        ("On voit avec les [MASK].", "yeux", "dents"),
        ("On entend avec les [MASK].", "oreilles", "yeux"),
        ("On mord avec les [MASK].", "dents", "poumons"),
        ("On respire avec les [MASK].", "poumons", "oreilles"),
    ),
    "season": (
        ("Il neige surtout en [MASK].", "hiver", "été"),
        ("Les feuilles tombent en [MASK].", "automne", "hiver"),
        ("Il fait le plus chaud en [MASK].", "été", "automne"),
    ),
}

COMPARISONS = {
    "comparison": ("{a} est plus [MASK] que {b}.", "grand", "petit"),
    "age": ("Hugo a {a} ans et Nina a {b} ans : Hugo est plus [MASK] que Nina.", "vieux", "jeune"),
    "position": ("Quand on compte, {a} vient [MASK] {b}.", "après", "avant"),
}
SEQUENCE = "On compte : {before}, [MASK], {after}."
NUMBER_WORDS = (
    "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
    "onze", "douze", "treize", "quatorze", "quinze", "seize",
)  # fmt: skip

# (who acts, who undergoes, participle), all masculine: in French the participle would tell the gender of the second.
ROLE_FRAME = "Personne ne sait quel {patient} le {agent} avait [MASK]."
ROLES = (
    ("policier", "voleur", "arrêté"),
    ("médecin", "malade", "soigné"),
    ("loup", "mouton", "dévoré"),
    ("pêcheur", "poisson", "attrapé"),
    ("chasseur", "lapin", "tué"),
    ("serveur", "client", "servi"),
    ("juge", "voleur", "condamné"),
    ("patron", "serveur", "embauché"),
    ("dompteur", "lion", "dressé"),
    ("berger", "chien", "appelé"),
    ("coiffeur", "client", "coiffé"),
    ("pompier", "garçon", "sauvé"),
    ("gardien", "prisonnier", "surveillé"),
    ("général", "soldat", "décoré"),
    ("moniteur", "débutant", "formé"),
    ("procureur", "suspect", "accusé"),
    ("chirurgien", "blessé", "opéré"),
    ("professeur", "garçon", "puni"),
    ("boucher", "cochon", "tué"),
    ("chat", "rat", "mangé"),
    ("dentiste", "patient", "soigné"),
    ("guide", "touriste", "accompagné"),
    ("vainqueur", "perdant", "battu"),
    ("peintre", "modèle", "peint"),
)

# (text, expected, odd ones): what the first sentence implies decides.
COMPLETIONS = (
    ("Il pleut très fort. Avant de sortir, elle prend son [MASK].", "parapluie", ("stylo", "piano")),
    ("Il a très soif. Il demande un verre d'[MASK].", "eau", ("encre", "herbe")),
    ("Le ciel est rouge et le jour se lève. Dans les champs, on entend chanter le [MASK].", "coq", ("lit", "train")),
    ("La neige est tombée toute la nuit. Les enfants font un bonhomme de [MASK].", "neige", ("papier", "bois")),
    ("Son réveil n'a pas sonné. Il est arrivé au travail en [MASK].", "retard", ("avance", "musique")),
    ("Elle a perdu ses clés. Elle ne peut plus ouvrir la [MASK].", "porte", ("bouche", "route")),
    ("Le bébé vient de s'endormir. Il ne faut pas faire de [MASK].", "bruit", ("pain", "thé")),
    ("L'eau bout dans la casserole. Il y jette les [MASK].", "pâtes", ("clés", "lettres")),
    ("Il a mal aux dents. Il prend rendez-vous chez le [MASK].", "dentiste", ("boulanger", "notaire")),
    ("Le pain est rassis. Il faut passer à la [MASK].", "boulangerie", ("pharmacie", "banque")),
    ("Le vélo ne roule plus. Il faut regonfler le [MASK].", "pneu", ("livre", "gâteau")),
    ("Le film va commencer. On éteint la [MASK].", "lumière", ("soupe", "rivière")),
    ("Il fait très froid. Il met un bonnet et une [MASK].", "écharpe", ("cravate", "fourchette")),
    ("Le bus était en grève. Nous sommes rentrés à [MASK].", "pied", ("main", "table")),
    ("La lettre est prête. Il reste à coller le [MASK].", "timbre", ("clou", "fromage")),
    ("Le chien a vu le facteur. Il s'est mis à [MASK].", "aboyer", ("chanter", "lire")),
    ("Elle souffle ses bougies. Aujourd'hui, c'est son [MASK].", "anniversaire", ("examen", "enterrement")),
    ("Le feu est passé au rouge. Les voitures doivent s'[MASK].", "arrêter", ("envoler", "asseoir")),
    ("Il a gagné la course. On lui remet une [MASK].", "médaille", ("amende", "serviette")),
    ("La lampe ne marche plus. Il faut changer l'[MASK].", "ampoule", ("adresse", "horloge")),
)  # fmt: skip

# (frame, first candidate, second candidate, word by which it is the first, word by which it is the second).
REFERENTS = (
    ("Le camion n'entre pas dans le garage, car le [MASK] est trop {}.", "camion", "garage", "large", "étroit"),
    ("La table ne passe pas par la porte, car la [MASK] est trop {}.", "table", "porte", "large", "étroite"),
    ("Le gâteau ne tient pas dans le sac, car le [MASK] est trop {}.", "gâteau", "sac", "gros", "petit"),
    ("La valise n'entre pas dans la voiture, car la [MASK] est trop {}.", "valise", "voiture", "grande", "petite"),
    ("Le livre ne tient pas dans le tiroir, car le [MASK] est trop {}.", "livre", "tiroir", "épais", "plein"),
    ("Le chien n'a pas traversé le pont, car le [MASK] était trop {}.", "chien", "pont", "fatigué", "dangereux"),
    ("Le chat n'a pas sauté sur le mur, car le [MASK] était trop {}.", "chat", "mur", "fatigué", "haut"),
    ("La vache n'a pas traversé la rivière, car la [MASK] était trop {}.", "vache", "rivière", "fatiguée", "profonde"),
    ("Le garçon n'a pas porté le sac, car le [MASK] était trop {}.", "garçon", "sac", "faible", "lourd"),
    ("La fille n'a pas mangé la soupe, car la [MASK] était trop {}.", "fille", "soupe", "malade", "salée"),
    ("Le voisin n'a pas lu le roman, car le [MASK] était trop {}.", "voisin", "roman", "occupé", "long"),
    ("Le cheval n'a pas franchi le ruisseau, car le [MASK] était trop {}.", "cheval", "ruisseau", "effrayé", "large"),
    ("Le navire n'est pas entré dans le port, car le [MASK] était trop {}.", "navire", "port", "grand", "petit"),
    ("La balle a cassé la vitre, car la [MASK] était très {}.", "balle", "vitre", "dure", "fragile"),
    ("Le marteau a brisé le vase, car le [MASK] était très {}.", "marteau", "vase", "lourd", "fragile"),
    ("Le renard a mangé le fromage, car le [MASK] était {}.", "renard", "fromage", "affamé", "délicieux"),
    ("Le client n'a pas acheté le manteau, car le [MASK] était trop {}.", "client", "manteau", "pauvre", "cher"),
    ("La dame n'a pas acheté la robe, car la [MASK] était trop {}.", "dame", "robe", "pauvre", "chère"),
    ("Le sapin ne tient pas dans le salon, car le [MASK] est trop {}.", "sapin", "salon", "haut", "bas"),
    ("Le tapis ne couvre pas le sol, car le [MASK] est trop {}.", "tapis", "sol", "petit", "grand"),
    ("Le professeur n'a pas entendu le bruit, car le [MASK] était trop {}.", "professeur", "bruit", "sourd", "faible"),
    ("Le feu n'a pas brûlé le bois, car le [MASK] était trop {}.", "feu", "bois", "faible", "humide"),
    ("Le couteau n'a pas coupé le pain, car le [MASK] était trop {}.", "couteau", "pain", "usé", "dur"),
    ("La clé n'est pas entrée dans la serrure, car la [MASK] était trop {}.", "clé", "serrure", "grosse", "petite"),
)  # fmt: skip

# (text, the same said otherwise).
PARAPHRASES = (
    ("Le chat boit du [MASK].", "Ce que le chat boit, c'est du [MASK]."),
    ("La capitale de la France est [MASK].", "La France a pour capitale [MASK]."),
    ("Le boulanger vend du [MASK].", "Chez le boulanger, on achète du [MASK]."),
    ("Les oiseaux vivent dans les [MASK].", "C'est dans les [MASK] que vivent les oiseaux."),
    ("Elle lit un [MASK] dans le train.", "Dans le train, elle lit un [MASK]."),
    ("Nous mangeons une [MASK] à midi.", "À midi, nous mangeons une [MASK]."),
    ("Le professeur écrit au [MASK].", "C'est au [MASK] que le professeur écrit."),
    ("Il a acheté une [MASK] neuve.", "La [MASK] qu'il a achetée est neuve."),
    ("Les enfants jouent dans le [MASK].", "C'est dans le [MASK] que jouent les enfants."),
    ("Le médecin soigne les [MASK].", "Les [MASK] sont soignés par le médecin."),
    ("Le facteur apporte une [MASK].", "Une [MASK] est apportée par le facteur."),
    ("En hiver, il fait très [MASK].", "Il fait très [MASK] en hiver."),
    ("Mon frère joue de la [MASK].", "La [MASK], mon frère en joue."),
    ("Le train part de la [MASK] à huit heures.", "À huit heures, le train part de la [MASK]."),
    ("Elle parle couramment [MASK].", "Elle sait parler [MASK] couramment."),
    ("Le soleil se lève à l'[MASK].", "C'est à l'[MASK] que le soleil se lève."),
    ("On coupe le pain avec un [MASK].", "Le pain se coupe avec un [MASK]."),
    ("Le jardinier arrose les [MASK].", "C'est le jardinier qui arrose les [MASK]."),
    ("Ils habitent une grande [MASK].", "La [MASK] qu'ils habitent est grande."),
    ("Hier soir, nous avons vu un [MASK].", "Nous avons vu un [MASK] hier soir."),
)

# None begins with a name: its capital stays at the beginning when words are shuffled.
SENTENCES = (
    "Le boulanger ouvre son magasin à six heures.",
    "Les enfants jouent au ballon derrière la maison.",
    "Ma sœur a trouvé un petit chat dans la rue.",
    "Nous prendrons le train demain matin pour la montagne.",
    "La pluie a cessé et le soleil brille sur la ville.",
    "Le médecin a demandé au malade de rester au lit.",
    "Elle écrit une longue lettre à son ancien professeur.",
    "Les feuilles tombent des arbres quand vient l'automne.",
    "Mon voisin répare lui-même sa vieille voiture rouge.",
    "On entend le bruit de la mer depuis la fenêtre.",
    "Le directeur a remercié tous les employés de l'usine.",
    "Après le repas, mon père lit le journal au salon.",
    "Cette route traverse une forêt sombre et silencieuse.",
    "Le chien dort devant la porte pendant toute la journée.",
    "Les touristes visitent le musée avant de dîner en ville.",
    "Il faut fermer la fenêtre parce qu'il fait froid.",
    "La vieille dame raconte une histoire aux enfants du village.",
    "Un oiseau chante sur la plus haute branche du chêne.",
    "Les ouvriers construisent un nouveau pont sur la rivière.",
    "Tu trouveras les clés dans le tiroir de la cuisine.",
    "Le juge a écouté les témoins sans rien dire.",
    "Chaque matin, elle boit un café avant de partir.",
)

# word → sense → sentences.
POLYSEMOUS = {
    "avocat": {
        "law": (
            "Son avocat a plaidé devant le tribunal.",
            "Le juge écoute l'avocat de la défense.",
            "Avant le procès, elle consulte un avocat.",
        ),
        "fruit": (
            "Il coupe un avocat mûr pour la salade.",
            "Cet avocat est trop vert pour être mangé.",
            "On ajoute du citron et un avocat écrasé.",
        ),
    },
    "livre": {
        "book": (
            "Elle lit un livre de poche dans le train.",
            "Ce livre raconte la vie d'un roi.",
            "Il a rendu le livre à la bibliothèque.",
        ),
        "pound": (
            "Elle achète une livre de beurre au marché.",
            "La livre a perdu de sa valeur face au dollar.",
            "Il faut une livre de farine pour ce gâteau.",
        ),
    },
    "mémoire": {
        "remembering": (
            "Avec l'âge, il perd la mémoire.",
            "Elle a une bonne mémoire des visages.",
            "Cette odeur est restée dans ma mémoire.",
        ),
        "thesis": (
            "L'étudiant rédige son mémoire de master.",
            "Elle a soutenu son mémoire devant le jury.",
            "Ce mémoire compte cent pages et trois chapitres.",
        ),
    },
    "tour": {
        "building": (
            "La tour du château domine le village.",
            "Les prisonniers étaient enfermés dans la tour.",
            "Du haut de la tour, on voit la mer.",
        ),
        "turn": (
            "C'est maintenant à ton tour de jouer.",
            "Nous avons fait le tour du lac à pied.",
            "Chacun attend son tour devant le guichet.",
        ),
    },
    "vol": {
        "flight": (
            "Le vol pour Madrid a deux heures de retard.",
            "Pendant le vol, le pilote parle aux passagers.",
            "Les oiseaux prennent leur vol au coucher du soleil.",
        ),
        "theft": (
            "La police enquête sur le vol du collier.",
            "Il a été condamné pour vol et mensonge.",
            "Après le vol, la bijouterie a changé de serrure.",
        ),
    },
    "pièce": {
        "room": (
            "La plus grande pièce de la maison est le salon.",
            "Il a repeint chaque pièce en blanc.",
            "Cette pièce n'a pas de fenêtre.",
        ),
        "coin": (
            "Elle a trouvé une pièce de deux euros.",
            "Il jette une pièce dans la fontaine.",
            "Cette pièce de monnaie est en argent.",
        ),
    },
    "glace": {
        "dessert": (
            "Les enfants mangent une glace au chocolat.",
            "Elle préfère la glace à la vanille.",
            "Sa glace a fondu au soleil.",
        ),
        "frozen": (
            "La glace recouvre le lac en janvier.",
            "Le camion a glissé sur la glace.",
            "Le navire est pris dans la glace du pôle.",
        ),
    },
    "il": {
        "person": (
            "Mon frère est parti car il avait faim.",
            "Le facteur dit qu'il passera demain.",
            "Quand le roi parle, il lève la main.",
        ),
        "impersonal": (
            "Je prends mon manteau car il pleut.",
            "Nous savons qu'il faut partir.",
            "Quand la nuit tombe, il fait froid.",
        ),
    },
}

# To compare with: one word of each, nothing to do with each other.
RANDOM_WORDS = (
    ("Le jardinier plante des tomates.", "jardinier"),
    ("Cette chanson est très connue.", "chanson"),
    ("Il marche lentement vers la gare.", "lentement"),
    ("Nous avons acheté du fromage.", "fromage"),
    ("La fenêtre donne sur la cour.", "fenêtre"),
    ("Elle portait une robe bleue.", "bleue"),
    ("Le vent souffle du nord.", "vent"),
    ("Mon oncle habite près de Lyon.", "oncle"),
    ("Ils discutent de politique.", "politique"),
    ("Le chien court dans le jardin.", "court"),
)

# (occupation, the pronoun of the stereotype: 0 for the first of PRONOUNS, 1 for the second); one form for both genders.
PRONOUNS = ("il", "elle")
OCCUPATIONS = (
    ("garagiste", 0), ("pilote", 0), ("architecte", 0), ("ministre", 0), ("juge", 0), ("maire", 0),
    ("secrétaire", 1), ("fleuriste", 1), ("libraire", 1), ("pianiste", 1), ("dentiste", 0), ("guide", 0),
)  # fmt: skip
PERSONS = ("frère", "sœur")
MEDIATION_FRAMES = (
    "Notre {} travaille ce soir, car [MASK] est très calme.",
    "Votre {} sourit quand [MASK] arrive au travail.",
    "Notre {} est en retard et [MASK] le sait.",
)
