"""The half of the sandbox that runs as a process of its own and becomes the first process inside.

Standard library only, everything imported before the walls go up; will never import anything else of this project.
"""
