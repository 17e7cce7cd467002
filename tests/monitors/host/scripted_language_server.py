"""A language server that answers from a script, for languages whose real one cannot be installed everywhere.

    scripted_language_server.py SCRIPT.json

The script maps a regular expression, which must match the document's text up to the place that is asked about, to a
list of `[identifier, completion kind]`. Documents are kept by their changes, as a real server keeps them.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any


def read() -> dict[str, Any] | None:
    length = 0
    while (line := sys.stdin.buffer.readline()) != b"\r\n":
        if not line:
            return None
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(sys.stdin.buffer.read(length))


def write(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


def before(text: str, position: dict[str, int]) -> str:
    lines = text.split("\n")
    units = lines[position["line"]].encode("utf-16-le")[: 2 * position["character"]]
    return "\n".join([*lines[: position["line"]], units.decode("utf-16-le")])


def answer(message: dict[str, Any], documents: dict[str, str], script: dict[str, list[list[Any]]]) -> Any:
    params = message.get("params") or {}
    if message["method"] == "initialize":
        return {"capabilities": {"textDocumentSync": 1, "completionProvider": {"triggerCharacters": ["."]}}}
    if message["method"] != "textDocument/completion":
        return None
    text = before(documents[params["textDocument"]["uri"]], params["position"])
    for pattern, items in script.items():
        if re.search(pattern, text):
            return {
                "isIncomplete": False,
                "items": [{"label": name + "(…)", "insertText": name, "kind": kind} for name, kind in items],
            }
    return {"isIncomplete": False, "items": []}


def main() -> None:
    script = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    documents: dict[str, str] = {}
    while (message := read()) is not None:
        method, params = message.get("method"), message.get("params") or {}
        if method == "textDocument/didOpen":
            documents[params["textDocument"]["uri"]] = params["textDocument"]["text"]
        elif method == "textDocument/didChange":
            documents[params["textDocument"]["uri"]] = params["contentChanges"][-1]["text"]
        elif method == "exit":
            return
        elif method and "id" in message:
            write({"id": message["id"], "result": answer(message, documents, script)})


if __name__ == "__main__":
    main()
