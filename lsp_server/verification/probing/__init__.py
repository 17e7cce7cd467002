"""What tests leave open, asked of the source: inputs that tell it from programs nearly the same.

Knows programs, their mutants and what both give back; will never know tests' frameworks, models or editors.
"""
