"""Composes the mail of an order when it is sent: who may receive it, and what it may say, is decided at that moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from indexer.engine import Engine
from indexer.query import SearchRequest
from indexer.resource import Audience, Resource
from indexer.territories import gazetteer
from search_app import messages
from search_app.accounts import rights
from search_app.accounts.links import INVITATION_DAYS, RESET_HOURS, LinkPurpose
from search_app.accounts.recovery import may_have_link, purpose_for
from search_app.accounts.rights import Addressee
from search_app.accounts.secret_key import session_secret
from search_app.mail import addresses
from search_app.mail.addresses import EndTokens
from search_app.mail.message import Mail
from search_app.mail.queue import Order, OrderKind
from search_app.mail.rendering import render
from search_app.members.followers import UNCONFIRMED_HOURS
from search_app.members.refresh import request_of
from search_app.members.store import SavedSearch
from search_app.messages import typeset
from search_app.search import params
from search_app.settings import SiteSettings
from search_app.stores import Stores
from search_app.web.text import number, on_one_line, one_line

MOST_NAMED = 20
"""Largest number of resources that a mail names; the others are only counted."""


@dataclass(frozen=True, slots=True)
class NamedResource:
    """A resource that a mail names: its title, its type and year in words, and its address."""

    title: str
    facts: str
    address: str


class Letters:
    """Composes the mails of one site.

    Args:
        stores: the stores of the site (accounts, saved searches…).
        settings: settings of the site.
        engine: opens the engine; called only for mails that name resources.
        clock: returns seconds since 1970.
    """

    def __init__(
        self,
        stores: Stores,
        settings: SiteSettings,
        engine: Callable[[], Engine],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._stores, self._settings, self._engine, self._clock = stores, settings, engine, clock
        self._tokens = EndTokens(partial(session_secret, settings.data))

    def compose(self, order: Order) -> Mail | None:
        """Return the mail of an order, or None if nothing is to be sent any more.

        Raises:
            EngineError: the engine cannot answer.
            StoreError: a file cannot be used.
        """
        match order.kind:
            case OrderKind.RESET:
                return self._reset(order)
            case OrderKind.INVITATION:
                return self._invitation(order)
            case OrderKind.CONFIRMATION:
                return self._confirmation(order)
            case OrderKind.NEWS:
                return self._news(order)
            case OrderKind.FAILURE:
                return self._failure(order)

    def refused(self, order: Order) -> None:
        """End mails about a search whose addressee the mail server refuses for good.

        Raises:
            StoreError: a file cannot be used.
        """
        if order.kind is OrderKind.NEWS:
            saved = self._stores.members.by_id(int(order.payload["search"]))
            if saved is not None and not self._stores.followers.delete(saved.account):
                self._stores.members.end_mail(saved.id, refused=True)
        elif order.kind is OrderKind.CONFIRMATION:
            self._stores.followers.delete(str(order.payload["follower"]))

    # Passwords

    def _reset(self, order: Order) -> Mail | None:
        account = self._stores.accounts.get(order.recipient)
        if account is None or not may_have_link(account) or self._stores.links.made_lately(account, order=order.number):
            return None
        token = self._stores.links.make(account, LinkPurpose.RESET, order=order.number)
        return self._mail(
            account.email,
            f"Votre mot de passe pour {self._site}",
            "reset",
            link=addresses.password_link(self._settings, token),
            hours=RESET_HOURS,
        )

    def _invitation(self, order: Order) -> Mail | None:
        account = self._stores.accounts.get(order.recipient)
        if account is None or not may_have_link(account):
            return None
        purpose = purpose_for(account)
        token = self._stores.links.make(account, purpose, order=order.number)
        invited = purpose is LinkPurpose.INVITATION
        return self._mail(
            account.email,
            f"Votre compte pour {self._site}" if invited else f"Votre mot de passe pour {self._site}",
            "invitation",
            invited=invited,
            staff=account.role is Audience.STAFF,
            link=addresses.password_link(self._settings, token),
            days=INVITATION_DAYS,
            hours=RESET_HOURS,
        )

    # Searches

    def _confirmation(self, order: Order) -> Mail | None:
        self._stores.followers.purge()
        follower = self._stores.followers.get(str(order.payload.get("follower", "")))
        if follower is None or follower.confirmed or not self._settings.mail_visitors:
            return None
        if not self._stores.followers.may_be_asked(follower):
            self._stores.followers.delete(follower.key)
            return None
        asked = request_of(follower.arguments, Audience.VISITOR)
        return self._mail(
            follower.email,
            f"Confirmez que vous suivez une recherche sur {self._site}",
            "confirmation",
            title=params.title_of(asked),
            link=addresses.confirmation(self._settings, self._stores.followers.token(follower)),
            hours=UNCONFIRMED_HOURS,
        )

    def _news(self, order: Order) -> Mail | None:
        saved = self._stores.members.by_id(int(order.payload["search"]))
        addressee = rights.addressee_of(self._stores, saved) if saved is not None else None
        if saved is None or addressee is None:
            return None
        visitor = not addressee.audience.sees_private
        if visitor and not self._settings.mail_visitors:
            return None
        found = self._found(saved, addressee, float(order.payload["since"]), float(order.payload["until"]))
        if not found:
            return None
        told = [one for one in found if not one.private or self._settings.mail_private_titles]
        named = [self._named(one) for one in told[:MOST_NAMED]]
        asked = self._without_private_words(request_of(saved.arguments, addressee.audience))
        kept = asked == request_of(saved.arguments, addressee.audience)
        count, many = len(found), "s" if len(found) > 1 else ""
        name = one_line(saved.name) if kept and not visitor else params.title_of(asked)
        end = addresses.end_of_mails(self._settings, self._tokens.make(saved.id))
        page = (
            addresses.search(self._settings, saved.arguments)
            if visitor
            else addresses.saved_search(self._settings, saved.id)
        )
        return self._mail(
            addressee.email,
            f"{number(count)} nouvelle{many} ressource{many} pour {messages.quoted(name)}",
            "news",
            unsubscribe=end,
            name=name,
            filters=_filters(asked, whole=kept),
            count=count,
            named=named,
            reserved=len(found) - len(told),
            others=len(told) - len(named),
            page=page,
            end=end,
            visitor=visitor,
        )

    def _found(self, saved: SavedSearch, addressee: Addressee, since: float, until: float) -> list[Resource]:
        """Return the new results of a saved search that its addressee may read now. Visitors get no news of private
        resources, even if the site shows visitors the titles of these.

        Args:
            saved: the saved search.
            addressee: who gets the mail, and what that person may see.
            since: beginning of the span of time that the mail is about, in seconds since 1970.
            until: end of that span.
        """
        engine = self._engine()
        found = (
            engine.get(one.resource, audience=addressee.audience)
            for one in self._stores.members.news(saved, since, until)
        )
        return [one for one in found if one is not None and (addressee.audience.sees_private or not one.private)]

    def _named(self, found: Resource) -> NamedResource:
        facts = [found.type or messages.NO_VALUE["type"], str(found.year or messages.NO_VALUE["year"].lower())]
        if found.private:
            facts.append(messages.RESERVED.lower())
        return NamedResource(on_one_line(found.title), ", ".join(facts), addresses.resource(self._settings, found.id))

    def _without_private_words(self, asked: SearchRequest) -> SearchRequest:
        """Return a search without the types, themes and territories that only private resources have, since a mail may
        be read by others.
        """
        if self._settings.mail_private_titles or not (asked.types or asked.themes or asked.territories):
            return asked
        facets = self._engine().search(SearchRequest(Audience.VISITOR, per_page=1, snippets=False)).facets
        types = {value.label for value in facets.type}
        themes = {value.label.casefold() for value in facets.theme}
        territories = {value.value for value in facets.territory}
        return replace(
            asked,
            types=tuple(one for one in asked.types if one is None or one in types),
            themes=tuple(one for one in asked.themes if one is None or one.casefold() in themes),
            territories=tuple(one for one in asked.territories if one is None or one in territories),
        )

    # The night

    def _failure(self, order: Order) -> Mail | None:
        if not self._settings.mail_alerts:
            return None
        unit = one_line(str(order.payload.get("unit", "")))
        return self._mail(
            self._settings.mail_alerts,
            f"{unit} a échoué",
            "failure",
            unit=unit,
            host=one_line(str(order.payload.get("host", ""))),
            result=one_line(str(order.payload.get("result", ""))),
        )

    @property
    def _site(self) -> str:
        return messages.quoted(one_line(self._settings.site_name))

    def _mail(
        self, recipient: str, subject: str, template: str, *, unsubscribe: str | None = None, **values: object
    ) -> Mail:
        subject = typeset(subject)
        content = render(
            template,
            subject=subject,
            site_name=one_line(self._settings.site_name),
            home=addresses.home(self._settings),
            **values,
        )
        return Mail(recipient, subject, content.text, content.html, unsubscribe)


def _filters(asked: SearchRequest, *, whole: bool) -> tuple[str, ...]:
    """Return the query and the filters of a search as French phrases.

    Args:
        asked: the search.
        whole: whether `asked` has all filters of the saved search; if not, a last phrase says that there are others.
    """
    told = [f"mots : {messages.quoted(one_line(asked.query), 100)}"] if asked.query.strip() else []
    for facet in ("type", "theme", "territory", "year", "format"):
        values = params.selected(asked, facet)
        if values:
            if facet == "format":
                shown = [messages.FORMATS.get(one, one) for one in values]
            else:
                name = gazetteer().label if facet == "territory" else one_line
                shown = [messages.NO_VALUE[facet] if one == params.NONE else name(one) for one in values]
            told.append(f"{messages.FACETS[facet].lower()} : {', '.join(shown)}")
    if asked.year_from is not None or asked.year_to is not None:
        told.append(f"période : {messages.years_between(asked.year_from, asked.year_to)}")
    told += [f"accès : {messages.PRIVATE_FILTER[value]}" for value in asked.private]
    if asked.with_publication is not None:
        told.append(messages.PUBLICATION_FILTER[asked.with_publication])
    if asked.match is not None:
        told.append(f"mots cherchés : {messages.MATCH[asked.match]}")
    if not whole:
        told.append("d’autres filtres, à voir sur le site")
    return tuple(map(typeset, told))
