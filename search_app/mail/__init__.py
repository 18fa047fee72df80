"""Mails: ordered in a durable queue, composed when they are sent, and delivered over any SMTP server.

`queue` stores orders: what to write to whom, not the mail itself, so that rights are checked at the time of sending and
links that give access are never stored. `letters` composes the mail of an order, `news` orders the mails about new
results of saved searches, `delivery` sends the mails that are due, over `smtp`. `addresses` returns the addresses of
the pages to which mails link. None of these modules needs Flask, since `run.py mail send` sends mails without the site.
The pages to which mails lead are in `search_app.members.follow_views` and `search_app.accounts.recovery_views`.
"""

from search_app.mail.queue import MailQueue, Order, OrderKind, TooManyRequestsError

__all__ = ["MailQueue", "Order", "OrderKind", "TooManyRequestsError"]
