"""The analysis host: a child process, one a workspace, in an environment of its own, that holds jedi and the language
servers.

Talks JSON lines over its standard streams and dies when they close; nothing outside this folder imports jedi or
multilspy, and nothing in it knows about monitors or constraints.
"""
