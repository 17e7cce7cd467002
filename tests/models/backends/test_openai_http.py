"""The connection to a server, against a real HTTP server that misbehaves in every way we have heard of."""

import logging
import socket
import threading
import time
from typing import Any

import pytest
from openai_server import Answer, ScriptedServer, completion, cut_everywhere, events, refusal, serving, text_answer

from models.backends.openai_errors import RefusedError
from models.backends.openai_http import Server
from models.catalog.entry import RemoteSource
from models.decoding.cancellation import NEVER, Cancellation, Deadline, OutOfTime
from models.errors import Cancelled, ModelError

BODY = {"prompt": "x"}


def connect(server: ScriptedServer, **changes: Any) -> Server:
    return Server(RemoteSource(server.url, "m", **changes))


def texts(server: Server, cancellation: Cancellation = NEVER) -> list[str]:
    return [choice["text"] for item in server.stream("/completions", BODY, cancellation) for choice in item["choices"]]


def test_streams_whole_characters_however_they_are_cut() -> None:
    pieces = ["naïve", " 🦀", "\n", "日本"]
    with serving([Answer(cut_everywhere(events(completion(pieces))), pause_s=0)]) as server:
        assert "".join(texts(connect(server))) == "naïve 🦀\n日本"


def test_reuses_the_connection() -> None:
    with serving([text_answer("a")]) as server:
        client = connect(server)
        assert texts(client) == texts(client) == ["a", ""]
        assert len({seen.connection for seen in server.seen}) == 1


def test_a_kept_connection_that_died_is_replaced() -> None:
    with serving([text_answer("a")]) as server:
        client = connect(server)
        texts(client)
        answer = Answer(drop=True)

        def dead_once(seen: Any, state: list[bool] = []) -> Answer:  # noqa: B006 - it is the state
            state.append(True)
            return answer if len(state) == 1 else text_answer("b")

        with serving(dead_once) as second:
            client._url = second.url  # pyright: ignore[reportPrivateUsage] - the same client meets another server
            with pytest.raises(ModelError, match="broke"):  # it died within the answer: this is not hidden
                texts(client)
            assert texts(client) == ["b", ""]


def test_a_server_that_hangs_up_at_once_gets_a_second_try() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    accepted: list[int] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            accepted.append(1)
            connection.close()

    threading.Thread(target=accept, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    with pytest.raises(ModelError, match="broke") as error:
        texts(Server(RemoteSource(url, "m")))
    listener.close()
    assert len(accepted) == 2
    assert url in error.value.message


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ModelError, match=f"No server answers at http://127.0.0.1:{port}/v1") as error:
        texts(Server(RemoteSource(f"http://127.0.0.1:{port}/v1", "m")))
    assert "Start it" in error.value.hint


@pytest.mark.parametrize("url", ["", "localhost:8000/v1", "ftp://host/v1", "http://", "http://[::1/v1"])
def test_impossible_urls(url: str) -> None:
    with pytest.raises(ModelError, match="no URL") as error:
        Server(RemoteSource(url, "m"))
    assert "http://" in error.value.hint


def test_key_is_sent_and_never_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("TEAM_KEY", "sk-very-secret")
    caplog.set_level(logging.DEBUG)
    with serving([refusal(401, {"error": {"message": "Incorrect API key: sk-very-secret."}})]) as server:
        client = connect(server, api_key_env="TEAM_KEY")
        with pytest.raises(RefusedError) as error:
            texts(client)
    assert server.seen[0].headers["authorization"] == "Bearer sk-very-secret"
    assert "***" in error.value.message
    assert error.value.hint == "Is the key in $TEAM_KEY right?"
    told = error.value.message + error.value.hint + repr(client) + repr(vars(client)) + caplog.text
    assert "secret" not in told


def test_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEAM_KEY", raising=False)
    with pytest.raises(ModelError, match="TEAM_KEY"):
        Server(RemoteSource("http://127.0.0.1:1/v1", "m", api_key_env="TEAM_KEY"))


def test_password_in_the_url_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving([refusal(500, {"error": "x"})]) as server:
        client = Server(RemoteSource(server.url.replace("://", "://me:hunter2@"), "m"))
        with pytest.raises(ModelError) as error:
            texts(client)
    assert "hunter2" not in error.value.message + client.url + caplog.text
    assert server.seen[0].headers["authorization"].startswith("Basic ")


def test_unknown_model_lists_the_known_ones() -> None:
    def script(seen: Any) -> Answer:
        if seen.method == "GET":
            return refusal(200, {"data": [{"id": "qwen"}, {"id": "starcoder"}]})
        return refusal(404, {"object": "error", "message": "The model `m` does not exist."})

    with serving(script) as server, pytest.raises(RefusedError, match="does not know the model 'm'") as error:
        texts(connect(server))
    assert error.value.hint == "It has qwen, starcoder."


