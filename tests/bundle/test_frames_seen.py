"""A frame that a model has seen is not described by it as if it were new."""

import pytest

from errors_raised import raised
from nonet.errors import LeakError
from nonet.evaluate import Use, refuse_seen

SEEN = {"a" * 64: Use.TRAINED, "b" * 64: Use.CHOSEN_BY}


def test_frames_that_were_not_seen_pass() -> None:
    refuse_seen({"1.png": "c" * 64, "2.png": "d" * 64}, SEEN)
    refuse_seen({}, SEEN)


@pytest.mark.parametrize("sha", SEEN, ids=lambda sha: SEEN[sha])
def test_a_frame_that_was_seen_is_refused_by_name_whatever_it_was_used_for(sha: str) -> None:
    with raised(LeakError, found=r"1 of 2 frames were seen, planted\.png among them"):
        refuse_seen({"1.png": "c" * 64, "planted.png": sha}, SEEN)
