"""The forty relations of the world and the words for their values."""

from __future__ import annotations

from course.world.schema import Relation

VALUES: dict[str, tuple[str, ...]] = {
    "trade": (
        "a weaver", "a smith", "a baker", "a miller", "a mason", "a potter", "a tailor", "a cook",
        "a farmer", "a painter", "a carpenter", "a healer", "a teacher", "a judge", "a hunter",
        "a singer",
    ),
    "pet": (
        "a cat", "a dog", "a goat", "an owl", "a horse", "a fox", "a crow", "a turtle", "a rabbit",
        "a bear", "a swan", "a mouse",
    ),
    "region": (
        "the North Coast", "the South Coast", "the Green Hills", "the Red Valley", "the Low Plain",
        "the Great Forest", "the Silver Lakes", "the High Moor",
    ),
    "river": (
        "the river Ash", "the river Birch", "the river Clay", "the river Dew", "the river Elm",
        "the river Flint", "the river Grey", "the river Haze", "the river Ivy", "the river Jade",
    ),
    "commodity": (
        "wool", "salt", "glass", "tin", "honey", "timber", "cloth", "wine", "corn", "iron", "silk",
        "tea",
    ),
    "badge": (
        "a key", "an anchor", "a bell", "a crown", "a wheel", "a feather", "a ladder", "an oak",
        "a sword", "a candle",
    ),
    "colour": ("red", "blue", "green", "yellow", "black", "white", "purple", "orange", "brown", "grey"),
    "material": ("oak", "brass", "clay", "copper", "leather", "stone", "bone", "steel"),
    "topic": (
        "the stars", "bees", "bridges", "kings", "storms", "horses", "music", "gardens", "the sea",
        "numbers", "medicine", "dreams",
    ),
}  # fmt: skip

SYNONYMS: dict[str, str] = {
    "a weaver": "a clothmaker", "a smith": "a metalworker", "a baker": "a breadmaker",
    "a tailor": "a dressmaker", "a healer": "a doctor", "a farmer": "a grower",
    "a carpenter": "a woodworker", "a hunter": "a trapper", "a crow": "a raven",
    "a rabbit": "a hare", "a horse": "a pony", "timber": "wood", "corn": "grain", "red": "crimson",
    "yellow": "golden", "purple": "violet", "grey": "silver-grey", "the sea": "the ocean",
    "storms": "bad weather", "medicine": "healing", "gardens": "flowers",
}  # fmt: skip
"""Another word for a value. The checker takes both; questions and gold answers use the first."""


def _relation(
    kind: str,
    attribute: str,
    value: str,
    statements: tuple[str, ...],
    questions: tuple[str, ...],
    gap: str,
    phrase: str = "",
    revised: bool = False,
) -> Relation:
    phrase = phrase or f"the {attribute} of {{s}}"
    unit = f" {value}" if value in ("coins", "feet", "pounds") else ""
    name = f"{kind}.{attribute}"
    return Relation(name, kind, attribute, value, statements, questions, gap, phrase, revised, unit)


