"""Reads the variables of a TensorFlow checkpoint (format V2) without TensorFlow.

`.index` is a table of LevelDB's format: blocks of entries (shared key bytes, new key bytes, value bytes as varints, then
key and value), each block followed by one byte of compression (0: none) and four of CRC; the footer's last 48 bytes point to
the index block. Each value is a protocol buffer BundleEntryProto: 1 dtype, 2 shape, 4 offset, 5 size in the data file.
"""

import struct
from pathlib import Path

import numpy as np

MAGIC = 0xDB4775248B80FB57
FLOAT = 1


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def block(data, handle):
    """Entries (key, value) of the block at (offset, size)."""
    offset, size = handle
    if data[offset + size] != 0:
        raise ValueError("compressed checkpoint index")
    body = data[offset : offset + size]
    (restarts,) = struct.unpack("<I", body[-4:])
    at, end, key = 0, len(body) - 4 * (restarts + 1), b""
    while at < end:
        shared, at = varint(body, at)
        fresh, at = varint(body, at)
        length, at = varint(body, at)
        key = key[:shared] + body[at : at + fresh]
        at += fresh
        yield key, body[at : at + length]
        at += length


def handle(data, at=0):
    offset, at = varint(data, at)
    size, at = varint(data, at)
    return (offset, size), at


def fields(message):
    """(number, value) of a protocol buffer's fields; nested messages stay bytes."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(message, at)
        elif kind == 2:
            length, at = varint(message, at)
            value, at = message[at : at + length], at + length
        elif kind == 5:
            value, at = message[at : at + 4], at + 4
        else:
            raise ValueError(f"wire type {kind}")
        yield tag >> 3, value


def shape(message):
    """TensorShapeProto: field 2 are the dimensions, whose field 1 is the length."""
    return [dict(fields(dim)).get(1, 0) for number, dim in fields(message) if number == 2]


def variables(folder):
    """All float variables by name."""
    index = (Path(folder) / ".index").read_bytes()
    data = (Path(folder) / ".data-00000-of-00001").read_bytes()
    if struct.unpack("<Q", index[-8:])[0] != MAGIC:
        raise ValueError("not a checkpoint index")
    _, at = handle(index, len(index) - 48)  # the metaindex comes first
    root, _ = handle(index, at)
    found = {}
    for _, pointer in block(index, root):
        for key, value in block(index, handle(pointer)[0]):
            entry = dict(fields(value))
            if key == b"" or entry.get(1) != FLOAT:  # the empty key is the header
                continue
            offset, size = entry.get(4, 0), entry[5]
            array = np.frombuffer(data[offset : offset + size], "<f4")
            found[key.decode()] = array.reshape(shape(entry.get(2, b"")))
    return found
