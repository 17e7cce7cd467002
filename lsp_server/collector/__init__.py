"""A team's telemetry in one place: servers upload their records here, each is kept once.

Knows HTTP, tokens and a database; will never know about editors or models. Libraries come with the extra `collector`.
"""
