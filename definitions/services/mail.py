"""What do customers read? Messages made from templates, kept in the outbox."""

from string import Template

from services.records import transaction

TEMPLATES = {
    "delayed": Template("Dear $name, something of order $order is not in stock. Two days, please."),
    "paid": Template("Dear $name, thank you: order $order is paid ($total) and on its way."),
}


def send(template: str, recipient: str, key: str, **fields: object) -> None:
    """Put a message into the outbox, once for each `key`. Raises `KeyError` for a missing field."""
    text = TEMPLATES[template].substitute(name=recipient, **fields)
    with transaction() as shop:
        shop.execute("INSERT OR IGNORE INTO outbox VALUES (?, ?, ?)", (key, recipient, text))


def outbox() -> list[str]:
    """Return all messages, the oldest first."""
    with transaction() as shop:
        return [text for (text,) in shop.execute("SELECT text FROM outbox ORDER BY rowid")]
