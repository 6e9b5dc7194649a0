"""How does an agent answer a question? It thinks, has tools used side by side, and thinks again.

The model is a small one that follows rules (``services/assistant.py``): put a real one into `think`
and the workflow stays as it is. Each turn is recorded, so that no answer is ever paid for twice.
"""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field
from services import arithmetic, assistant, library, units
from services.assistant import Seen, Wish

from vivido import Retry, map_each, publish, step, workflow


class Question(BaseModel):
    """What somebody wants to know, and after how many turns to give up."""

    text: str
    turns: int = Field(default=5, ge=1)


class Message(BaseModel):
    """One entry of the conversation; `id` says which wish a tool has answered."""

    role: Literal["user", "assistant", "tool"]
    text: str = ""
    wishes: list[Wish] = []
    id: str = ""
    failed: bool = False


class Answer(BaseModel):
    """What the agent found out."""

    text: str
    turns: int
    tools: int


class OutOfTurns(Exception):
    """The agent came to no end."""


@step(retry=Retry(max_attempts=3, backoff="1s"), timeout="1m")
def think(messages: list[Message]) -> Message:
    """Let the model read the conversation and go on with it."""
    seen = {one.id: Seen(one.text, one.failed) for one in messages if one.role == "tool"}
    said = assistant.reply(messages[0].text, seen)
    if isinstance(said, str):
        return Message(role="assistant", text=said)
    return Message(role="assistant", wishes=said)


@step(timeout="10s")
def use(wish: Wish) -> str:
    """Use a tool. What it cannot do it raises, and the model gets to read that."""
    match wish.tool:
        case "search":
            return library.search(wish.arguments["question"])
        case "convert":
            amount, wanted = Decimal(wish.arguments["amount"]), wish.arguments["wanted"]
            return f"{units.convert(amount, wish.arguments['unit'], wanted)} {wanted}"
        case "calculate":
            return str(arithmetic.work_out(wish.arguments["sum"]))


@workflow(version="1", timeout="10m", tags={"team": "support"})
def agent_loop(question: Question) -> Answer:
    """Answer a question in a bounded number of turns."""
    messages = [Message(role="user", text=question.text)]
    tools = 0
    for turn in range(1, question.turns + 1):
        publish(turn=turn)
        said = think(messages)
        messages.append(said)
        if not said.wishes:
            return Answer(text=said.text, turns=turn, tools=tools)
        results = map_each(use, said.wishes, on_error="collect")
        for wish, result in zip(said.wishes, results, strict=True):
            failed = isinstance(result, Exception)
            messages.append(Message(role="tool", id=wish.id, text=str(result), failed=failed))
        tools += len(said.wishes)
    raise OutOfTurns(f"no answer after {question.turns} turns")