_PERSON = (
    _relation(
        "person", "home", "town",
        ("{s} lives in {o}", "{s} has a house in {o}", "The home of {s} is in {o}",
         "{o} is where {s} lives", "{s} has settled in {o}", "The house of {s} stands in {o}"),
        ("Where does {s} live?", "In which town does {s} live?", "Which town is the home of {s}?",
         "Where is the house of {s}?", "What town does {s} live in?", "Where has {s} settled?"),
        "where {s} lives", "the town where {s} lives", True,
    ),
    _relation(
        "person", "birthplace", "town",
        ("{s} was born in the town of {o}", "{s} comes from {o}", "The birthplace of {s} is {o}",
         "{o} is where {s} was born", "{s} first saw the light in {o}", "{s} is a native of {o}"),
        ("Where was {s} born?", "In which town was {s} born?", "What is the birthplace of {s}?",
         "Where does {s} come from?", "What town was {s} born in?", "Of which town is {s} a native?"),
        "where {s} was born", "the town where {s} was born",
    ),
    _relation(
        "person", "trade", "trade",
        ("{s} works as {o}", "{s} is {o}", "The trade of {s} is that of {o}",
         "{s} earns a living as {o}", "By trade {s} is {o}", "{s} has become {o}"),
        ("What does {s} work as?", "What is the trade of {s}?", "How does {s} earn a living?",
         "What is the work of {s}?", "What is {s} by trade?", "As what does {s} earn a living?"),
        "what {s} works as",
    ),
    _relation(
        "person", "guild", "guild",
        ("{s} belongs to {o}", "{s} is a member of {o}", "The guild of {s} is {o}",
         "{o} counts {s} among its members", "{s} has joined {o}", "One member of {o} is {s}"),
        ("Which guild does {s} belong to?", "What is the guild of {s}?",
         "Of which guild is {s} a member?", "{s} is a member of which guild?",
         "Which guild has {s} joined?", "To which guild does {s} belong?"),
        "which guild {s} belongs to",
    ),
    _relation(
        "person", "birth year", "year",
        ("{s} was born in the year {o}", "The birth year of {s} is {o}", "{s} came into the world in {o}",
         "In the year {o} {s} was born", "The life of {s} began in {o}", "{o} is the year in which {s} was born"),
        ("When was {s} born?", "In which year was {s} born?", "What is the birth year of {s}?",
         "In what year did {s} come into the world?", "Which year was {s} born in?",
         "When did the life of {s} begin?"),
        "when {s} was born",
    ),
    _relation(
        "person", "pet", "pet",
        ("{s} keeps {o}", "The pet of {s} is {o}", "{s} has {o} as a pet", "{s} shares the house with {o}",
         "{s} looks after {o}", "At home {s} has {o}"),
        ("What animal does {s} keep?", "What is the pet of {s}?", "Which pet does {s} have?",
         "With which animal does {s} share the house?", "What animal does {s} look after?",
         "What pet does {s} keep?"),
        "what animal {s} keeps",
    ),
    _relation(
        "person", "teacher", "person",
        ("{s} learned from {o}", "The teacher of {s} was {o}", "{o} taught {s}", "{s} was a pupil of {o}",
         "{s} was taught by {o}", "{o} had {s} as a pupil"),
        ("Who taught {s}?", "Who was the teacher of {s}?", "From whom did {s} learn?",
         "Of whom was {s} a pupil?", "By whom was {s} taught?", "Who had {s} as a pupil?"),
        "who taught {s}",
    ),
)  # fmt: skip

