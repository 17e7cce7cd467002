"""A language server that misbehaves on demand: what it does is the word before the dot of the completed place.

Keeps the documents it is shown by their changes, in UTF-16, so that a client that counts columns wrongly gets wrong
answers.
"""

import json
import os
import re
import sys
import time
from typing import Any

documents: dict[str, str] = {}
cancelled: list[int] = []


def read() -> dict[str, Any] | None:
    length = 0
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            return None
        if line == b"\r\n":
            break
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(sys.stdin.buffer.read(length))


def write(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


def index(text: str, position: dict[str, int]) -> int:
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: position["line"]])
    units = lines[position["line"]].encode("utf-16-le")[: 2 * position["character"]]
    return start + len(units.decode("utf-16-le"))


def change(uri: str, event: dict[str, Any]) -> None:
    text = documents[uri]
    if "range" not in event:
        documents[uri] = event["text"]
        return
    start, end = index(text, event["range"]["start"]), index(text, event["range"]["end"])
    documents[uri] = text[:start] + event["text"] + text[end:]


def item(label: str, kind: int = 2, **more: Any) -> dict[str, Any]:
    return {"label": label, "kind": kind, **more}


def complete(request: dict[str, Any]) -> None:
    params = request["params"]
    text = documents[params["textDocument"]["uri"]]
    before = text[: index(text, params["position"])]
    match = re.search(r"(\w+)\.\Z", before)
    word = match.group(1) if match else ""
    result: Any = [item("plain"), item("with_label(int x)", insertText="inserted"), item("class", 14)]
    if word == "die":
        sys.stderr.write("last words\n")
        sys.stderr.flush()
        os._exit(3)
    elif word == "hang":
        return
    elif word == "stop_reading":
        time.sleep(3600)
    elif word == "stderr":
        sys.stderr.write("x" * 300_000 + "\n")
        sys.stderr.flush()
    elif word == "null":
        result = None
    elif word == "incomplete":
        result = {"isIncomplete": True, "items": [item("some")]}
    elif word == "words":
        result = [item("word", 1), item("other", 1)]
    elif word == "scope":
        result = [item(f"k{i}", 14) for i in range(20)] + [item("x")]
    elif word == "error":
        write({"id": request["id"], "error": {"code": -32603, "message": "I do not like this"}})
        return
    elif word == "nonsense":
        sys.stdout.buffer.write(b"Content-Length: banana\r\n\r\n{]")
        sys.stdout.buffer.flush()
        return
    elif word == "odd_items":
        result = {"items": [3, None, {}, {"label": 7}, item(""), {"label": "good", "kind": "x"}]}
    elif word == "text":
        result = [item("t" + re.sub(r"\W", "_", line)) for line in text.split("\n")]
    elif word == "cancelled":
        result = [item(f"c{number}") for number in cancelled]
    elif word == "settings":
        write({"id": 900, "method": "workspace/configuration", "params": {"items": [{"section": "fake.deep"}]}})
        reply = read()
        result = [item(str((reply or {}).get("result", [""])[0]))]
    write({"id": request["id"], "result": result})


def main() -> None:
    mode = sys.argv[1] if len(sys.argv) > 1 else ""
    if mode == "exit":
        sys.exit("cannot open shared object")
    if mode == "sleep":
        time.sleep(3600)
    while (message := read()) is not None:
        method, number = message.get("method"), message.get("id")
        if method == "initialize":
            if mode == "refuse":
                write({"id": number, "error": {"code": 1, "message": "no licence"}})
                continue
            kind = 1 if mode == "whole" else 2
            write({"id": number, "result": {"capabilities": {"textDocumentSync": {"openClose": True, "change": kind}}}})
            write({"id": 800, "method": "client/registerCapability", "params": {"registrations": []}})
            write({"id": 801, "method": "window/unknownToUs", "params": {}})
        elif method == "initialized" and mode == "indexes":
            time.sleep(0.5)
            write({"method": "indexingEnded", "params": {}})
        elif method == "textDocument/didOpen":
            documents[message["params"]["textDocument"]["uri"]] = message["params"]["textDocument"]["text"]
        elif method == "textDocument/didClose":
            del documents[message["params"]["textDocument"]["uri"]]
        elif method == "textDocument/didChange":
            for event in message["params"]["contentChanges"]:
                change(message["params"]["textDocument"]["uri"], event)
        elif method == "textDocument/completion":
            complete(message)
        elif method == "textDocument/signatureHelp":
            parameters = [{"label": [4, 9]}, {"label": "int y = 1"}]
            write(
                {"id": number, "result": {"signatures": [{"label": "f(😀int x, int y = 1)", "parameters": parameters}]}}
            )
        elif method == "textDocument/documentSymbol":
            child = {"name": "m", "kind": 6}
            write({"id": number, "result": [{"name": "A", "kind": 5, "children": [child]}, {"name": "x", "kind": 13}]})
        elif method == "textDocument/hover":
            write({"id": number, "result": None})
        elif method == "$/cancelRequest":
            cancelled.append(message["params"]["id"])
        elif number is not None and method:
            write({"id": number, "result": None})


if __name__ == "__main__":
    main()
