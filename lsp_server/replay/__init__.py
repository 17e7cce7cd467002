"""Recorded requests through another model: headless, on one machine or on a cluster, and never twice.

Knows records, the completion service and engines that spread work; will never know about an editor or a report.
"""
