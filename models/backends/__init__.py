"""What runs a model: ONNX Runtime, torch, or a server that speaks OpenAI's protocol; and the sessions they give.

Knows tokens, caches and logits (the remote one: text); will never choose a token or build a prompt.
"""