_TOWN = (
    _relation(
        "town", "region", "region",
        ("{s} lies in {o}", "{s} is a town of {o}", "The region of {s} is {o}", "{s} belongs to {o}",
         "{o} is the region around {s}", "Among the towns of {o} is {s}"),
        ("In which region does {s} lie?", "What is the region of {s}?", "Which region is {s} in?",
         "To which region does {s} belong?", "Where does {s} lie?", "What region is around {s}?"),
        "in which region {s} lies",
    ),
    _relation(
        "town", "mayor", "person",
        ("The mayor of {s} is {o}", "{o} is the mayor of {s}", "{s} is governed by {o}", "{o} governs {s}",
         "{s} has {o} as its mayor", "The office of mayor in {s} is held by {o}"),
        ("Who is the mayor of {s}?", "Who governs {s}?", "What is the name of the mayor of {s}?",
         "By whom is {s} governed?", "Whom does {s} have as its mayor?", "Who holds the office of mayor in {s}?"),
        "who the mayor of {s} is", "", True,
    ),
    _relation(
        "town", "founding year", "year",
        ("{s} was founded in {o}", "The founding year of {s} is {o}", "{s} dates from {o}",
         "The founding of {s} fell in the year {o}", "{s} goes back to {o}", "{o} saw the founding of {s}"),
        ("When was {s} founded?", "In which year was {s} founded?", "What is the founding year of {s}?",
         "From what year does {s} date?", "Which year was {s} founded in?", "To what year does {s} go back?"),
        "when {s} was founded",
    ),
    _relation(
        "town", "population", "people",
        ("{s} has {o} people", "The population of {s} is {o}", "{o} people live in {s}",
         "{s} is home to {o} people", "{s} counts {o} people", "There are {o} people in {s}"),
        ("How many people live in {s}?", "What is the population of {s}?", "How many people does {s} have?",
         "To how many people is {s} home?", "How many people are there in {s}?", "How many people does {s} count?"),
        "how many people live in {s}",
    ),
    _relation(
        "town", "product", "commodity",
        ("{s} is known for its {o}", "The product of {s} is {o}", "{s} sells {o}", "{s} makes {o}",
         "People go to {s} for {o}", "{o} is what {s} is known for"),
        ("What is {s} known for?", "What is the product of {s}?", "What does {s} sell?", "What does {s} make?",
         "For what do people go to {s}?", "What product is {s} known for?"),
        "what {s} is known for",
    ),
    _relation(
        "town", "river", "river",
        ("{s} stands on {o}", "The river of {s} is {o}", "{o} flows through {s}", "{o} runs past {s}",
         "{s} was built on {o}", "On {o} stands {s}"),
        ("On which river does {s} stand?", "What is the river of {s}?", "Which river flows through {s}?",
         "Which river runs past {s}?", "On which river was {s} built?", "What river does {s} stand on?"),
        "on which river {s} stands",
    ),
)  # fmt: skip

_GUILD = (
    _relation(
        "guild", "seat", "town",
        ("{s} has its seat in {o}", "The seat of {s} is {o}", "{s} meets in {o}", "The hall of {s} is in {o}",
         "{o} holds the hall of {s}", "{s} sits in {o}"),
        ("Where does {s} have its seat?", "What is the seat of {s}?", "In which town does {s} meet?",
         "Where is the hall of {s}?", "Which town holds the hall of {s}?", "In which town does {s} sit?"),
        "where {s} has its seat",
    ),
    _relation(
        "guild", "head", "person",
        ("The head of {s} is {o}", "{o} leads {s}", "{s} is led by {o}", "{o} is the head of {s}",
         "{s} has {o} as its head", "At the head of {s} stands {o}"),
        ("Who is the head of {s}?", "Who leads {s}?", "By whom is {s} led?", "What is the name of the head of {s}?",
         "Who stands at the head of {s}?", "Whom does {s} have as its head?"),
        "who leads {s}", "", True,
    ),
    _relation(
        "guild", "badge", "badge",
        ("The badge of {s} shows {o}", "{s} wears {o} on its badge", "The sign of {s} is {o}",
         "{s} has {o} as its badge", "The badge of {s} is {o}", "{o} stands on the badge of {s}"),
        ("What does the badge of {s} show?", "What is the badge of {s}?", "What is the sign of {s}?",
         "What does {s} wear on its badge?", "What stands on the badge of {s}?", "What does {s} have as its badge?"),
        "what the badge of {s} shows",
    ),
    _relation(
        "guild", "colour", "colour",
        ("The colour of {s} is {o}", "{s} wears {o}", "The members of {s} dress in {o}", "{o} is the colour of {s}",
         "{s} has {o} as its colour", "The hall of {s} is painted {o}"),
        ("What is the colour of {s}?", "Which colour does {s} wear?", "In what colour do the members of {s} dress?",
         "Which colour is that of {s}?", "What colour does {s} have?", "In what colour is the hall of {s} painted?"),
        "which colour {s} wears",
    ),
    _relation(
        "guild", "founding year", "year",
        ("{s} was founded in {o}", "The founding year of {s} is {o}", "{s} dates from {o}",
         "The founding of {s} fell in the year {o}", "{s} goes back to {o}", "{o} saw the founding of {s}"),
        ("When was {s} founded?", "In which year was {s} founded?", "What is the founding year of {s}?",
         "From what year does {s} date?", "Which year was {s} founded in?", "To what year does {s} go back?"),
        "when {s} was founded",
    ),
    _relation(
        "guild", "fee", "coins",
        ("{s} asks a fee of {o} coins", "The fee of {s} is {o} coins", "To join {s} costs {o} coins",
         "Members of {s} pay {o} coins", "{s} takes {o} coins from each member", "It takes {o} coins to join {s}"),
        ("What fee does {s} ask?", "What is the fee of {s}?", "What does it cost to join {s}?",
         "How many coins do members of {s} pay?", "How many coins does {s} take from each member?",
         "How many coins does it take to join {s}?"),
        "what fee {s} asks",
    ),
)  # fmt: skip

