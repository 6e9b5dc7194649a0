"""Does the agent find its answers with its tools, and does it stop?"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from agent_loop import Answer, Message, OutOfTurns, Question, agent_loop, think, use
from services import arithmetic, assistant, library, units
from services.arithmetic import BadSum
from services.assistant import Seen, Wish
from services.library import NothingFound
from services.units import NoConversion

from vivido.testing import simulate

ANSWER = Answer(
    text="How long is the railway from Oslo to Bergen in miles, there and back: 616.4.\n"
    "what is 15% of 260: 39.\n"
    "I cannot tell 'what is 1 / 0': '1 / 0' has no result.\n"
    "who wrote the first compiler: Grace Hopper wrote the first compiler, in 1952.",
    turns=4,
    tools=6,
)


def test_a_plain_call_answers(example: Callable[[str], Any]) -> None:
    """Four questions in one: a chain of three tools, a sum, a sum without a result, a look-up."""
    assert agent_loop(Question.model_validate(example("question"))) == ANSWER


def test_the_engine_answers_the_same(example: Callable[[str], Any]) -> None:
    """On the engine each turn is a step, and the tools of a turn run side by side."""
    run = simulate(agent_loop, example("question"))
    assert (run.status, run.output) == ("succeeded", ANSWER)
    assert [run.calls(one) for one in (think, use)] == [4, 6]
    assert run.path[:5] == ["think", "map", "use", "use", "use"]
    assert run.published == {"turn": 4}


def test_turns_are_bounded() -> None:
    """A model that only ever wants more ends in an error, not in a loop."""
    more = Message(role="assistant", wishes=[Wish("1.1", "calculate", {"sum": "1"})])
    run = simulate(agent_loop, {"text": "Why?", "turns": 3}, mocks={think: more})
    assert (run.status, run.calls(think), run.calls(use)) == ("failed", 3, 3)
    assert run.error is not None
    assert (run.error.type, run.error.message) == ("OutOfTurns", "no answer after 3 turns")
    with pytest.raises(OutOfTurns, match="no answer after 1 turns"):
        agent_loop(Question(text="What is 1 + 1?", turns=1))


def test_a_model_that_stumbles_is_asked_again() -> None:
    """A failed call of the model is retried; the conversation goes on where it was."""
    mocks = {think: [OSError("overloaded"), Message(role="assistant", text="42.")]}
    run = simulate(agent_loop, {"text": "What is the answer?"}, mocks=mocks)
    assert (run.output, run.calls(think)) == (Answer(text="42.", turns=1, tools=0), 2)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How heavy is a moose in pounds?", "1058.22 pounds"),
        ("What is (17+4)*2/3?", "14"),
        ("Who invented the zip?", "the library says nothing about 'Who invented the zip'"),
        ("Convert 3 km in kg", "km measure length, and kg measure weight"),
        ("How high is Mont Blanc in feet?", "15767.72 feet"),
        ("Who was Ada Lovelace in miles?", "nothing is measured in 'nothing'"),
        ("Who was Ada Lovelace, there and back?", "is no sum"),
    ],
)
def test_questions_find_their_tools(question: str, answer: str) -> None:
    """What the rules of the model make of a question."""
    assert answer in agent_loop(Question(text=question)).text


def test_the_model_knows_only_the_conversation() -> None:
    """The same conversation gives the same reply: wishes first, and with the results an answer."""
    wishes = [Wish("1.1", "calculate", {"sum": "2 + 3"})]
    assert assistant.reply("What is 2 + 3?", {}) == wishes
    assert assistant.reply("What is 2 + 3?", {"1.1": Seen("5")}) == "What is 2 + 3: 5."


@pytest.mark.parametrize(
    ("text", "value"),
    [("1 + 2 * 3", "7"), ("-(2.5 - 4)", "1.5"), ("0.1 + 0.2", "0.3"), ("7 / 4", "1.75")],
)
def test_sums_are_worked_out(text: str, value: str) -> None:
    """Sums are exact to the digit."""
    assert arithmetic.work_out(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["1 / 0", "2 ** 9", "__import__('os')", "1 +", "a", "1" * 201, "1e999999 * 1e999999"]
)
def test_what_is_no_sum_is_refused(text: str) -> None:
    """The calculator knows four operations and numbers: nothing else gets in."""
    with pytest.raises(BadSum):
        arithmetic.work_out(text)


def test_units_of_one_kind_are_converted() -> None:
    """A marathon in miles; hours are no length; and a cubit is nothing that we know."""
    assert units.convert(Decimal("42.195"), "km", "miles") == Decimal("26.22")
    with pytest.raises(NoConversion, match="hours measure time, and km measure length"):
        units.convert(Decimal(1), "hours", "km")
    with pytest.raises(NoConversion, match="'cubits'"):
        units.convert(Decimal(1), "cubits", "km")


def test_the_library_finds_the_rarest_words() -> None:
    """Words that stand everywhere decide nothing."""
    assert library.search("how long is the railway to Voss") == library.SENTENCES[3]
    with pytest.raises(NothingFound):
        library.search("is the of")
