"""Broken copies of files for the fuzz tests: a few random changes each, the same ones for the same seed."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml

Change = Callable[[random.Random, bytes, Sequence[bytes]], bytes]

TOKENS: tuple[bytes, ...] = (
    *(b"{", b"}", b"[", b"]", b":", b": ", b",", b"-", b"- ", b"'", b'"', b"#", b" #", b"|", b">", b"?", b"? "),
    *(b"&a ", b"*a", b"*", b"!!python/object/apply:os.system ", b"!!int ", b"!", b"<<: ", b"%YAML 2.0\n", b"---\n"),
    *(b"...\n", b"\t", b"\n\t", b"\r", b"\n\n", b"\n  ", b"\\", b"\\u0000", b"\\ud800", b"@", b"`", b"~", b"null"),
    *(b"true", b"false", b"yes", b"no", b"on", b"22:00", b"017", b"0x1f", b"1e3", b"1e999", b"NaN", b".inf", b"-0"),
    *(b"Infinity", b"99999999999999999999", b"0.0000001", b"-1", b"30d", b"30", b"2y", b"ever", b"99999999d"),
    *(b"${x}", b"${", b"${touch.frequent_allowed}", b"finding", b"contact.*", b"*.*", b"log.covers", b"self"),
    *(b"{event: finding}", b"[finding, contact.touch]", b"{of: agreement.made, attribute: fee}", b"any: [{}]"),
    *(b"not: {}", b"per: practitioner", b"nth: 2", b"same: [id]", b"missing: true", b"level: none", b"within: 0s"),
    *(b"{at:date}", b"{", b"{{", b"{at.__class__}", b"9999-12-31T23:59:59Z", b"0001-01-01T00:00:00Z"),
    *(b"2026-02-30T10:00:00Z", b"2026-03-02T10:00:00", b"2026-03-02T24:00:00Z", b'"at":', b'"id":"e1"', b'"type":'),
    *(b'"event.amended"', b'"event.withdrawn"', b'"target":"e1"', b"\xef\xbb\xbf", b"\xff", b"\xc3\x28", b"\0"),
    *("é".encode(), "日本".encode(), "\u2028".encode(), "\u202e".encode(), "\x85".encode(), "😀".encode()),
    *("e\u0301".encode(), "\ufeff".encode(), "\u0663".encode(), "ı".encode(), "\uffff".encode(), b"\xed\xa0\x80"),
)


def flip(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """One bit is another."""
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :]


def overwrite(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """One byte is any other."""
    at = draw.randrange(len(data))
    return data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]


def delete(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A short piece is gone."""
    at = draw.randrange(len(data))
    return data[:at] + data[at + draw.choice((1, 1, 2, 5, 30)) :]


