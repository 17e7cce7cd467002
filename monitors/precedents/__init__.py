"""What stands at like places of a project: which members its authors wrote after the same words.

Needs no types and no analyser, so it has something to say where an analyser knows nothing, and speaks for some names
where it knows them all.
"""
