"""Keys that try to be something else: another document, path, parameter, header or half a character.

None of them is a key of anything. A source is asked for them as for any other, or not at all.
"""

from __future__ import annotations

HOSTILE = {
    "up": "../x",
    "up alone": "../",
    "far up": "../../../balance",
    "dot": ".",
    "two dots": "..",
    "encoded slash": "%2F",
    "encoded dots": "%2e%2e%2fbalance",
    "slash": "a/b",
    "slash at the end": "a/",
    "backslash": "..\\x",
    "escaped quote": "\\u0022",
    "quote": 'x"',
    "quotes": "\"'`",
    "brace": "}",
    "end of a string": '"} ] }',
    "another field": '1") { id } evil: me { id',
    "comment": "1 # 2",
    "variable": "$k0",
    "placeholder": "$k0 {id}",
    "newline": "a\nb",
    "header": "a\r\nX-Evil: 1",
    "null byte": "a\x00b",
    "emoji": "🦊",
    "spaces": "a b  c",
    "only a space": " ",
    "500 characters": "a" * 500,
    "query": "a?b=c#d",
    "another parameter": "a&mj_id=b",
    "wildcards": "%_*",
    "colons": "a:b:c",
    "lone colon": "1:2",
    "a row of no time": "row::",
}
