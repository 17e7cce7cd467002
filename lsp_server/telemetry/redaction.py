"""Secrets out of recorded code: keys, tokens, passwords in addresses, blocks of private keys.

The finding is left to detect-secrets, whose patterns know the tokens of some thirty services; a few that it lacks are
added. What is found is masked character by character, so that offsets stay right, wherever in the record it occurs. A
false alarm costs a masked word, so it is not asked whether a find is likely.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

MASK = "*"
LEAST_CHARS = 6
"""A shorter secret is masked only where it is a word of its own; a shorter piece of one, cut off by the cursor, is
not."""
MAX_LINE_CHARS = 4000
"""What lies beyond this on a line is masked unseen."""

MAX_PARTED = 600
"""A longer secret is not looked for in two parts; blocks of keys are found whichever end of them is missing."""

_PLUGINS = (
    "artifactory:ArtifactoryDetector",
    "aws:AWSKeyDetector",
    "azure_storage_key:AzureStorageKeyDetector",
    "basic_auth:BasicAuthDetector",
    "cloudant:CloudantDetector",
    "discord:DiscordBotTokenDetector",
    "github_token:GitHubTokenDetector",
    "gitlab_token:GitLabTokenDetector",
    "high_entropy_strings:Base64HighEntropyString",
    "high_entropy_strings:HexHighEntropyString",
    "ibm_cloud_iam:IbmCloudIamDetector",
    "ibm_cos_hmac:IbmCosHmacDetector",
    "jwt:JwtTokenDetector",
    "keyword:KeywordDetector",
    "mailchimp:MailchimpDetector",
    "npm:NpmDetector",
    "openai:OpenAIDetector",
    "pypi_token:PypiTokenDetector",
    "sendgrid:SendGridDetector",
    "slack:SlackDetector",
    "softlayer:SoftlayerDetector",
    "square_oauth:SquareOAuthDetector",
    "stripe:StripeDetector",
    "telegram_token:TelegramBotTokenDetector",
    "twilio:TwilioKeyDetector",
)
_MORE = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}"  # OpenAI, Anthropic and their like
    r"|AIza[A-Za-z0-9_-]{30,}"
    r"|hf_[A-Za-z0-9]{16,}"
    r"|npm_[A-Za-z0-9]{30,}"
    r"|(?:gh[a-z]_|github_pat_|glpat-|gl[a-z]{2,5}-)[A-Za-z0-9_-]{16,}"
    r"|xox[a-z]-[A-Za-z0-9-]{10,}"
    r"|(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+){0,2}"
    r"|(?i:\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{12,}"
    r"|://[^/\s:@'\"]*:[^/\s@'\"]+(?=@)"
)
_KEY_BLOCK = re.compile(
    r"-----BEGIN [A-Z0-9 ]*(?:PRIVATE KEY|SECRET)[A-Z0-9 ]*-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)"
    r"|\A[A-Za-z0-9+/=\s\\n'\"]*?-----END [A-Z0-9 ]*(?:PRIVATE KEY|SECRET)[A-Z0-9 ]*-----",
    re.DOTALL,
)

Find = Callable[[str], Iterable[str]]
"""The secrets in a line."""


class Redactor:
    """Loads its patterns with the first text, which takes half a second; remembers the lines that it has seen."""

    def __init__(self) -> None:
        self._find = lru_cache(maxsize=20_000)(self._find_in_line)

    def mask(self, texts: Sequence[str], around: tuple[str, str] = ("", "")) -> list[str]:
        """The texts without their secrets, each as long as before.

        `around` is the line before and after the cursor: each text is also looked at as it would stand there.
        """
        found: set[str] = set()
        for text in texts:
            found.update(self._secrets(text))
            found.update(self._secrets(around[0] + text + around[1]))
        parts = _parts_of(found, texts, around)
        return [_masked(text, parts) for text in texts]

    def _secrets(self, text: str) -> Iterator[str]:
        for block in _KEY_BLOCK.finditer(text):
            yield block[0]
        for line in text.splitlines():
            yield from self._find(line[:MAX_LINE_CHARS])
            if len(line) > MAX_LINE_CHARS:
                yield line[MAX_LINE_CHARS:]

    def _find_in_line(self, line: str) -> tuple[str, ...]:
        found = {secret for find in self._detectors for secret in find(line)}
        found.update(match[0] for match in _MORE.finditer(line))
        return tuple(secret for secret in found if secret.strip())

    @cached_property
    def _detectors(self) -> list[Find]:
        from importlib import import_module

        detectors: list[Find] = []
        for name in _PLUGINS:
            module, _, kind = name.partition(":")
            plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), kind)()
            detectors.append(_find_with(plugin))
        return detectors


def _find_with(plugin: Any) -> Find:
    if hasattr(plugin, "entropy_limit"):

        def find_random(line: str) -> list[str]:
            return [text for text in plugin.analyze_string(line) if _entropy(plugin, text) > plugin.entropy_limit]

        return find_random
    if type(plugin).__name__ in ("KeywordDetector", "BasicAuthDetector"):  # the group is the secret, not the match
        return lambda line: list(plugin.analyze_string(line))
    return lambda line: [match[0] for pattern in plugin.denylist for match in pattern.finditer(line)]


def _entropy(plugin: Any, text: str) -> float:
    return plugin.calculate_shannon_entropy(text)


def _parts_of(found: Iterable[str], texts: Sequence[str], around: tuple[str, str]) -> list[str]:
    """What to look for in the texts: the secrets, and what of them each side of the cursor holds. Longest first."""
    parts = set(found)
    for secret in [secret for secret in parts if len(secret) <= MAX_PARTED]:
        for split in range(LEAST_CHARS, len(secret)):
            head, tail = secret[:split], secret[split:]
            if around[0].endswith(head) or any(text.endswith(head) for text in texts):
                parts.add(head)
            if len(tail) >= LEAST_CHARS and (around[1].startswith(tail) or any(t.startswith(tail) for t in texts)):
                parts.add(tail)
    return sorted(parts, key=len, reverse=True)


def _masked(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        mask = "".join(c if c.isspace() else MASK for c in secret)
        if len(secret) >= LEAST_CHARS:
            text = text.replace(secret, mask)
        else:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", mask, text)
    return text
