"""What an editor has open: texts that are cheap to edit anywhere, documents, notebooks, workspace folders.

Knows text, positions and addresses; never what is done with them, and nothing of the protocol they came by.
"""

from lsp_server.documents.document import Change, Document, Position
from lsp_server.documents.documents import Documents
from lsp_server.documents.folders import Folders, Location
from lsp_server.documents.notebook import Cell
from lsp_server.documents.text import Text
from lsp_server.documents.units import Encoding
from lsp_server.documents.uris import file_of, key_of, name_of

__all__ = [
    "Cell",
    "Change",
    "Document",
    "Documents",
    "Encoding",
    "Folders",
    "Location",
    "Position",
    "Text",
    "file_of",
    "key_of",
    "name_of",
]
