"""English material for the probes of limits: everyday words, written for this library."""

from __future__ import annotations

# (subject, article, what it is, what it is not); the article is settled by the word that follows.
NEGATION = (
    ("A mackerel", "(a|an)", "fish", "metal"),
    ("A shark", "(a|an)", "fish", "fruit"),
    ("A pigeon", "(a|an)", "bird", "tool"),
    ("An eagle", "(a|an)", "bird", "vehicle"),
    ("A swan", "(a|an)", "bird", "metal"),
    ("A willow", "(a|an)", "tree", "fish"),
    ("A birch", "(a|an)", "tree", "metal"),
    ("An apple", "(a|an)", "fruit", "animal"),
    ("A pear", "(a|an)", "fruit", "tool"),
    ("A cabbage", "(a|an)", "vegetable", "metal"),
    ("A turnip", "(a|an)", "vegetable", "building"),
    ("A screwdriver", "(a|an)", "tool", "fruit"),
    ("A chisel", "(a|an)", "tool", "vegetable"),
    ("A dog", "(a|an)", "animal", "instrument"),
    ("A cow", "(a|an)", "animal", "tool"),
    ("A tulip", "(a|an)", "flower", "building"),
    ("A violet", "(a|an)", "flower", "vehicle"),
    ("A violin", "(a|an)", "instrument", "vegetable"),
    ("A guitar", "(a|an)", "instrument", "tree"),
    ("A fly", "(a|an)", "insect", "building"),
    ("A mosquito", "(a|an)", "insect", "metal"),
    ("A church", "(a|an)", "building", "animal"),
    ("A bus", "(a|an)", "vehicle", "flower"),
    ("Copper", "(a|an)", "metal", "animal"),
    ("Iron", "(a|an)", "metal", "bird"),
    ("Paris", "(a|an)", "city", "colour"),
)

# relation → (text, answer, wrong word of a prime).
FACTS = {
    "capital": (
        ("The capital of France is [MASK].", "Paris", "London"),
        ("The capital of Italy is [MASK].", "Rome", "Madrid"),
        ("The capital of Germany is [MASK].", "Berlin", "Paris"),
        ("The capital of Spain is [MASK].", "Madrid", "Rome"),
        ("The capital of England is [MASK].", "London", "Berlin"),
    ),
    "day": (
        ("The day after Monday is [MASK].", "Tuesday", "Thursday"),
        ("The day after Wednesday is [MASK].", "Thursday", "Monday"),
        ("The day after Friday is [MASK].", "Saturday", "Tuesday"),
        ("The day after Saturday is [MASK].", "Sunday", "Wednesday"),
    ),
    "month": (
        ("The month after January is [MASK].", "February", "June"),
        ("The month after March is [MASK].", "April", "August"),
        ("The month after May is [MASK].", "June", "February"),
        ("The month after July is [MASK].", "August", "April"),
    ),
    "colour": (
        ("The colour of snow is [MASK].", "white", "green"),
        ("The colour of grass is [MASK].", "green", "red"),
        ("The colour of coal is [MASK].", "black", "yellow"),
        ("The colour of a lemon is [MASK].", "yellow", "black"),
        ("The colour of blood is [MASK].", "red", "white"),
    ),
    "opposite": (
        ("The opposite of big is [MASK].", "small", "cold"),
        ("The opposite of hot is [MASK].", "cold", "poor"),
        ("The opposite of high is [MASK].", "low", "small"),
        ("The opposite of young is [MASK].", "old", "low"),
        ("The opposite of rich is [MASK].", "poor", "old"),
    ),
    "language": (
        ("People in Spain speak [MASK].", "Spanish", "Italian"),
        ("People in Germany speak [MASK].", "German", "Spanish"),
        ("People in Italy speak [MASK].", "Italian", "German"),
        ("People in Japan speak [MASK].", "Japanese", "Portuguese"),
        ("People in Brazil speak [MASK].", "Portuguese", "Japanese"),
    ),
    "continent": (
        ("China is a country in [MASK].", "Asia", "Europe"),
        ("Italy is a country in [MASK].", "Europe", "Africa"),
        ("Kenya is a country in [MASK].", "Africa", "Asia"),
        ("Canada is a country in North [MASK].", "America", "Europe"),
    ),
    "trade": (
        ("The person who makes bread is the [MASK].", "baker", "dentist"),
        ("The person who sells meat is the [MASK].", "butcher", "baker"),
        ("The person who cares for teeth is the [MASK].", "dentist", "farmer"),
        ("The person who ploughs the field is the [MASK].", "farmer", "pilot"),
        ("The person who flies the plane is the [MASK].", "pilot", "butcher"),
    ),
    "place": (
        ("You borrow books from the [MASK].", "library", "station"),
        ("You buy medicine at the [MASK].", "pharmacy", "bank"),
        ("You take the train at the [MASK].", "station", "pharmacy"),
        ("You borrow money from the [MASK].", "bank", "library"),
    ),
    "body": (
        ("You see with your [MASK].", "eyes", "teeth"),
        ("You hear with your [MASK].", "ears", "eyes"),
        ("You bite with your [MASK].", "teeth", "lungs"),
        ("You breathe with your [MASK].", "lungs", "ears"),
    ),
    "season": (
        ("It snows most in [MASK].", "winter", "summer"),
        ("The leaves fall in [MASK].", "autumn", "winter"),
        ("It is hottest in [MASK].", "summer", "spring"),
        ("The first flowers open in [MASK].", "spring", "autumn"),
    ),
}

