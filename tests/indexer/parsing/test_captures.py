from __future__ import annotations

import pytest

from indexer.parsing.captures import original
from indexer.parsing.urls import normalise
from tests.support.parsing import fields, read

PAGE = "https://exemple.test/jardins"


@pytest.mark.parametrize(
    "address",
    [
        "https://web.archive.org/web/20190504101112/https://www.exemple.test/jardins",
        "http://web.archive.org/web/2019id_/http://www.exemple.test:80/jardins/",
        "https://web.archive.org/web/20190504101112if_/http:/exemple.test/jardins",
        "https://web.archive.org/web/https://www.exemple.test/jardins",
        "https://web.archive.org/web/2019/www.exemple.test/jardins",
        "https://web.archive.org/web/*/exemple.test/jardins",
        "https://web.archive.org/web/20190504101112/https%3A%2F%2Fwww.exemple.test%2Fjardins",
        "https://web.archive.org/web/2019%30504101112/https://www.exemple.test/jardins?utm_source=x#haut",
        "https://archive.ph/20200101000000/https://www.exemple.test/jardins",
        "https://archive.today/newest/https://www.exemple.test/jardins",
        "https://archive.ph/o/AbCdE/https://www.exemple.test/jardins",
        "https://arquivo.pt/noFrame/replay/20190504101112/https://www.exemple.test/jardins",
        "https://webarchive.nationalarchives.gov.uk/ukgwa/20190504101112mp_/https://www.exemple.test/jardins",
        "https://wayback.archive-it.org/1234/20190504101112/https://www.exemple.test/jardins",
        "http://archivesinternet.bnf.fr/20190504101112/http://www.exemple.test/jardins",
        "https://miroir.test/20190504101112/https://www.exemple.test/jardins",
        "https://webcache.googleusercontent.com/search?q=cache:AbCdEf123:https://www.exemple.test/jardins+jardin&hl=fr",
        "https://webcache.googleusercontent.com/search?q=cache%3Aexemple.test%2Fjardins",
        "https://archive.wikiwix.com/cache/index2.php?url=https%3A%2F%2Fwww.exemple.test%2Fjardins",
        "https://web.archive.org/web/2020/https://web.archive.org/web/2019/https://www.exemple.test/jardins",
    ],
)
def test_captures_are_known_by_their_page(address):
    assert normalise(address) == PAGE
    assert normalise(original(address)) == PAGE


@pytest.mark.parametrize(
    "address",
    [
        "https://exemple.test/2019/http-status",
        "https://exemple.test/r?u=https://autre.test/x",
        "https://exemple.test/voir/https://autre.test/x",
        "https://archive.org/details/rapport",
        "https://archives.exemple.test/cache/x",
        "https://[archive",
    ],
)
def test_other_addresses_are_their_own(address):
    assert original(address) == address


def test_a_saved_capture_has_its_pages_address():
    prefix = "https://web.archive.org/web/20190504101112/"
    node = read(
        f"<html><head><link rel=canonical href='{prefix}https://www.exemple.test/jardins'></head><body><article>"
        f"<h1>Jardins</h1><p><a href='/web/20190504101112/https://www.exemple.test/atlas'>Atlas</a></p>{fields()}"
        "</article></body></html>"
    )
    assert node.addresses == ("https://www.exemple.test/jardins",)
    assert node.links == ("https://www.exemple.test/atlas",)
