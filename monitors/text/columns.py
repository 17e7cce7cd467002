"""Offsets in code points to lines and columns, in the units that analysers count in."""


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Zero-based line, and column in code points, of `offset` in `text`."""
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)


def utf16_position(text: str, offset: int) -> tuple[int, int]:
    """Zero-based line, and column in UTF-16 code units, as language servers count unless they were asked otherwise."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset]
    column = len(line) if line.isascii() else len(line.encode("utf-16-le", "surrogatepass")) // 2
    return text.count("\n", 0, offset), column


def changed_range(old: str, new: str) -> tuple[int, int, int]:
    """`(start, old_end, new_end)` such that replacing `old[start:old_end]` by `new[start:new_end]` gives `new`."""
    start = _common_prefix(old, new)
    tail = min(len(old), len(new)) - start
    end = _common_suffix(old, new, tail)
    return start, len(old) - end, len(new) - end


def _common_prefix(old: str, new: str) -> int:
    """By halving: comparing slices is far faster than a loop over characters."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(old: str, new: str, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low
