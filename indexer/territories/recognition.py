"""Recognition of the territories that a French text names.

Most names of communes are words or surnames too (« Plan », « Vienne », « Valence »). So a name counts only where its
context makes it a territory, in a list with such a name, or near another territory of its area: precision comes first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from indexer.territories.gazetteer import Gazetteer, Level, flat, gazetteer, level_of
from indexer.territories.words import ALSO_PERSONS, ALSO_WORDS, STREETS, WATERS

TITLED = 2
"""Weight of a mention that says what kind of territory it is, or comes with a code."""
PLAIN = 1
"""Weight of other mentions that count."""
_NEAR = 400
"""Largest distance in characters at which a recognised territory decides about an unclear name of the same area."""
_LARGE, _MEDIUM = 50_000, 2_000
"""Smallest numbers of inhabitants with which the name of a commune counts where it stands alone, and where a
preposition such as « à » precedes it.
"""
_CLEARLY = 8
"""Of several namesakes, the most populous territory is meant if it has this many times the inhabitants of the next."""
_BEFORE, _AFTER = 70, 24
"""Numbers of characters that are looked at before and after a name."""


class Mention(NamedTuple):
    """A territory that a text names.

    Attributes:
        code: its code.
        start, end: where its name stands in the text.
        weight: `TITLED` or `PLAIN`.
    """

    code: str
    start: int
    end: int
    weight: int


@dataclass(slots=True)
class _Candidate:
    """A name in a text that may be that of a territory.

    Attributes:
        start, end: where the name stands in the text.
        codes: the territories that it may name, the most populous first.
        weight: `TITLED` or `PLAIN`; 0 while nothing makes the name a territory.
        code: code of the territory that is meant; None until it is known.
        open: whether a list that the name stands in, or a territory near it, may still make it a territory.
    """

    start: int
    end: int
    codes: tuple[str, ...]
    weight: int = 0
    code: str | None = None
    open: bool = True


_OF = r"(?:de\ la\ |de\ l['’]|des\ |du\ |de\ |d['’])"
_LEAD = re.compile(
    rf"""\b(?:
      (?P<region>r[ée]gions?|conseils?\ r[ée]giona(?:l|ux)|cress|chambre\ r[ée]gionale\ .{{,40}}?)
    | (?P<departement>d[ée]partements?|conseils?\ (?:d[ée]partementa(?:l|ux)|g[ée]n[ée]ra(?:l|ux))|territoires?)
    | (?P<commune>villes?|communes?|mairies?|maires?|municipalit[ée]s?|conseils?\ municipa(?:l|ux)|ccas|habitants?)
    | (?P<seat>pr[ée]fectures?(?:\ de\ police)?|pr[ée]fets?|pr[ée]f[èe]te|sous-pr[ée]fecture|cour\ d['’]appel
      |tribuna(?:l|ux)(?:\ [a-zé]+){{,2}}|acad[ée]mie|a[ée]roport|chu|universit[ée]|rectorat|unit[ée]\ urbaine
      |[ée]tablissement\ public\ territorial|chambre\ de\ commerce\ et\ d['’]industrie
      |m[ée]tropoles?|agglom[ée]rations?|agglo)
    )(?:\ \([A-Z]+\))?\ (?:{_OF})?$""",
    re.IGNORECASE | re.VERBOSE,
)
_LEVELS = {
    "region": (Level.REGION,),
    "departement": (Level.DEPARTEMENT, Level.REGION),
    "commune": (Level.COMMUNE,),
    "seat": (Level.COMMUNE, Level.DEPARTEMENT, Level.REGION, Level.GROUP),
}
_LOCATIVE = re.compile(r"(?:^|[\s(«,’'])(?:à|à l['’]|au|aux|près de|près d['’]|entre|depuis)\s?$", re.IGNORECASE)
_OF_TOWN = re.compile(r"(?:^|[\s(«,])(?:de|d['’]|du|des)\s?$", re.IGNORECASE)
_IN_AREA = re.compile(
    r"(?:^|[\s(«,])(?:en|dans (?:le|la|l['’]|les|tout le|toute la)|à travers (?:le|la|l['’]|les)|aux?|à|à la)\s?$",
    re.IGNORECASE,
)
_FLOWS = re.compile(
    r"(?:jette|coule|déverse|afflue|rejets?|pollu\w+|pêch\w+|baign\w+|navig\w+) (?:\w+ )?dans (?:le|la|l['’])\s?$"
)
_CODE_AFTER = re.compile(
    r"\s?[(\[]\s?(?:département )?((?:97[1-8]|2[AB]|\d\d)(?:\s?(?:,|et|/|;)\s?(?:2[AB]|\d\d))*)\s?[)\]]"
)
_POSTCODE = re.compile(r"(?<!\d)(\d[\dAB]\d{3}) $")
_STREET = re.compile(rf"\b(?:{STREETS}) (?:{_OF})?(?:\w+ )?$".replace(r"\ ", " "), re.IGNORECASE)
_WATER = re.compile(rf"\b(?:{WATERS}) (?:{_OF})?$".replace(r"\ ", " "), re.IGNORECASE)
_FIRST_NAME = re.compile(r"(?:^|[\s(«’'])([A-ZÉÈ][a-zà-ÿ]+(?:-[A-Z][a-zà-ÿ]+)?) $")
_FIRST_WORDS = frozenset(
    "Ville Région Département Métropole Mairie Commune Préfecture Académie Université Agglomération Grand Le La Les De "
    "En À Dans Entre Et Sur Avec Contact Lieu Site Ter Cress".split()
)
_CAPITALISED_NEXT = re.compile(r" [A-ZÉÈ][a-zà-ÿ]{2,}(?!\w*étropole)")
_BETWEEN = re.compile(
    r"(?:\s?[(\[](?:97\d|2[AB]|\d\d)[)\]])?(?:\s?[,;/]\s?|\s?,?\s(?:et|ou|ainsi que|puis|comme)\s)"
    r"(?:(?:et|ou)\s)?(?:(?:celle|celui|ceux|celles)\s)?"
    r"(?:(?:à la|à l['’]|à|aux?|de la|de l['’]|des|du|de|d['’]|en|dans l(?:es?|a|['’])|les|le|la|l['’])\s?)?"
)
_COMPASS = re.compile(r"[ -](?:de|du|des|et|est|ouest|sud|nord)\b", re.IGNORECASE)
_SELF = re.compile(r"\b(?:métropole|agglomération|agglo|communauté|eurométropole)", re.IGNORECASE)
_JOINED = re.compile(r"[-’'](?=\w)|\w")
_ALONE = re.compile(r"(?:^|[\n.!?:;•–—(/«]\s?|- )(?:[Ll]e |[Ll]a |[Ll]es |[Ll]['’]|[ÀàEe][n]? )?$")


class Recogniser:
    """Finds the territories that texts name. Safe to use from several threads.

    Args:
        territories: the gazetteer.
    """

    def __init__(self, territories: Gazetteer) -> None:
        self._known = territories
        keys = territories.keys()
        joined = dict(_contracted(territories))
        self._contracted = tuple(joined.values())
        self._names = len(keys)
        # A space before each name makes matches begin with a word; where they end is checked for each.
        self._automaton = AhoCorasick(
            [f" {key}" for key in (*keys, *joined)],
            matchkind=MatchKind.Standard,
            store_patterns=False,
            implementation=Implementation.ContiguousNFA,
        )

    def mentions(self, text: str, around: Collection[str] = ()) -> tuple[Mention, ...]:
        """Return the territories that a text names, in order.

        Args:
            text: the text.
            around: codes that other texts of the same resource name; they tell communes of one name apart.
        """
        found = list(self._candidates(text))
        for one in found:
            self._judge(one, text, around)
        self._spread(found, text)
        self._settle(found, around)
        return tuple(Mention(one.code, one.start, one.end, one.weight) for one in found if one.code and one.weight)

    def _candidates(self, text: str) -> Iterator[_Candidate]:
        """Yield the names of territories in a text, in order; of names that overlap, only the longest."""
        plain = " " + flat(text)
        held: list[tuple[int, int, int]] = []
        for number, first, stop in self._automaton.find_matches_as_indexes(plain, overlapping=True):
            # « au Havre » and « du Havre » begin with a preposition, which is no part of the name.
            start, end = first + 3 * (number >= self._names), stop - 1
            if not _JOINED.match(text, end) and not text[start:end].islower():
                held.append((start, end, number))
        held.sort(key=lambda one: (one[0] - one[1], one[0]))
        kept: list[tuple[int, int, int]] = []
        for one in held:
            if all(one[1] <= other[0] or one[0] >= other[1] for other in kept) and self._is_name(one, text):
                kept.append(one)
        for start, end, number in sorted(kept):
            yield _Candidate(start, end, self._codes(number))

    def _codes(self, number: int) -> tuple[str, ...]:
        if number >= self._names:
            return (self._contracted[number - self._names],)
        named = self._known.at(number)
        return named.current or named.other

    def _is_name(self, match: tuple[int, int, int], text: str) -> bool:
        """Return whether a match is capitalised as a name is: every word of more than three letters, except words that
        the official name writes in small letters and those of `_KINDS`.

        Args:
            match: first and last offset in the text, and number of the name.
            text: the text.
        """
        start, end, number = match
        words = _WORD.findall(text[start:end])
        small = [word for word in words if len(word) > 3 and not word[0].isupper()]
        if not small:
            return True
        name = self._known.name(self._codes(number)[0])
        return len(small) < len(words) and all(word in name or word in _KINDS for word in small)

    def _judge(self, one: _Candidate, text: str, around: Collection[str]) -> None:
        """Set the weight and the code of a candidate, as far as the words before and after the name decide them.
        `around` holds the codes that other texts of the same resource name.
        """
        before, after = text[max(0, one.start - _BEFORE) : one.start], text[one.end : one.end + _AFTER]
        name = text[one.start : one.end]
        if _STREET.search(before):
            one.open = False
            return
        if coded := self._coded(one, before, after):
            one.code, one.weight = coded, TITLED
            return
        if lead := _LEAD.search(before):
            meant = [code for code in one.codes if level_of(code) in _LEVELS[lead.lastgroup or "seat"]]
            if meant:
                self._choose(one, meant, TITLED, around)
                return
        word = name.casefold()
        if _WATER.search(before) or self._is_surname(before, after, word):
            one.open = False
            return
        level = level_of(one.codes[0])
        if level == Level.GROUP:
            if _SELF.search(name):
                self._choose(one, one.codes, TITLED, around)
            elif _ALONE.search(before) and _is_long(name):
                self._choose(one, one.codes, PLAIN, around)
        elif level <= Level.DEPARTEMENT:
            self._judge_area(one, before, after, name)
        elif word in ALSO_WORDS:
            one.open = False
        elif self._is_town(one, before, name, word):
            self._choose(one, one.codes, PLAIN, around)

    def _is_town(self, one: _Candidate, before: str, name: str, word: str) -> bool:
        """Return whether a name is that of a commune, judged by the commune's population and the word before the name.

        Args:
            one: the candidate.
            before: the text before the name.
            name: the name as written.
            word: the name in lower case.
        """
        people = self._people(one.codes[0])
        if people < _LARGE and name[0].islower():
            return False  # « l’Union », « la Force »: a small article belongs to an ordinary word, not to a name
        if people >= _MEDIUM and _LOCATIVE.search(before):
            return True
        if people >= 5 * _MEDIUM and _OF_TOWN.search(before):
            return True
        alone = people >= _LARGE or (people >= _MEDIUM and _is_long(name))
        return alone and word not in ALSO_PERSONS and _ALONE.search(before) is not None

    def _judge_area(self, one: _Candidate, before: str, after: str, name: str) -> None:
        """Set the code and the weight of a candidate if the name of a région or département means that territory, not a
        river or an ordinary word; `before` and `after` are the text around the name.
        """
        code, word = one.codes[0], name.casefold()
        telling = len(re.split("[ -]", name)) > 1 or (
            level_of(code) == Level.REGION and self._known.name(code).casefold() == word
        )
        if word == "nord" and _COMPASS.match(after):
            return
        placed = _IN_AREA.search(before) and not _FLOWS.search(before) and word != "centre"
        if placed or (telling and word not in _DOUBTFUL_AREAS):
            one.code, one.weight = code, PLAIN

    def _coded(self, one: _Candidate, before: str, after: str) -> str | None:
        """Return the code of the territory that a number beside the name shows: a département's in the text `after`, as
        in « Redon (35) », or a postcode in the text `before`; None if there is none.
        """
        if found := _CODE_AFTER.match(after):
            areas = {_area(number) for number in re.findall(r"97\d|2[AB]|\d\d", found.group(1))}
            for code in one.codes:
                if not areas.isdisjoint((code, *self._known.ancestors(code))) or (code == _PARIS and "D75" in areas):
                    return code
        if found := _POSTCODE.search(before):
            number = found.group(1)
            area = number[:3] if number.startswith(("97", "98")) else number[:2]
            for code in one.codes:
                if code.startswith(area) and level_of(code) == Level.COMMUNE:
                    return code
        return None

    def _is_surname(self, before: str, after: str, word: str) -> bool:
        first = _FIRST_NAME.search(before)
        if first is not None and first.group(1) not in _FIRST_WORDS and _WORD.fullmatch(word):
            return True
        return word in ALSO_PERSONS and _CAPITALISED_NEXT.match(after) is not None

    def _choose(self, one: _Candidate, codes: Sequence[str], weight: int, around: Collection[str]) -> None:
        """Give a candidate its weight, and its code if it is clear which of the territories `codes` is meant: the only
        one, the most populous one by far, or the only one in the area of the territories `around`.
        """
        one.weight, one.codes = weight, tuple(codes)
        if len(codes) == 1 or self._people(codes[0]) >= _CLEARLY * self._people(codes[1]):
            one.code = codes[0]
        elif shared := self._in_area(codes, around):
            one.code = shared

    def _spread(self, found: list[_Candidate], text: str) -> None:
        """Recognise the names that stand in a list beside a recognised territory: « Toulouse et Albi »."""
        for known, other in (*pairwise(found), *pairwise(reversed(found))):
            if not (known.weight and known.code and other.open) or other.code:
                continue
            first, second = (known, other) if known.start < other.start else (other, known)
            if not _BETWEEN.fullmatch(text, first.end, second.start):
                continue
            alike = [code for code in other.codes if level_of(code) == level_of(known.code)]
            if alike and (level_of(alike[0]) != Level.COMMUNE or self._people(alike[0]) >= _MEDIUM):
                self._choose(other, alike, PLAIN, {known.code})

    def _settle(self, found: list[_Candidate], around: Collection[str]) -> None:
        """Decide the candidates that are still open by the territories recognised near them, or in other texts of the
        same resource (`around`).
        """
        sure = [(one.start, one.code) for one in found if one.code and one.weight]
        for one in found:
            if one.code or not one.open:
                continue
            near = {code for start, code in sure if abs(start - one.start) <= _NEAR}
            code = self._in_area(one.codes, near) or self._in_area(one.codes, around)
            if code is not None and (one.weight or (self._people(code) >= _MEDIUM and level_of(code) == Level.COMMUNE)):
                one.code, one.weight = code, max(one.weight, PLAIN)

    def _in_area(self, codes: Sequence[str], others: Collection[str]) -> str | None:
        """Return the only one of `codes` that is a département of one of `others`, or lies in one; None if there is
        none, or several.
        """
        areas = {area for other in others for area in (other, *self._known.ancestors(other)) if _is_narrow(area)}
        inside = [code for code in codes if not areas.isdisjoint((code, *self._known.ancestors(code)))]
        return inside[0] if len(inside) == 1 else None

    def _people(self, code: str) -> int:
        found = self._known.get(code)
        return 0 if found is None else found.population


_PARIS = "75056"
_OVERSEAS = {"971": "R01", "972": "R02", "973": "R03", "974": "R04", "976": "R06"}
_DOUBTFUL_AREAS = frozenset({"saint-martin", "saint martin", "centre", "lorraine", "bourgogne"})
"""Names of régions that have too many other meanings to count without a preposition such as « en » before them."""


def _contracted(territories: Gazetteer) -> Iterator[tuple[str, str]]:
    """Yield the names of larger communes as a preposition contracts them (« au Havre » for « Le Havre »), with the
    codes of the communes.
    """
    for one in territories:
        if one.level == Level.COMMUNE and one.population >= 5 * _MEDIUM and one.name.startswith(("Le ", "Les ")):
            article, _, rest = one.name.partition(" ")
            for written in ("au", "du") if article == "Le" else ("aux", "des"):
                yield f"{written} {' '.join(flat(rest).split())}", one.code


def _area(number: str) -> str:
    return _OVERSEAS.get(number, "D" + number)


def _is_narrow(code: str) -> bool:
    """Return whether a territory is a département, or an overseas région, which is a département too."""
    return code[0] == "D" or code in _OVERSEAS.values()


_WORD = re.compile(r"[^\W\d_]+")
_KINDS = frozenset({"communauté", "communes", "agglomération", "urbaine", "métropole", "eurométropole", "européenne"})
"""Words in names of territories that are often written without their capital."""


def _is_long(name: str) -> bool:
    """Return whether a name is too long to be a word or a surname: « Mouans-Sartoux », « Saint-Laurent-du-Var »."""
    parts = re.split("[ -]", name)
    return len(parts) > 2 or (len(parts) == 2 and parts[0] not in ("Saint", "Sainte", "Le", "La", "Les"))


@cache
def recogniser() -> Recogniser:
    """Return the recogniser; its automaton is built once for each process."""
    return Recogniser(gazetteer())
