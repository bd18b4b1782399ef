"""What people of the seeded months post and say: invented, harmless, and never twice the same."""

import random
from collections.abc import Mapping
from typing import Final

THINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "kettle",
        "umbrella",
        "wheelbarrow",
        "harmonica",
        "bathtub",
        "lamp shade",
        "garden hose",
    ),
    "de": ("Regenschirm", "Wasserkocher", "Gartenzwerg", "Rucksack", "Pullover", "Schlitten"),
    "es": ("paraguas", "sombrero", "acordeón", "patinete", "flotador", "abrigo"),
    "fr": ("parapluie", "chapeau", "vélo", "tambour", "pull", "bonnet"),
    "pt": ("chapéu", "guarda-chuva", "tambor", "patinete", "casaco", "apito"),
}
"""By language: what `{thing}` stands for, in a case in which it needs no ending."""

CAPTIONS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "bullying": (
        ("en", "Everybody laughed at your {thing} again, and so they should."),
        ("en", "Third row, left: who brings a {thing} to a swimming lesson?"),
        ("en", "Still waiting for you to catch a single ball with that {thing}."),
        ("de", "Alle haben gelacht, als sie deinen {thing} gesehen haben."),
        ("de", "Mit so einem {thing} würde ich zu Hause bleiben."),
        ("es", "Toda la clase se rió cuando llegaste con tu {thing}."),
        ("es", "Nadie te invita porque siempre traes el {thing}."),
        ("fr", "Toute la cour a ri de toi et de ton {thing}."),
        ("pt", "A turma inteira riu quando você chegou com o {thing}."),
    ),
    "spam": (
        ("en", "Look at my page! Every day a new {thing}! Look at my page!"),
        ("de", "Schaut auf mein Profil! Heute neu: ein {thing}! Schaut!"),
        ("es", "¡Mira mi perfil, hoy con {thing}! ¡Mira mi perfil!"),
        ("fr", "Viens voir ma page, il y a un {thing} à gagner ! Viens voir !"),
    ),
    "fake_engagement": (
        ("en", "Buy followers, a thousand for one {thing}."),
        ("en", "Cheap followers, delivered in a {thing} overnight."),
    ),
    "investment_scam": (
        ("en", "Double your money with my {thing} fund."),
        ("en", "Guaranteed profit, one {thing} at a time, only today."),
        ("en", "The {thing} market never falls: guaranteed profit."),
    ),
    "fake_offer": (
        ("en", "Claim your prize, a golden {thing}, and pay only the paper."),
        ("en", "You have been selected as a winner of one {thing}."),
    ),
    "health_misinfo": (
        ("en", "A spoon of honey under the {thing} cures every cold."),
        ("de", "Gegen Schnupfen hilft nur ein {thing} aus Kohl."),
        ("es", "Contra la tos, canela dentro del {thing}."),
        ("fr", "Un {thing} plein d'oignons, et plus jamais de rhume."),
        ("pt", "Mel no {thing} cura qualquer resfriado em uma noite."),
    ),
    "counterfeit": (
        ("en", "Genuine imitation garden gnomes, each with a {thing}."),
        ("en", "Our {thing} is nearly the famous one, at half the price."),
    ),
    "impersonation": (
        ("en", "I am the real lighthouse keeper with the {thing}, all others are not."),
        ("de", "Ich bin der echte Bademeister, der mit dem {thing}."),
    ),
    "unlabelled_ai": (
        ("en", "My cat has learned to play the {thing}."),
        ("es", "Mi abuela baila con su {thing} sobre el tejado."),
    ),
    "dangerous_challenge": (
        ("en", "Jump off the shed with a {thing}, then name three friends."),
        ("fr", "Saute du hangar avec un {thing}, puis nomme trois amis."),
    ),
    "reckless_driving": (
        ("en", "Down the hill without brakes, steering with a {thing}."),
        ("pt", "Ladeira abaixo sem freio, segurando um {thing}."),
    ),
    "personal_data": (
        ("en", "She lives behind the bakery, second door, ring twice for the {thing}."),
        ("de", "Er wohnt über der Bäckerei, am Fenster steht ein {thing}."),
    ),
    "unsafe_product": (
        ("en", "For sale: a {thing} with a plug of my own making."),
        ("es", "Se vende: {thing} eléctrico, apto para la ducha."),
    ),
}
"""By guideline: languages, and what is posted."""

NOTES: Final = (
    "I know the person it is about, and they are not amused.",
    "Das steht unter jedem zweiten Video.",
    "Lo he visto tres veces hoy.",
    "It looks like the one from last week.",
    "My daughter showed me this and asked whether it is true.",
    "Please look at the second half, the beginning is harmless.",
    "Il y en a d'autres du même compte.",
    "Der Link führt zu einer anderen Seite als der genannten.",
    "The comments below are worse than the video.",
    "Isso já foi removido uma vez.",
    "I tried it, and it does not work.",
    "Nobody in the picture was asked.",
)

GROUNDS: Final = (
    "It was meant kindly, and whoever is in it has seen it before I posted it.",
    "I was quoting what I criticise. Please read it to the end.",
    "This was a joke among friends, and all of them have agreed to it.",
    "Nobody was asked to pay anything, and nobody did.",
)
"""What creators say when they appeal. No note of a reporter is among them."""

UPHELD: Final = (
    "A second look agrees with the first one: it mocks somebody who did not ask for it.",
    "What is said at the end does not change what is shown before it.",
    "The guideline names exactly this, and nothing around it shows that it is meant otherwise.",
)
OVERTURNED: Final = (
    "What looked like mockery is a sketch that all who appear in it have agreed to.",
    "It quotes what it criticises, which the guideline allows.",
    "Read as a whole it is a warning and not an offer.",
)
CLOSED: Final = (
    "Two of us were ill that weekend. The rota now has a stand-in for Saturdays.",
    "It sat behind a filter nobody had set back. Filters now end with the shift.",
)
"""What a lead says of a hold that ran out."""

HANDLES: Final = (
    "slow.train",
    "kitewright",
    "third_row",
    "ofenwarm",
    "la.del.tejado",
    "moss-and-stone",
    "tuba.tuesday",
    "petit_detour",
    "nebelhorn",
    "paper.fleet",
    "quince",
    "farol_velho",
    "marble_run",
    "gravelpit",
    "halbacht",
    "lamplighter",
    "sin.prisa",
    "oddsocks",
    "back.in.five",
)
"""Accounts that post."""


class Speaker:
    """Draws what is said; everything in it is said once, as long as there is something new."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._said: set[str] = set()

    def caption(self, guideline: str) -> tuple[str, str]:
        """Return a language, and something in it that may break a guideline."""
        options = [
            (language, template.format(thing=thing))
            for language, template in CAPTIONS[guideline]
            for thing in THINGS[language]
        ]
        fresh = [each for each in options if each[1] not in self._said]
        language, said = self._draw.choice(fresh or options)
        self._said.add(said)
        return language, said