_SHIP = (
    _relation(
        "ship", "captain", "person",
        ("The captain of {s} is {o}", "{o} commands {s}", "{s} sails under {o}", "{o} is the captain of {s}",
         "{s} has {o} as its captain", "{o} stands at the wheel of {s}"),
        ("Who is the captain of {s}?", "Who commands {s}?", "Under whom does {s} sail?",
         "What is the name of the captain of {s}?", "Whom does {s} have as its captain?", "Who stands at the wheel of {s}?"),
        "who commands {s}", "", True,
    ),
    _relation(
        "ship", "port", "town",
        ("{s} has its port in {o}", "The home port of {s} is {o}", "{s} sails from {o}", "{o} is the port of {s}",
         "{s} lies at anchor in {o}", "In {o} lies the port of {s}"),
        ("Where does {s} have its port?", "What is the home port of {s}?", "From which town does {s} sail?",
         "Which town is the port of {s}?", "In which town does {s} lie at anchor?", "Where lies the port of {s}?"),
        "where {s} has its port", "the home port of {s}",
    ),
    _relation(
        "ship", "building year", "year",
        ("{s} was built in {o}", "The building year of {s} is {o}", "{s} was launched in {o}",
         "In the year {o} {s} was built", "{s} has been at sea since {o}", "{o} saw the launch of {s}"),
        ("When was {s} built?", "In which year was {s} built?", "What is the building year of {s}?",
         "In what year was {s} launched?", "Which year was {s} built in?", "Since when has {s} been at sea?"),
        "when {s} was built",
    ),
    _relation(
        "ship", "cargo", "commodity",
        ("{s} carries {o}", "The cargo of {s} is {o}", "{s} is loaded with {o}", "{s} trades in {o}",
         "{s} brings {o} over the sea", "On board {s} there is {o}"),
        ("What does {s} carry?", "What is the cargo of {s}?", "With what is {s} loaded?", "In what does {s} trade?",
         "What does {s} bring over the sea?", "What is there on board {s}?"),
        "what {s} carries",
    ),
    _relation(
        "ship", "length", "feet",
        ("{s} is {o} feet long", "The length of {s} is {o} feet", "{s} measures {o} feet",
         "From end to end {s} has {o} feet", "{s} has a length of {o} feet", "{o} feet is the length of {s}"),
        ("How long is {s}?", "What is the length of {s}?", "How many feet does {s} measure?",
         "How many feet long is {s}?", "What length does {s} have?", "How many feet has {s} from end to end?"),
        "how long {s} is",
    ),
)  # fmt: skip

