"""Records out of whatever holds some: our stores and exports, Code4Me's files and tables, evaluation cases.

Knows file formats; what cannot be told from a source stays unknown. Start at `recorded`.
"""
