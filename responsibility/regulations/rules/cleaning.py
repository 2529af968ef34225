"""Taking a web page's mess off the text before it is read."""

import re

_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x200E, 0x200F], None)
_SPACES = dict.fromkeys([0x3000, 0x00A0, 0x2002, 0x2003, 0x2009, 0x202F, 0x09, 0x0B, 0x0C], " ")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_MARKDOWN = re.compile(r"^\s{0,3}(#{1,6}\s*|>\s*|[-*+]\s+(?=第))")
_RULER = re.compile(r"^\s*([-*_=]\s*){3,}$")
METADATA = re.compile(
    r"^(来源|作者|日期|发布时间|发布日期|浏览次数|点击|字号|打印|责任编辑|编辑|文章来源)\s*[:：]"
)
FOOTER = re.compile(
    r"盗版|仿冒|版权所有|版权声明|[Cc]opyright|©|ICP备|公网安备|技术支持|本网站|网站地图"
    r"|上一篇|下一篇|分享到|关闭窗口|打印本页|责任编辑|法律责任的权利"
)
SENTENCE_END = "。！？；;!?”』」）)》…"


def clean(text: str) -> list[str]:
    """Return the lines that hold something, without invisible characters and markdown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)
    text = _CONTROL.sub("", text.translate(_SPACES)).replace("**", "").replace("__", "")
    lines = []
    for raw in text.split("\n"):
        if _RULER.match(raw):
            continue
        line = re.sub(r" {2,}", "  ", _MARKDOWN.sub("", raw)).strip()
        if line:
            lines.append(line)
    return lines


def is_one_line(lines: list[str], headings: int) -> bool:
    """Say whether paragraphs were run together: far fewer lines than headings."""
    return headings > 3 and len(lines) * 2 < headings
