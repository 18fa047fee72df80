"""Mails: composed when they are sent, from orders in a durable queue, by any SMTP server.

`queue` stores orders: what to write to whom, not the mail itself, so that rights are those at the time of sending and
no link that opens something is ever stored. `letters` composes the mail of an order, `news` orders the news of saved
searches, `delivery` sends what is due, over `smtp`. `addresses` names the pages to which mails link. None of them needs
Flask, since `run.py mail send` sends mails without the site. The pages to which mails lead are in
`search_app.members.follow_views` and `search_app.accounts.recovery_views`.
"""

from search_app.mail.queue import MailQueue, Order, OrderKind, TooManyRequestsError

__all__ = ["MailQueue", "Order", "OrderKind", "TooManyRequestsError"]
