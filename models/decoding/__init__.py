"""From a prompt to candidates: the loop over a session, token healing, masks, drafts, alternatives, stopping.

Knows tokens, logits and text constraints, and will never know what a constraint is for or where the text goes. The
shapes that neighbours use are exported by `models`; whoever loads a model imports `LocalGenerator` from
`models.decoding.local`.
"""