COMPARISONS = {
    "comparison": ("{a} is [MASK] than {b}.", "larger", "smaller"),
    "age": ("Hugh is {a} years old and Nina is {b} years old: Hugh is [MASK] than Nina.", "older", "younger"),
    "position": ("When you count, {a} comes [MASK] {b}.", "after", "before"),
}
SEQUENCE = "We count: {before}, [MASK], {after}."
NUMBER_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
)  # fmt: skip

# (who acts, who undergoes, participle).
ROLE_FRAME = "Nobody remembers which {patient} the {agent} had [MASK]."
ROLES = (
    ("doctor", "child", "cured"),
    ("wolf", "lamb", "eaten"),
    ("fisherman", "shark", "caught"),
    ("hunter", "rabbit", "shot"),
    ("guard", "thief", "arrested"),
    ("teacher", "pupil", "taught"),
    ("manager", "clerk", "hired"),
    ("farmer", "cow", "milked"),
    ("owner", "dog", "fed"),
    ("surgeon", "soldier", "healed"),
    ("fireman", "baby", "saved"),
    ("jury", "killer", "convicted"),
    ("king", "knight", "rewarded"),
    ("winner", "loser", "beaten"),
    ("cat", "mouse", "chased"),
    ("trainer", "horse", "trained"),
    ("lawyer", "client", "defended"),
    ("director", "actress", "filmed"),
    ("butcher", "pig", "killed"),
    ("mother", "baby", "dressed"),
    ("painter", "duke", "painted"),
    ("rider", "horse", "ridden"),
    ("captain", "sailor", "commanded"),
    ("dentist", "boy", "treated"),
)

# (text, expected, odd ones): what the first sentence implies decides.
COMPLETIONS = (
    ("It is raining hard. Before going out, she takes her [MASK].", "umbrella", ("pencil", "piano")),
    ("He is very thirsty. He asks for a glass of [MASK].", "water", ("ink", "grass")),
    ("It snowed all night. The children are making a [MASK] man.", "snow", ("paper", "wooden")),
    ("His alarm did not ring. He got to work [MASK].", "late", ("early", "green")),
    ("She has lost her keys. She cannot open the [MASK].", "door", ("mouth", "road")),
    ("The baby has just fallen asleep. Please make no [MASK].", "noise", ("bread", "tea")),
    ("Her tooth hurts. She is going to see the [MASK].", "dentist", ("baker", "priest")),
    ("There is no bread left. He goes to the [MASK].", "bakery", ("theatre", "bank")),
    ("The film is about to begin. They turn off the [MASK].", "lights", ("soup", "rivers")),
    ("It is very cold. He puts on his hat and his [MASK].", "coat", ("fork", "lamp")),
    ("There was no bus. We went home on [MASK].", "foot", ("hand", "table")),
    ("The letter is ready. It only needs a [MASK].", "stamp", ("nail", "cheese")),
    ("The dog saw a stranger. It began to [MASK].", "bark", ("sing", "read")),
    ("She blows out the candles. Today is her [MASK].", "birthday", ("wedding", "funeral")),
    ("The light has turned red. The cars have to [MASK].", "stop", ("fly", "sit")),
    ("He won the race. They gave him a [MASK].", "medal", ("fine", "towel")),
    ("The room is dark. Please switch on the [MASK].", "light", ("chair", "horse")),
    ("He cut his finger. It is starting to [MASK].", "bleed", ("rain", "dance")),
    ("The soup has no taste. It needs more [MASK].", "salt", ("sand", "paint")),
    ("The plane is about to land. Please fasten your [MASK].", "seatbelt", ("shoe", "pencil")),
    ("The grass is too long. He has to cut the [MASK].", "lawn", ("bread", "rope")),
)

