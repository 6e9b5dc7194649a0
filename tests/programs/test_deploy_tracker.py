"""D deploy-tracker-slackbot: builds, tests and deploys a commit, and tells the channel about it."""

from collections.abc import Callable
from enum import Enum

from pydantic import BaseModel

from vivido import publish, sleep, step, workflow
from vivido.testing import Run

CHANNEL = "#deploys"
posted: list[str] = []


class Stage(Enum):
    """Where a deployment is."""

    BUILDING = "building"
    TESTING = "testing"
    DEPLOYING = "deploying"
    LIVE = "live"
    BROKEN = "broken"


class Deployment(BaseModel):
    """One commit on its way."""

    commit: str
    author: str = "someone"
    stage: Stage = Stage.BUILDING


class TestsFailed(Exception):
    """Some tests failed; `failed` says which."""

    __test__ = False

    def __init__(self, failed: list[str]) -> None:
        super().__init__(f"{len(failed)} failed")
        self.failed = failed


@step
def post(channel: str, text: str) -> None:
    """Write to the channel."""
    posted.append(f"{channel} {text}")


@step
def build(commit: str) -> str:
    """Make an image."""
    return f"image:{commit[:7]}"


@step
def run_tests(image: str) -> int:
    """Run the tests of an image."""
    if "bad" in image:
        raise TestsFailed(["test_login", "test_pay"])
    return 128


@step
def deploy(image: str) -> str:
    """Bring an image to the servers."""
    return f"https://{image.partition(':')[2]}.example.org"


@workflow
def track(deployment: Deployment) -> Deployment:
    """Bring a commit to the servers; each stage is told and shown."""

    def announce(stage: Stage, text: str) -> None:
        publish(stage=stage.value)
        post(CHANNEL, f"[{stage.name}] {deployment.commit:.7} by {deployment.author}: {text}")

    announce(Stage.BUILDING, "building")
    image = build(deployment.commit)
    announce(Stage.TESTING, f"testing {image}")
    try:
        passed = run_tests(image)
    except TestsFailed as error:
        deployment.stage = Stage.BROKEN
        announce(deployment.stage, f"{error}: {', '.join(error.failed)}")
        return deployment
    announce(Stage.DEPLOYING, f"{passed} tests passed")
    url = deploy(image)
    sleep(minutes=5)
    deployment.stage = Stage.LIVE
    announce(deployment.stage, url)
    return deployment


def test_a_good_commit_goes_live(both: Callable[..., Run]) -> None:
    """Four messages, and the deployment comes back with its stage."""
    run = both(track, Deployment(commit="c0ffee1234", author="ada"), effects=posted)
    assert run.output == Deployment(commit="c0ffee1234", author="ada", stage=Stage.LIVE)
    assert posted == [
        "#deploys [BUILDING] c0ffee1 by ada: building",
        "#deploys [TESTING] c0ffee1 by ada: testing image:c0ffee1",
        "#deploys [DEPLOYING] c0ffee1 by ada: 128 tests passed",
        "#deploys [LIVE] c0ffee1 by ada: https://c0ffee1.example.org",
    ]
    assert run.published == {"stage": "live"}


def test_a_bad_commit_is_reported(both: Callable[..., Run]) -> None:
    """The attributes of the exception are in the message; nothing is deployed."""
    run = both(track, Deployment(commit="bad0000000"), effects=posted)
    assert run.output.stage is Stage.BROKEN
    assert posted[-1] == "#deploys [BROKEN] bad0000 by someone: 2 failed: test_login, test_pay"
    assert run.calls(deploy) == 0