def repeat(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A piece stands several times."""
    at = draw.randrange(len(data))
    piece = data[at : at + draw.choice((1, 4, 20, 200))]
    return data[:at] + piece * draw.choice((2, 2, 3, 50)) + data[at + len(piece) :]


def truncate(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """The end is gone, or the start."""
    at = draw.randrange(len(data))
    return data[:at] if draw.random() < 0.8 else data[at:]


def insert(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A token stands somewhere."""
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(TOKENS) + data[at:]


def replace_word(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A word is a token."""
    at = draw.randrange(len(data))
    start, end = at, at
    while start > 0 and data[start - 1] not in b' \n\t{}[],:"':
        start -= 1
    while end < len(data) and data[end] not in b' \n\t{}[],:"':
        end += 1
    return data[:start] + draw.choice(TOKENS) + data[end:]


def swap_words(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Two words of the file have changed places."""
    words = data.split(b" ")
    one, other = draw.randrange(len(words)), draw.randrange(len(words))
    words[one], words[other] = words[other], words[one]
    return b" ".join(words)


def swap_lines(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Two lines have changed places."""
    lines = data.split(b"\n")
    one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def delete_line(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A line is gone."""
    lines = data.split(b"\n")
    del lines[draw.randrange(len(lines))]
    return b"\n".join(lines)


def repeat_line(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A line stands once more, somewhere else."""
    lines = data.split(b"\n")
    lines.insert(draw.randrange(len(lines) + 1), draw.choice(lines))
    return b"\n".join(lines)


def indent_line(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A line is indented otherwise."""
    lines = data.split(b"\n")
    at = draw.randrange(len(lines))
    lines[at] = draw.choice((b"", b" ", b"  ", b"    ", b"\t")) + lines[at].lstrip(b" ")
    return b"\n".join(lines)


def splice(draw: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """A few lines come from another file."""
    other = draw.choice(seeds).split(b"\n")
    start = draw.randrange(len(other))
    lines = data.split(b"\n")
    at = draw.randrange(len(lines) + 1)
    lines[at:at] = other[start : start + draw.choice((1, 2, 5, 20))]
    return b"\n".join(lines)


def nest(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Brackets, or lists, nest deeply somewhere."""
    at = draw.randrange(len(data) + 1)
    opening, closing = draw.choice(((b"[", b"]"), (b"{a: ", b"}"), (b'{"a":', b"}"), (b"- ", b""), (b"&a [*a, ", b"]")))
    deep = draw.choice((5, 31, 40, 41, 500, 5000))
    return data[:at] + opening * deep + b"1" + closing * deep + data[at:]


def number(draw: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A number is a huge or an odd one."""
    places = [at for at in range(len(data)) if data[at : at + 1].isdigit()]
    if not places:
        return insert(draw, data, _)
    at = draw.choice(places)
    digits = draw.choice((b"9" * 15, b"9" * 400, b"9" * 5000, b"1e400", b"-5", b"0", b"1.5", b"0.1234567", b"1_0"))
    return data[:at] + digits + data[at + 1 :]


CHANGES: tuple[Change, ...] = (
    *(flip, overwrite, delete, repeat, truncate, insert, insert, replace_word, replace_word, swap_words, swap_lines),
    *(delete_line, repeat_line, indent_line, splice, nest, number),
)


def mutants(seeds: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """So many broken copies, each of one of the seeds."""
    for turn in range(count):
        draw = random.Random(f"{seed} {turn}")
        data = draw.choice(seeds)
        for _ in range(draw.choice((1, 1, 1, 2, 3, 6))):
            data = draw.choice(CHANGES)(draw, data, seeds) or b"x"
        yield data


def tree_mutants(seeds: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """So many copies of YAML files that are YAML still, with words, keys and branches put where they do not fit."""
    trees = [yaml.load(data, Loader=yaml.CBaseLoader) for data in seeds]
    words = [token.decode(errors="ignore") for token in TOKENS]
    branches = [container[key] for tree in trees for container, key in _places(tree)]
    keys = sorted({key for tree in trees for container, key in _places(tree) if isinstance(container, dict)})
    for turn in range(count):
        draw = random.Random(f"{seed} {turn}")
        tree = copy.deepcopy(draw.choice(trees))
        for _ in range(draw.choice((1, 1, 2, 3))):
            places = _places(tree)
            if places:
                _change_branch(draw, *draw.choice(places), draw.choice(words), draw.choice(branches), draw.choice(keys))
        yield yaml.dump(tree, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True).encode()


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every mapping or list of a tree with each of its keys or positions."""
    if isinstance(tree, dict):
        return [(tree, key) for key in tree] + [place for child in tree.values() for place in _places(child)]
    if isinstance(tree, list):
        return [(tree, at) for at in range(len(tree))] + [place for child in tree for place in _places(child)]
    return []


def _change_branch(draw: random.Random, container: Any, key: Any, word: str, branch: Any, name: str) -> None:
    match draw.randrange(9):
        case 0 | 1:
            container[key] = word
        case 2 | 3:
            container[key] = copy.deepcopy(branch)
        case 4:
            container[key] = [container[key], copy.deepcopy(branch)]
        case 5:
            container[key] = {name: container[key]}
        case 6 if isinstance(container, dict):
            container[name] = container.pop(key)
        case 7 if isinstance(container, dict):
            container[name] = copy.deepcopy(branch)
        case _:
            del container[key]
