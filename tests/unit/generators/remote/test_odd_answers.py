"""Whatever a provider answers, it is understood or an answer that was lost: never a crash."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.generator.generators.comfyui.prompts import Finished, Queue, of_job_in_history
from services.generator.generators.openai_images.answers import Pictures
from services.generator.generators.remote.errors import AnswerLostError, ProviderFailedError
from services.generator.generators.remote.failures import words
from services.generator.generators.remote.http import Answer
from services.generator.generators.replicate.predictions import Prediction

NAMES = (
    *("data", "b64_json", "url", "usage"),
    *("id", "status", "input", "output", "error", "logs", "metrics", "predict_time", "created_at"),
    *("prompt", "outputs", "messages", "timestamp", "status_str", "images", "filename", "type"),
    *("queue_running", "queue_pending", "message", "detail", "msg", "execution_error", "9"),
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    LEAVES | st.sampled_from([*NAMES, "succeeded", "https://x"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6)


@given(JSON)
def test_predictions(answer: Any) -> None:
    with suppress(AnswerLostError):
        seen = Prediction.of(answer)
        assert seen.seconds >= 0
        assert isinstance(seen.reason, str)
        assert seen.percent is None or 0 <= seen.percent <= 100
        assert all(isinstance(url, str) for url in seen.urls())


@given(st.fixed_dictionaries({"id": st.just("p1"), "status": st.just("failed")}), OBJECTS)
def test_predictions_with_odd_parts(good: dict[str, Any], odd: dict[str, Any]) -> None:
    test_predictions.hypothesis.inner_test({**odd, **good})  # type: ignore[attr-defined]


@given(JSON)
def test_pictures(answer: Any) -> None:
    with suppress(AnswerLostError):
        for picture in Pictures.of(answer).data:
            picture.content()


@given(st.text(max_size=20))
def test_ids_of_pictures(order_id: str) -> None:
    with suppress(ProviderFailedError):
        assert Pictures.at(order_id).data


@given(OBJECTS)
def test_histories(entry: dict[str, Any]) -> None:
    done = Finished(entry)
    assert done.seconds >= 0
    assert isinstance(done.reason, str)
    assert isinstance(done.queries([]), list)
    assert isinstance(done.queries(["9"]), list)


@given(JSON)
def test_queues(answer: Any) -> None:
    with suppress(AnswerLostError):
        queue = Queue(answer)
        assert queue.position("x") is None
        assert queue.of_job("x") is None
    with suppress(AnswerLostError):
        of_job_in_history(answer, "x")


@given(JSON)
def test_words(answer: Any) -> None:
    assert len(words(json.dumps(answer).encode())) <= 300


@given(JSON, st.lists(st.sampled_from(NAMES), min_size=1, max_size=2))
def test_texts_in_answers(answer: Any, path: list[str]) -> None:
    with suppress(AnswerLostError):
        assert Answer("p", {}, json.dumps(answer).encode()).text(*path)  # type: ignore[arg-type]
