"""RA parallel_tools_agent: runs all tools together that a model has asked for, by their ids."""

import json
from collections.abc import Callable
from typing import Any

from vivido import parallel, step, workflow
from vivido.testing import Run

Message = dict[str, Any]


@step
def ask_model(messages: list[Message]) -> Message:
    """Let a model that knows two tools go on with the conversation."""
    results = [json.loads(message["content"]) for message in messages if message["role"] == "tool"]
    if not results:
        city = messages[-1]["content"]
        calls = [
            {"id": "c1", "name": "weather", "arguments": json.dumps({"city": city})},
            {"id": "c2", "name": "time", "arguments": "{}"},
        ]
        return {"role": "assistant", "calls": calls}
    return {"role": "assistant", "content": f"{results[0]['sky']} at {results[1]['hour']}:00"}


@step
def weather(city: str) -> dict[str, str]:
    """Say how the weather is."""
    return {"sky": "rain" if city == "Bergen" else "sun"}


@step
def local_time(zone: str = "UTC") -> dict[str, Any]:
    """Say how late it is."""
    return {"hour": 12, "zone": zone}


@workflow
def use(name: str, arguments: dict[str, str]) -> dict[str, Any]:
    """Find the tool of that name."""
    match name:
        case "weather":
            return weather(**arguments)
        case "time" | "clock":
            return local_time(**arguments)
        case _:
            raise LookupError(f"no tool {name!r}")


@workflow
def agent(city: str) -> str:
    """Answer in at most three turns."""
    messages: list[Message] = [{"role": "user", "content": city}]
    for _ in range(3):
        reply = ask_model(messages)
        messages.append(reply)
        calls = reply.get("calls", [])
        if not calls:
            return str(reply["content"])
        ids = [call["id"] for call in calls]
        values = parallel(*[use(call["name"], json.loads(call["arguments"])) for call in calls])
        outputs = dict(zip(ids, values, strict=True))
        for call_id, output in outputs.items():
            messages.append({"role": "tool", "id": call_id, "content": json.dumps(output)})
    raise TimeoutError("the model never stops")


def test_both_tools_are_used_at_once(both: Callable[..., Run]) -> None:
    """One turn with two tools, one with the answer."""
    run = both(agent, "Bergen")
    assert run.output == "rain at 12:00"
    assert [run.calls(one) for one in (ask_model, weather, local_time)] == [2, 1, 1]
