"""How likely a name is that was written after the same words before, beside all those that never were.

The estimate is that of prediction by partial matching (Cleary and Witten, *Data Compression Using Adaptive Coding and
Partial String Matching*, 1984; method C of Moffat, 1990): what followed the longest match counts most, and a share of
the probability is left to what followed shorter ones, the greater the more different names there were.
"""

from collections.abc import Iterable, Mapping


def odds(counts: Iterable[Mapping[str, int]]) -> dict[str, float]:
    """What followed ever longer matches, the shortest first: of each name the probability that it follows, divided by
    that of all names together which never did."""
    shares: dict[str, float] = {}
    rest = 1.0
    for followed in counts:
        total, kinds = sum(followed.values()), len(followed)
        if not total:
            break
        left = kinds / (total + kinds)
        rest *= left
        shares = {name: share * left for name, share in shares.items()}
        for name, count in followed.items():
            shares[name] = shares.get(name, 0.0) + count / (total + kinds)
    return {name: share / rest for name, share in shares.items()}