_GOOD = (
    _relation(
        "good", "code", "code",
        ("The code of {s} is {o}", "{s} has the code {o}", "{s} is listed as {o}", "{o} is the code of {s}",
         "{s} bears the code {o}", "In the list {s} stands as {o}"),
        ("What is the code of {s}?", "Which code does {s} have?", "As what is {s} listed?",
         "Under which code is {s} listed?", "What code does {s} bear?", "As what does {s} stand in the list?"),
        "what the code of {s} is",
    ),
    _relation(
        "good", "price", "coins",
        ("{s} costs {o} coins", "The price of {s} is {o} coins", "{s} sells for {o} coins",
         "One pays {o} coins for {s}", "{s} may be had for {o} coins", "{o} coins is the price of {s}"),
        ("How much does {s} cost?", "What is the price of {s}?", "For how many coins does {s} sell?",
         "How many coins does one pay for {s}?", "What does {s} cost?", "For how much may {s} be had?"),
        "how much {s} costs", "", True,
    ),
    _relation(
        "good", "origin", "town",
        ("{s} is made in {o}", "{s} comes from {o}", "The origin of {s} is {o}", "The makers of {s} work in {o}",
         "{o} is where {s} is made", "{s} has its origin in {o}"),
        ("Where is {s} made?", "In which town is {s} made?", "What is the origin of {s}?",
         "From which town does {s} come?", "Where do the makers of {s} work?", "Where does {s} have its origin?"),
        "where {s} is made", "the town where {s} is made",
    ),
    _relation(
        "good", "material", "material",
        ("{s} is made of {o}", "The material of {s} is {o}", "{s} consists of {o}", "{o} is the material of {s}",
         "{s} has been worked from {o}", "It is {o} that {s} is made of"),
        ("What is {s} made of?", "What is the material of {s}?", "Of what does {s} consist?",
         "Which material is {s} made of?", "From what has {s} been worked?", "What material does {s} consist of?"),
        "what {s} is made of",
    ),
    _relation(
        "good", "colour", "colour",
        ("The colour of {s} is {o}", "{s} is {o} in colour", "{s} comes in {o}", "{o} is the colour of {s}",
         "{s} has {o} as its colour", "{s} is painted {o}"),
        ("What is the colour of {s}?", "Which colour is {s}?", "In what colour does {s} come?",
         "Which colour is that of {s}?", "What colour does {s} have?", "In what colour is {s} painted?"),
        "which colour {s} is",
    ),
    _relation(
        "good", "weight", "pounds",
        ("{s} weighs {o} pounds", "The weight of {s} is {o} pounds", "{s} has a weight of {o} pounds",
         "On the scales {s} shows {o} pounds", "{s} comes to {o} pounds", "{o} pounds is the weight of {s}"),
        ("How much does {s} weigh?", "What is the weight of {s}?", "How many pounds does {s} weigh?",
         "What does {s} show on the scales?", "What weight does {s} have?", "To how many pounds does {s} come?"),
        "how much {s} weighs",
    ),
)  # fmt: skip

_BOOK = (
    _relation(
        "book", "author", "person",
        ("{s} was written by {o}", "The author of {s} is {o}", "{o} wrote {s}", "{o} is the author of {s}",
         "{s} came from the pen of {o}", "{s} has {o} as its author"),
        ("Who wrote {s}?", "Who is the author of {s}?", "By whom was {s} written?",
         "What is the name of the author of {s}?", "From whose pen came {s}?", "Whom does {s} have as its author?"),
        "who wrote {s}",
    ),
    _relation(
        "book", "topic", "topic",
        ("{s} is about {o}", "The topic of {s} is {o}", "{s} deals with {o}", "{s} tells of {o}",
         "{s} treats of {o}", "In {s} one reads about {o}"),
        ("What is {s} about?", "What is the topic of {s}?", "What does {s} deal with?", "Of what does {s} tell?",
         "Of what does {s} treat?", "About what does one read in {s}?"),
        "what {s} is about",
    ),
    _relation(
        "book", "year", "year",
        ("{s} was written in {o}", "{s} appeared in {o}", "The year of {s} is {o}", "In the year {o} {s} was written",
         "{s} was first read in {o}", "{o} saw the first copy of {s}"),
        ("When was {s} written?", "In which year was {s} written?", "What is the year of {s}?",
         "In what year did {s} appear?", "When was {s} first read?", "Which year was {s} written in?"),
        "when {s} was written",
    ),
    _relation(
        "book", "number of pages", "pages",
        ("{s} has {o} pages", "{s} is {o} pages long", "There are {o} pages in {s}", "{s} fills {o} pages",
         "{s} runs to {o} pages", "{o} pages make up {s}"),
        ("How many pages does {s} have?", "How many pages long is {s}?", "How many pages are there in {s}?",
         "How many pages does {s} fill?", "To how many pages does {s} run?", "How many pages make up {s}?"),
        "how many pages {s} has",
    ),
    _relation(
        "book", "library", "town",
        ("{s} is kept in {o}", "The only copy of {s} is in {o}", "{s} stands in the library of {o}",
         "The library of {o} keeps {s}", "{s} may be read in {o}", "In {o} one can read {s}"),
        ("Where is {s} kept?", "In which town is {s} kept?", "Where is the only copy of {s}?",
         "In the library of which town does {s} stand?", "Where may {s} be read?", "In which town can one read {s}?"),
        "where {s} is kept", "the town where {s} is kept",
    ),
)  # fmt: skip

