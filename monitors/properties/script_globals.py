"""Names that JavaScript and TypeScript find in scope though no file of the project defines them.

Hosts, test runners and the other scripts of a page bring them. The analyser knows them only where their types are
installed (`@types/node`), and says nothing of what it does not know.
"""

import re
from pathlib import Path

from monitors.document import View

GLOBALS = frozenset(
    re.findall(
        r"\w+",
        """require module exports window document global process globalThis console
        describe it test expect before after beforeEach afterEach beforeAll afterAll specify suite setup teardown
        suiteSetup suiteTeardown xit xtest xdescribe fit fdescribe bench assert jest vi jasmine spyOn mocha chai sinon
        QUnit cy Cypress
        Buffer NodeJS gc setImmediate clearImmediate setTimeout clearTimeout setInterval clearInterval queueMicrotask
        structuredClone __dirname __filename
        self navigator location localStorage sessionStorage indexedDB caches crypto performance alert
        confirm prompt fetch addEventListener removeEventListener dispatchEvent postMessage matchMedia getComputedStyle
        requestAnimationFrame cancelAnimationFrame requestIdleCallback cancelIdleCallback customElements importScripts
        atob btoa Headers Request Response FormData Blob File FileReader URL URLSearchParams AbortController AbortSignal
        Event EventTarget EventSource CustomEvent MessageChannel MessagePort MessageEvent BroadcastChannel TextEncoder
        TextDecoder ReadableStream WritableStream TransformStream CompressionStream DecompressionStream CryptoKey
        DOMException WebSocket WebAssembly Worker SharedWorker XMLHttpRequest DOMParser XMLSerializer Node Element
        HTMLElement Image Audio Option Notification MutationObserver ResizeObserver IntersectionObserver
        PerformanceObserver PerformanceEntry
        chrome browser messenger Deno Bun HTMLRewriter WebSocketPair wx uni App Page Component Behavior getApp
        getCurrentPages figma wp ajaxurl acquireVsCodeApi jQuery angular google gapi grecaptcha gtag dataLayer define
        Meteor Zone React ReactDOM JSX Express __DEV__ __ENV __VU __ITER""",
    )
)
"""What is never called an invention: hosts' names, those of the common test runners, and namespaces of global types."""
_OF_MODULES = tuple(
    map(re.compile, (r"\n[ \t]*(?:import\b(?!\s*\()|export\b)", r"require\(\s*[\"'`]", r"exports(?:\.\w|\s*=)"))
)
"""What only modules say. Each begins with a text that is found fast, as one pattern for all would not."""


def may_be_of_a_page(view: View) -> bool:
    """Whether JavaScript may read what the other scripts of a page define (`new Chart(...)`).

    So it may unless it is a module of a package: that imports what it uses. In TypeScript it would have to be declared.
    """
    if view.language != "javascript":
        return False
    text = f"\n{view.text}{view.document.suffix}"
    if not any(sign.search(text) for sign in _OF_MODULES):
        return True
    return not any((folder / "package.json").exists() for folder in Path(view.document.path).parents)
