"""Monitors at work in completion: for each request a guide that the decoder asks, and the analysis behind it.

Knows both sides and holds no logic of either: text is taken to monitors, constraints to the decoder, findings to the
result.
"""

from lsp_server.monitoring.guide import MonitorGuide
from lsp_server.monitoring.monitoring import Monitoring, available_monitors

__all__ = ["MonitorGuide", "Monitoring", "available_monitors"]