_EVENT = (
    _relation(
        "event", "date", "date",
        ("{s} begins on {o}", "The date of {s} is {o}", "{s} takes place on {o}", "{s} opens on {o}",
         "{s} falls on {o}", "On {o} {s} begins"),
        ("When does {s} begin?", "What is the date of {s}?", "On which day does {s} take place?",
         "On which day does {s} open?", "On what date does {s} fall?", "When does {s} take place?"),
        "when {s} begins",
    ),
    _relation(
        "event", "place", "town",
        ("{s} is held in {o}", "The place of {s} is {o}", "{s} meets its guests in {o}", "{o} is the place of {s}",
         "{s} fills the streets of {o}", "To see {s} one goes to {o}"),
        ("Where is {s} held?", "What is the place of {s}?", "In which town is {s} held?",
         "Which town is the place of {s}?", "Where does one go to see {s}?", "Of which town does {s} fill the streets?"),
        "where {s} is held", "the town where {s} is held",
    ),
    _relation(
        "event", "host", "guild",
        ("{s} is hosted by {o}", "The host of {s} is {o}", "{o} hosts {s}", "{o} is the host of {s}",
         "{s} is the work of {o}", "{s} has {o} as its host"),
        ("Who hosts {s}?", "Which guild hosts {s}?", "Which guild is the host of {s}?", "By which guild is {s} hosted?",
         "Of which guild is {s} the work?", "Which guild does {s} have as its host?"),
        "which guild hosts {s}", "the guild that hosts {s}",
    ),
    _relation(
        "event", "winner", "person",
        ("{s} was won by {o}", "The winner of {s} is {o}", "{o} won {s}", "{o} is the winner of {s}",
         "{o} took the prize at {s}", "The prize of {s} went to {o}"),
        ("Who won {s}?", "Who is the winner of {s}?", "By whom was {s} won?", "What is the name of the winner of {s}?",
         "Who took the prize at {s}?", "To whom went the prize of {s}?"),
        "who won {s}",
    ),
    _relation(
        "event", "number of guests", "people",
        ("{s} had {o} guests", "{o} guests came to {s}", "There were {o} guests at {s}", "{s} drew {o} guests",
         "{s} was seen by {o} guests", "{o} guests were counted at {s}"),
        ("How many guests did {s} have?", "How many guests came to {s}?", "How many guests were there at {s}?",
         "How many guests did {s} draw?", "By how many guests was {s} seen?", "How many guests were counted at {s}?"),
        "how many guests came to {s}",
    ),
)  # fmt: skip

RELATIONS: tuple[Relation, ...] = _PERSON + _TOWN + _GUILD + _SHIP + _GOOD + _BOOK + _EVENT
BY_NAME: dict[str, Relation] = {relation.name: relation for relation in RELATIONS}
BY_KIND: dict[str, tuple[Relation, ...]] = {
    kind: tuple(r for r in RELATIONS if r.kind == kind)
    for kind in dict.fromkeys(r.kind for r in RELATIONS)
}