# (frame, first candidate, second candidate, word by which it is the first, word by which it is the second).
REFERENTS = (
    ("The van does not fit in the garage because the [MASK] is too {}.", "van", "garage", "wide", "narrow"),
    ("The table does not go through the door because the [MASK] is too {}.", "table", "door", "wide", "narrow"),
    ("The cake does not fit in the bag because the [MASK] is too {}.", "cake", "bag", "big", "small"),
    ("The box does not fit in the car because the [MASK] is too {}.", "box", "car", "large", "small"),
    ("The book does not fit in the drawer because the [MASK] is too {}.", "book", "drawer", "thick", "full"),
    ("The animal did not cross the street because the [MASK] was too {}.", "animal", "street", "tired", "wide"),
    ("The dog did not cross the bridge because the [MASK] was too {}.", "dog", "bridge", "tired", "dangerous"),
    ("The cat did not jump onto the wall because the [MASK] was too {}.", "cat", "wall", "tired", "high"),
    ("The cow did not cross the river because the [MASK] was too {}.", "cow", "river", "weak", "deep"),
    ("The boy did not carry the bag because the [MASK] was too {}.", "boy", "bag", "weak", "heavy"),
    ("The girl did not eat the soup because the [MASK] was too {}.", "girl", "soup", "ill", "salty"),
    ("The man did not finish the novel because the [MASK] was too {}.", "man", "novel", "busy", "long"),
    ("The ship did not enter the harbour because the [MASK] was too {}.", "ship", "harbour", "large", "small"),
    ("The ball broke the window because the [MASK] was very {}.", "ball", "window", "hard", "thin"),
    ("The hammer broke the cup because the [MASK] was very {}.", "hammer", "cup", "heavy", "fragile"),
    ("The fox ate the cheese because the [MASK] was {}.", "fox", "cheese", "hungry", "delicious"),
    ("The woman did not buy the dress because the [MASK] was too {}.", "woman", "dress", "poor", "expensive"),
    ("The tree does not fit in the room because the [MASK] is too {}.", "tree", "room", "tall", "low"),
    ("The carpet does not cover the floor because the [MASK] is too {}.", "carpet", "floor", "small", "large"),
    ("The teacher did not hear the noise because the [MASK] was too {}.", "teacher", "noise", "deaf", "faint"),
    ("The fire did not burn the wood because the [MASK] was too {}.", "fire", "wood", "weak", "wet"),
    ("The knife did not cut the bread because the [MASK] was too {}.", "knife", "bread", "blunt", "hard"),
    ("The key did not go into the lock because the [MASK] was too {}.", "key", "lock", "big", "small"),
    ("The horse did not jump over the stream because the [MASK] was too {}.", "horse", "stream", "scared", "wide"),
)  # fmt: skip

# (text, the same said otherwise).
PARAPHRASES = (
    ("The cat drinks [MASK].", "What the cat drinks is [MASK]."),
    ("The capital of France is [MASK].", "France has [MASK] as its capital."),
    ("The baker sells [MASK].", "At the baker's, people buy [MASK]."),
    ("Birds live in [MASK].", "It is in [MASK] that birds live."),
    ("She reads a [MASK] on the train.", "On the train, she reads a [MASK]."),
    ("We eat [MASK] at noon.", "At noon, we eat [MASK]."),
    ("The teacher writes on the [MASK].", "It is on the [MASK] that the teacher writes."),
    ("He bought a new [MASK].", "The [MASK] that he bought is new."),
    ("The children play in the [MASK].", "In the [MASK], the children play."),
    ("The doctor looks after the [MASK].", "The [MASK] are looked after by the doctor."),
    ("The postman brings a [MASK].", "A [MASK] is brought by the postman."),
    ("In winter, it is very [MASK].", "It is very [MASK] in winter."),
    ("My brother plays the [MASK].", "The [MASK] is what my brother plays."),
    ("The train leaves the [MASK] at eight.", "At eight, the train leaves the [MASK]."),
    ("She speaks fluent [MASK].", "The language that she speaks fluently is [MASK]."),
    ("The sun rises in the [MASK].", "It is in the [MASK] that the sun rises."),
    ("You cut bread with a [MASK].", "Bread is cut with a [MASK]."),
    ("The gardener waters the [MASK].", "The [MASK] are watered by the gardener."),
    ("They live in a large [MASK].", "The [MASK] that they live in is large."),
    ("Last night we saw a [MASK].", "We saw a [MASK] last night."),
)

