"""A definition in which every kind of node occurs, so that one golden file shows all of them."""

from typing import Any

from vivido.model.definition import Definition

STEPS = {
    "reserve": {
        "ref": "shop:reserve",
        "doc": "Puts goods aside. They stay there for a day.",
        "retry": {"max_attempts": 5},
        "timeout": "30s",
        "compensate": "release",
    },
    "release": {"ref": "shop:release"},
    "notify": {"ref": "shop:notify", "at_most_once": True, "pool": "mail"},
}


def step(name: str, node: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a step node."""
    return {"id": node or name, "kind": "step", "step": name, **more}


def definition(*body: dict[str, Any], **more: Any) -> Definition:
    """Return a definition whose main block has this body."""
    return Definition.model_validate(
        {"name": "all_kinds", "steps": STEPS, "blocks": {"main": {"body": list(body)}}} | more
    )


CONTROL: tuple[dict[str, Any], ...] = (
    {
        "id": "if",
        "kind": "if",
        "line": 4,
        "test": "stock.missing",
        "then": [{"id": "sleep", "kind": "sleep", "args": {"days": "2"}}],
    },
    {
        "id": "if_2",
        "kind": "if",
        "test": "total > 20",
        "then": [step("notify", "a")],
        "orelse": [
            {
                "id": "if_3",
                "kind": "if",
                "test": "total > 10",
                "then": [step("notify", "b")],
                "orelse": [step("notify", "c")],
            }
        ],
    },
    {
        "id": "match",
        "kind": "match",
        "subject": "order.country",
        "cases": [
            {"pattern": "'NO' | 'SE'", "body": [step("notify", "d")]},
            {"pattern": "code", "guard": "code in EU", "body": []},
        ],
    },
    {
        "id": "for",
        "kind": "for",
        "to": "item",
        "items": "order.items",
        "body": [
            {
                "id": "if_4",
                "kind": "if",
                "test": "item.gone",
                "then": [{"id": "continue", "kind": "continue"}],
            },
            step("reserve", line=12, args={"item": "item", "many": "2"}, to="stock"),
            {"id": "set", "kind": "set", "to": "total", "op": "+=", "value": "stock.price"},
            {"id": "log", "kind": "log", "message": "'seen'"},
        ],
        "orelse": [step("notify", "e")],
    },
    {
        "id": "while",
        "kind": "while",
        "pre": [step("notify", "f", to="_more")],
        "test": "_more",
        "body": [{"id": "break", "kind": "break"}],
    },
    {
        "id": "try",
        "kind": "try",
        "body": [
            {
                "id": "saga",
                "kind": "saga",
                "body": [
                    {
                        "id": "deadline",
                        "kind": "deadline",
                        "args": {"duration": "'24h'"},
                        "body": [step("reserve", "g")],
                    }
                ],
            }
        ],
        "handlers": [
            {
                "types": ["CardDeclined", "Closed"],
                "to": "error",
                "body": [{"id": "raise", "kind": "raise", "value": "Failed()", "cause": "error"}],
            },
            {"body": [step("notify", "h")]},
        ],
        "orelse": [step("notify", "i")],
        "final": [step("notify", "j", doc="Whatever happens.")],
    },
)
BESIDE: tuple[dict[str, Any], ...] = (
    {
        "id": "parallel",
        "kind": "parallel",
        "policy": {"on_error": "collect"},
        "to": "(label, _)",
        "branches": [
            {"name": "label", "body": [step("reserve", "k")]},
            {
                "each": {"to": "s", "items": "suppliers", "where": ["s.open"]},
                "body": [step("notify", "l")],
                "value": "s.name",
            },
        ],
    },
    {
        "id": "map",
        "kind": "map",
        "item": "_page",
        "items": "pages",
        "policy": {"max_concurrency": "50", "tolerate": "0.05", "need": "8"},
        "body": [step("notify", "m")],
        "to": "texts",
    },
    {
        "id": "spawn",
        "kind": "spawn",
        "branch": {"body": [step("notify", "n")]},
        "to": "job",
    },
    {"id": "join", "kind": "join", "job": "job", "to": "film"},
    {
        "id": "first",
        "kind": "first",
        "to": "who",
        "branches": [
            {
                "name": "paid",
                "body": [{"id": "receive", "kind": "receive", "args": {"name": "'paid'"}}],
            },
            {
                "name": "late",
                "body": [{"id": "sleep_2", "kind": "sleep", "args": {"hours": "1"}}],
            },
        ],
    },
)
OUTSIDE: tuple[dict[str, Any], ...] = (
    {"id": "callback", "kind": "callback", "args": {"timeout": "'1h'", "heartbeat": "'5m'"}},
    {
        "id": "approve",
        "kind": "approve",
        "args": {"title": "'Refund over limit'", "to": "'finance'", "timeout": "'2d'"},
        "to": "ok",
    },
    {"id": "emit", "kind": "emit", "args": {"name": "'order.shipped'", "payload": "x"}},
    {
        "id": "poll",
        "kind": "poll",
        "step": "notify",
        "args": {"job": "job"},
        "until": "result.done",
        "every": "'30s'",
    },
    {"id": "child", "kind": "child", "workflow": "ship", "args": {"*": "rest"}, "to": "parcel"},
    {"id": "call", "kind": "call", "block": "helper", "args": {"x": "1"}, "to": "y"},
    {"id": "set_2", "kind": "set", "to": "y", "op": "del"},
    {"id": "do", "kind": "do", "value": "rows.append(y)"},
    {"id": "publish", "kind": "publish", "args": {"stage": "'packing'"}},
    {"id": "return", "kind": "return", "line": 40, "value": "Receipt(order_id=order.id, paid=y)"},
)

ALL = definition(
    *CONTROL,
    *BESIDE,
    *OUTSIDE,
    doc="Shows every kind of node. And more.",
    source={"file": "definitions/all_kinds.py", "line": 3},
    params=[{"name": "order", "type": "Order"}, {"name": "limit"}],
    blocks={
        "main": {"body": [*CONTROL, *BESIDE, *OUTSIDE]},
        "helper": {
            "params": [{"name": "x"}],
            "line": 30,
            "body": [{"id": "helper.return", "kind": "return", "value": "x + 1"}],
        },
    },
)
