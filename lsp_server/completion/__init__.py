"""What happens to one completion request: cache, extent, prompt, generation, post-filters. Start at `service`.

Knows requests, text windows and generators; will never know about the protocol, threads, or which editor asks.
"""
