"""Chinese numerals of headings."""

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def to_int(text: str) -> int | None:
    """Return the value of a Chinese or Arabic numeral, or None.

    >>> [to_int(t) for t in ("十", "二十一", "一百零三", "12", "甲")]
    [10, 21, 103, 12, None]
    """
    text = "".join(text.split())
    if text.isascii() and text.isdigit():
        return int(text[:6])
    if not text or any(char not in _DIGITS and char not in _UNITS for char in text):
        return None
    if not any(char in _UNITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text[:6]))
    total, digit = 0, 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