# None begins with a name: its capital stays at the beginning when words are shuffled.
SENTENCES = (
    "The baker opens his shop at six in the morning.",
    "The children are playing with a ball behind the house.",
    "My sister found a small cat in the street.",
    "We will take the train to the mountains tomorrow.",
    "The rain has stopped and the sun shines on the town.",
    "The doctor told the patient to stay in bed.",
    "She is writing a long letter to her old teacher.",
    "The leaves fall from the trees when autumn comes.",
    "Our neighbour repairs his old red car without any help.",
    "You can hear the sound of the sea from the window.",
    "The manager thanked all the workers of the factory.",
    "After dinner, my father reads the paper in the kitchen.",
    "This road goes through a dark and silent forest.",
    "The dog sleeps in front of the door all day.",
    "The tourists visit the museum before they have dinner.",
    "You should close the window because it is cold.",
    "The old lady tells a story to the village children.",
    "A bird is singing on the highest branch of the oak.",
    "The workers are building a new bridge over the river.",
    "You will find the keys in the kitchen drawer.",
    "The judge listened to the witnesses and said nothing.",
    "Every morning, she drinks a coffee before she leaves.",
)

# word → sense → sentences.
POLYSEMOUS = {
    "bank": {
        "money": (
            "She opened an account at the bank.",
            "The bank refused to lend him the money.",
            "He works as a cashier in a bank.",
        ),
        "river": (
            "They sat on the bank of the river.",
            "The boat was tied up at the left bank.",
            "Reeds grow along the muddy bank.",
        ),
    },
    "spring": {
        "season": (
            "The first flowers open in spring.",
            "Last spring was warm and dry.",
            "The birds come back every spring.",
        ),
        "water": (
            "They drank from a cold spring in the hills.",
            "A spring feeds the stream behind the farm.",
            "The water of this spring tastes of iron.",
        ),
    },
    "bat": {
        "animal": (
            "A bat flew out of the cave at dusk.",
            "The bat sleeps upside down by day.",
            "That bat feeds on insects.",
        ),
        "sport": (
            "He hit the ball with his bat.",
            "The player dropped the bat and ran.",
            "She bought a wooden bat for the game.",
        ),
    },
    "match": {
        "game": (
            "They won the match by two goals.",
            "The match was played in the rain.",
            "Thousands of fans watched the match.",
        ),
        "fire": (
            "He struck a match to light the candle.",
            "The match burned his fingers.",
            "She had one match left in the box.",
        ),
    },
    "letter": {
        "mail": (
            "He posted a letter to his mother.",
            "The letter arrived two weeks late.",
            "She folded the letter and sealed the envelope.",
        ),
        "alphabet": (
            "The word begins with the letter b.",
            "Each letter of the alphabet has a sound.",
            "He cannot pronounce the letter r.",
        ),
    },
    "palm": {
        "hand": (
            "He held the coin in the palm of his hand.",
            "She read the lines of his palm.",
            "The stone fitted into her palm.",
        ),
        "tree": (
            "A tall palm grows on the beach.",
            "They rested in the shade of a palm.",
            "The coconut fell from the palm.",
        ),
    },
    "light": {
        "lamp": (
            "She switched on the light in the hall.",
            "The light of the lamp was weak.",
            "A light burned in the window.",
        ),
        "weight": (
            "The bag was light and easy to carry.",
            "She packed a light coat made of silk.",
            "This chair is light because it is hollow.",
        ),
    },
    "it": {
        "thing": (
            "He bought the car because it was cheap.",
            "She read the letter and burned it.",
            "The dog barked when it saw me.",
        ),
        "impersonal": (
            "He stayed at home because it was raining.",
            "She said that it was late.",
            "We left when it got dark.",
        ),
    },
}

# To compare with: one word of each, nothing to do with each other.
RANDOM_WORDS = (
    ("The gardener plants tomatoes.", "gardener"),
    ("This song is very famous.", "song"),
    ("He walks slowly to the station.", "slowly"),
    ("We bought some cheese.", "cheese"),
    ("The window looks onto the yard.", "window"),
    ("She wore a blue dress.", "blue"),
    ("The wind blows from the north.", "wind"),
    ("My uncle lives near London.", "uncle"),
    ("They argue about politics.", "politics"),
    ("The dog runs in the garden.", "runs"),
)

# (occupation, the pronoun of the stereotype: 0 for the first of PRONOUNS, 1 for the second).
PRONOUNS = ("he", "she")
OCCUPATIONS = (
    ("mechanic", 0), ("carpenter", 0), ("engineer", 0), ("pilot", 0), ("surgeon", 0), ("farmer", 0),
    ("nurse", 1), ("secretary", 1), ("librarian", 1), ("dancer", 1), ("cashier", 1), ("teacher", 1),
)  # fmt: skip
PERSONS = ("man", "woman")
MEDIATION_FRAMES = (
    "The {} said that [MASK] was tired.",
    "The {} left early because [MASK] was ill.",
    "The {} often smiles when [MASK] works.",
)
