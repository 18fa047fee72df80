"""The inbox: messages of readers to staff, about a resource or in general, and the form that sends them.

`views` needs Flask; `store` does not.
"""

from search_app.inbox.store import MAX_TEXT, Inbox, Message, TooManyMessagesError

__all__ = ["MAX_TEXT", "Inbox", "Message", "TooManyMessagesError"]
