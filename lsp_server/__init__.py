"""Where models and monitors meet an editor: the language server, the command line, evaluation.

The only room that imports pygls or lsprotocol; whatever an editor can do here, the command line can do through the same
functions.
"""
