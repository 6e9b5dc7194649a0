"""How do all tests run? The same examples each time, or new ones on request.

`make test` must say the same today and tomorrow, so Hypothesis draws its examples from the test
itself. ``HYPOTHESIS_PROFILE=explore make test`` looks for new ones, many more of them.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci",
    derandomize=True,
    database=None,  # leaves nothing behind
    deadline=None,  # a busy machine is no failure
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "explore", settings.get_profile("ci"), derandomize=False, max_examples=2_000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
