"""RA workflow_evaluator_optimizer: generate, judge, improve; at most three rounds."""

from collections.abc import Callable

from pydantic import BaseModel

from vivido import step, workflow
from vivido.testing import Run

MAX_ROUNDS = 3


class Judgement(BaseModel):
    """What the judge says."""

    passed: bool
    feedback: str = ""


@step
def generate(prompt: str) -> str:
    """Write code for a prompt: what the feedback names is in it."""
    lines = ["def add(a, b):"]
    lines += ['    """Add."""'] if "docstring" in prompt else []
    lines += ["    # careful"] if "comment" in prompt else []
    return "\n".join([*lines, "    return a + b"])


@step
def judge(code: str, wanted: list[str]) -> Judgement:
    """Name the first thing that is missing."""
    marks = {"docstring": '"""', "comment": "#", "tests": "assert"}
    for want in wanted:
        if marks[want] not in code:
            return Judgement(passed=False, feedback=f"a {want} is missing")
    return Judgement(passed=True)


@workflow
def improve(task: str, wanted: list[str]) -> dict[str, str | int]:
    """Return the code and the number of rounds."""
    attempts: list[str] = []
    prompt = task
    for round_number in range(MAX_ROUNDS):
        code = generate(prompt)
        attempts.append(code)
        judgement = judge(code, wanted)
        if judgement.passed:
            return {"code": code, "rounds": round_number + 1}
        prompt = f"""{task}
Your attempt number {len(attempts)} was:
{attempts[-1]!r}
Please improve it: {judgement.feedback}. Earlier: {prompt.count("improve")} times."""
    return {"code": attempts[-1], "rounds": MAX_ROUNDS, "note": "not good enough"}


def test_it_returns_as_soon_as_it_is_good(both: Callable[..., Run]) -> None:
    """One thing is missing, so the second round passes."""
    run = both(improve, {"task": "add two numbers", "wanted": ["docstring"]})
    assert (run.output["rounds"], run.calls(generate)) == (2, 2)
    assert '"""Add."""' in run.output["code"]


def test_it_stops_after_three_rounds(both: Callable[..., Run]) -> None:
    """What never comes ends the loop."""
    run = both(improve, {"task": "add", "wanted": ["docstring", "tests"]})
    assert (run.output["note"], run.calls(judge)) == ("not good enough", 3)
