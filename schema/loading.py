"""What a waiting field waits for, said on the field itself.

    metadata={"loads": Loads("media", key="key")}

A level of a query can so be collected from its fields, loaded once and filled in, instead of running
each field by itself.
"""

from typing import NamedTuple


class Loads(NamedTuple):
    """A loader and where its key is.

    loader: the operation's loader of the record's provider. key: the record's attribute that holds the
    key; where it holds None there is nothing to load, and the field is null.
    """

    loader: str
    key: str