def test_wrong_path_is_told_from_a_wrong_model() -> None:
    with serving([refusal(404, b"<html>Not Found</html>")]) as server, pytest.raises(RefusedError) as error:
        texts(connect(server))
    assert "the URL is wrong" in error.value.message
    assert "/v1" in error.value.hint


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "too long", "type": "x"}}, "too long"),
        ({"error": "too long"}, "too long"),
        ({"object": "error", "message": "too\nlong."}, "too long"),
        ({"detail": [{"loc": ["body", "seed"], "msg": "extra"}]}, "seed"),
        (b"too long", "too long"),
        (b"<html>proxy</html>", "400."),
    ],
)
def test_refusals_in_the_shapes_of_known_servers(body: Any, said: str) -> None:
    with serving([refusal(400, body)]) as server, pytest.raises(RefusedError) as error:
        texts(connect(server))
    assert said in error.value.message
    assert "\n" not in error.value.message
    assert error.value.status == 400
    assert len(server.seen) == 1


def test_a_busy_server_is_asked_twice() -> None:
    busy = refusal(429, {"error": {"message": "slow down"}}, retry_after="0.1")
    with serving([busy, text_answer("a")]) as server:
        begun = time.perf_counter()
        assert texts(connect(server)) == ["a", ""]
        assert time.perf_counter() - begun >= 0.1


def test_a_server_that_stays_busy_is_not_asked_a_third_time() -> None:
    with serving([refusal(503, {"error": "loading"})]) as server, pytest.raises(RefusedError, match="503: loading"):
        texts(connect(server))
    assert len(server.seen) == 2


def test_long_patience_is_not_waited_for() -> None:
    with serving([refusal(429, {"error": "quota"}, retry_after="30")]) as server, pytest.raises(RefusedError) as error:
        texts(connect(server))
    assert error.value.hint == "Try again in 30 s."
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer([b"data: {oops\n\n"]), "does not answer as a completion server"),
        (Answer([b"data: [1]\n\n"]), "does not answer as a completion server"),
        (Answer([b'data: {"choices": 3}\n\n']), "does not answer as a completion server"),
        (Answer([b"<html>"], headers={"Content-Type": "application/json"}), "does not answer as a completion server"),
        (Answer([b"<html>"], headers={"Content-Type": "text/html"}), "does not answer as a completion server"),
        (Answer([b'data: {"error": {"message": "out of memory"}}\n\n']), "failed: out of memory"),
        (Answer(events(completion(["a"], finish=None), done=False)), "broke off"),
        (Answer(events(completion(["a"], finish=None), done=False), drop=True), "broke"),
        (Answer([b"\n\n"]), "without a word"),
    ],
)
def test_garbage_and_broken_answers(answer: Answer, message: str) -> None:
    with serving([answer]) as server, pytest.raises(ModelError, match=message) as error:
        texts(connect(server))
    assert server.url in error.value.message
    assert error.value.hint


def test_an_answer_without_streaming_is_taken_whole() -> None:
    with serving([refusal(200, {"choices": [{"index": 0, "text": "all"}]})]) as server:
        assert texts(connect(server)) == ["all"]


@pytest.mark.parametrize(
    "answer",
    [Answer(delay_s=20), Answer(events(completion(["a"], None), done=False), hang=True)],
    ids=["no answer", "in the answer"],
)
def test_cancellation_hangs_up_at_once(answer: Answer) -> None:
    cancellation = Cancellation()
    with serving([answer]) as server:
        threading.Timer(0.2, cancellation.cancel).start()
        begun = time.perf_counter()
        with pytest.raises(Cancelled):
            texts(connect(server), cancellation)
        assert time.perf_counter() - begun < 5
        assert answer.on_hang_up.wait(10)


def test_closing_the_iterator_hangs_up_and_the_next_call_works() -> None:
    endless = Answer(events(completion(["a"] * 3, None), done=False), hang=True)
    with serving([endless, text_answer("b")]) as server:
        client = connect(server)
        stream = client.stream("/completions", BODY)
        next(stream)
        stream.close()
        assert endless.on_hang_up.wait(10)
        assert texts(client) == ["b", ""]


def test_deadline_and_silence() -> None:
    with serving([Answer(hang=True)]) as server:
        begun = time.perf_counter()
        with pytest.raises(OutOfTime):
            texts(connect(server), Deadline(NEVER, 100))
        assert time.perf_counter() - begun < 5
        with pytest.raises(ModelError, match="silent"):
            texts(Server(RemoteSource(server.url, "m"), read_timeout_s=0.1))


def test_a_closed_connection_says_so() -> None:
    with serving([text_answer("a")]) as server:
        client = connect(server)
        texts(client)
        client.close()
        client.close()
        with pytest.raises(ModelError, match="was closed"):
            texts(client)
