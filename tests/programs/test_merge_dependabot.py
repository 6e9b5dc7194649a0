"""PR merge_dependabot: finds the pull request of a bot whose checks pass, and approves it."""

from collections.abc import Callable

from pydantic import BaseModel

from vivido import step, workflow
from vivido.testing import Run

BOT = "dependabot[bot]"
approved: list[int] = []


class PullRequest(BaseModel):
    """A change that somebody offers."""

    number: int
    user: str
    title: str = ""
    mergeable: bool = True


@step
def list_pulls(repository: str, page: int) -> list[PullRequest]:
    """Return one page of pull requests."""
    pages = {
        "web": [
            [PullRequest(number=1, user="ann"), PullRequest(number=2, user=BOT, mergeable=False)],
            [
                PullRequest(number=3, user=BOT, title="Bump left-pad"),
                PullRequest(number=4, user=BOT),
            ],
        ],
        "api": [[PullRequest(number=9, user="ann", title="draft")]],
    }.get(repository, [])
    return pages[page] if page < len(pages) else []


@step
def checks_pass(number: int) -> bool:
    """Ask the build."""
    return number != 4


@step
def approve_pull(repository: str, number: int, comment: str) -> str:
    """Approve it."""
    approved.append(number)
    return f"{repository}#{number} {comment}"


@workflow
def merge(repository: str) -> str:
    """Return what was approved."""
    page = 0
    while pulls := list_pulls(repository, page):
        page += 1
        for pull in pulls:
            if pull.user != BOT or "draft" in pull.title:
                continue
            if pull.mergeable and checks_pass(pull.number):
                break
        else:
            continue
        title = pull.title.removeprefix("Bump ") or "(no title)"
        return approve_pull(repository, pull.number, f"merge {title}")
    return f"nothing on {page} page{'' if page == 1 else 's'}"


def test_the_first_good_one_is_approved(both: Callable[..., Run]) -> None:
    """It stands on the second page; the one after it is not looked at."""
    run = both(merge, "web", effects=approved)
    assert run.output == "web#3 merge left-pad"
    assert (approved, run.calls(checks_pass)) == ([3], 1)


def test_there_may_be_none(both: Callable[..., Run]) -> None:
    """The else of the loop goes on with the next page, until there is no more."""
    assert both(merge, "api").output == "nothing on 1 page"
    assert both(merge, "elsewhere").output == "nothing on 0 pages"
