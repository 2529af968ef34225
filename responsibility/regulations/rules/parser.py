"""From text to chapters, articles, clauses and items, saying what was tolerated."""

import re
from itertools import pairwise

from responsibility.regulations.rules.cleaning import (
    FOOTER,
    METADATA,
    SENTENCE_END,
    clean,
    is_one_line,
)
from responsibility.regulations.rules.headings import Mention, Token, scan
from responsibility.regulations.rules.numerals import to_int
from responsibility.regulations.rules.structure import Article, Chapter, Clause, Item, Parsed

_ITEM = re.compile(r"(?:^|(?<=[：:；;。\n ]))[（(]([一二三四五六七八九十]{1,3})[）)]")
_POINT = re.compile(r"(?:^|(?<=[：:；;。\n ]))(\d{1,2})[.．、](?!\d)")
_DATE = re.compile(r"自 ?(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日起(?:施行|实施|生效)")
_ON_ISSUE = re.compile(r"自(?:公布|发布|印发)之日起(?:施行|实施|执行)")
_ISSUER = re.compile(r"^(?:发文机关|发布机关|制定机关|印发机关)\s*[:：]\s*(\S{2,60})$")
_COMPLETE = (*SENTENCE_END, "：", ":", ".")


def parse(text: str) -> Parsed:
    """Return the structure of a regulation. Never raises: what is odd becomes a warning."""
    parsed = Parsed()
    lines = clean(text)
    whole = "\n".join(lines)
    headings, mentions = scan(whole)
    one_line = is_one_line(lines, len(headings))
    if one_line:
        parsed.warn("one_line", "全文", "全文连成一行，按句末空格和条号分段，款的划分请核对。")
    _front(parsed, whole[: headings[0].start] if headings else whole)
    if not any(token.kind == "条" for token in headings):
        parsed.warn("no_articles", "全文", "没有找到“第X条”，请核对文本。")
        return parsed
    _body(parsed, whole, headings, mentions, one_line)
    _check_numbers(parsed)
    _check_ends(parsed)
    _effective(parsed)
    return parsed


def _front(parsed: Parsed, text: str) -> None:
    """Title and issuer; the web page's own lines are no part of the regulation."""
    rest = []
    for line in (line.strip() for line in text.split("\n")):
        issuer = _ISSUER.match(line)
        if METADATA.match(line):
            parsed.warn("page_metadata", "文首", f"网页信息未采用：{line[:40]}")
        elif issuer:
            parsed.issuer = issuer[1]
        elif line:
            rest.append(line)
    if rest:
        title = rest[0]
        cut = METADATA.search(title) or re.search(r"(来源|作者|日期)\s*[:：]", title)
        if cut:
            parsed.warn("page_metadata", "文首", f"网页信息未采用：{title[cut.start() :][:40]}")
            title = title[: cut.start()]
        parsed.title = title.strip(" 《》#*")[:200]
    else:
        parsed.warn("no_title", "文首", "没有标题，请补充。")
    if parsed.issuer is None:
        parsed.warn("no_issuer", "文首", "文中没有制定机关，采用时请填写或标为待核。")


def _body(
    parsed: Parsed, whole: str, headings: list[Token], mentions: list[Mention], one_line: bool
) -> None:
    chapter: str | None = None
    section: str | None = None
    ends = [token.start for token in headings[1:]] + [len(whole)]
    last_article = max(i for i, token in enumerate(headings) if token.kind == "条")
    for index, (token, end) in enumerate(zip(headings, ends, strict=True)):
        body = whole[token.end : end]
        if token.kind == "条":
            if index == last_article:
                body = _without_footer(parsed, body)
            article = Article(token.label, chapter, section)
            inside = [m for m in mentions if token.end <= m.start < end]
            _clauses(article, body, one_line, [m.label for m in inside])
            parsed.articles.append(article)
            continue
        title, left_over = _title(body)
        place = f"第{token.number}{token.kind}"
        found = Chapter(str(token.number), title)
        if token.kind == "章":
            chapter, section = found.number, None
            parsed.chapters.append(found)
        else:
            section = found.number
            parsed.sections.append(found)
        _check_title(parsed, place, title)
        if left_over:
            parsed.warn("stray_text", place, f"章名之后的文字未归入任何条：{left_over[:40]}")


def _title(body: str) -> tuple[str, str]:
    first, _, rest = body.strip("\n").partition("\n")
    first = first.strip(" :：、")
    if len(first) > 40 or any(char in "。；" for char in first):
        return "", f"{first} {rest}".strip()
    return " ".join(first.split()), rest.strip()


def _check_title(parsed: Parsed, place: str, title: str) -> None:
    if not title:
        parsed.warn("no_chapter_title", place, "没有章名，已留空，可以补填。")
    elif len(title) == 1:
        parsed.warn("short_chapter_title", place, f"章名只有“{title}”，疑似缺字，请核对。")


def _without_footer(parsed: Parsed, body: str) -> str:
    """Cut the website's footer off the last article, sentence by sentence."""
    pieces = re.split(r"(?<=[。！？!?\n])", body)
    for index, piece in enumerate(pieces):
        if index and FOOTER.search(piece):
            dropped = "".join(pieces[index:]).strip()
            parsed.warn("footer", "文末", f"网站声明未采用：{dropped[:40]}")
            return "".join(pieces[:index])
    return body


def _clauses(article: Article, body: str, one_line: bool, refers_to: list[str]) -> None:
    pattern = r"\n|(?<=。) +" if one_line else r"\n"
    paragraphs = [part.strip() for part in re.split(pattern, body) if part.strip()]
    for paragraph in _joined(paragraphs):
        continues = bool(article.clauses) and (
            _ITEM.match(paragraph) or (_POINT.match(paragraph) and _has_items(article.clauses[-1]))
        )
        if continues:
            _add_items(article.clauses[-1], paragraph)
        else:
            clause = Clause(len(article.clauses) + 1, "")
            article.clauses.append(clause)
            _add_items(clause, paragraph)
    if not article.clauses:
        article.clauses.append(Clause(1, ""))
    for clause in article.clauses:
        here = clause.text + "".join(item.text for item in clause.items)
        clause.refers_to = [label for label in dict.fromkeys(refers_to) if _mentions(here, label)]


def _mentions(text: str, label: str) -> bool:
    _, found = scan("本" + text)
    return any(mention.label == label for mention in found)


def _joined(paragraphs: list[str]) -> list[str]:
    """Join lines that were broken in the middle of a sentence."""
    joined: list[str] = []
    for paragraph in paragraphs:
        broken = joined and not joined[-1].endswith(_COMPLETE) and not _ITEM.match(paragraph)
        if broken:
            joined[-1] += paragraph
        else:
            joined.append(paragraph)
    return joined


def _has_items(clause: Clause) -> bool:
    return bool(clause.items)


def _add_items(clause: Clause, paragraph: str) -> None:
    """Put a paragraph into a clause: the text before （一）, then the items in sequence."""
    marks = _sequence(paragraph, clause)
    head = paragraph[: marks[0].start()] if marks else paragraph
    if clause.items and head:
        _add_points(clause.items[-1], head)
    elif head:
        clause.text += head.strip()
    ends = [mark.start() for mark in marks[1:]] + [len(paragraph)] * bool(marks)
    for mark, end in zip(marks, ends, strict=True):
        item = Item(str(to_int(mark[1])), "")
        clause.items.append(item)
        _add_points(item, paragraph[mark.end() : end].strip())


def _sequence(paragraph: str, clause: Clause) -> list[re.Match[str]]:
    expected = len(clause.items) + 1
    marks: list[re.Match[str]] = []
    for mark in _ITEM.finditer(paragraph):
        if to_int(mark[1]) == expected or (not marks and mark.start() == 0):
            marks.append(mark)
            expected = (to_int(mark[1]) or expected) + 1
    return marks


def _add_points(item: Item, text: str) -> None:
    marks, expected = [], len(item.points) + 1
    for mark in _POINT.finditer(text):
        if int(mark[1]) == expected:
            marks.append(mark)
            expected += 1
    head = text[: marks[0].start()] if marks else text
    if item.points and head:
        item.points[-1]["text"] += head
    else:
        item.text += head.strip()
    ends = [mark.start() for mark in marks[1:]] + [len(text)] * bool(marks)
    for mark, end in zip(marks, ends, strict=True):
        item.points.append({"number": mark[1], "text": text[mark.end() : end].strip()})


def _check_numbers(parsed: Parsed) -> None:
    if not parsed.chapters:
        parsed.warn("no_chapters", "全文", "没有章，各条不分章。")
    seen: set[str] = set()
    last = 0
    for article in parsed.articles:
        place = f"第{article.number}条"
        number = int(article.number.split("-")[0])
        if article.number in seen:
            parsed.warn("repeated_number", place, "条号重复，请核对。")
        elif number > last + 1:
            parsed.warn("skipped_number", place, f"条号从 {last} 跳到 {number}，请核对是否缺条。")
        elif number < last:
            parsed.warn("number_out_of_order", place, "条号倒退，请核对。")
        seen.add(article.number)
        last = max(last, number)
    chapters = [int(chapter.number) for chapter in parsed.chapters]
    for before, after in pairwise(chapters):
        if after != before + 1:
            parsed.warn("chapter_number", f"第{after}章", f"章次从 {before} 到 {after}，请核对。")


def _check_ends(parsed: Parsed) -> None:
    for article in parsed.articles:
        for clause in article.clauses:
            text = _last_words(clause)
            place = f"第{article.number}条第{clause.number}款"
            if not text:
                parsed.warn("empty", place, "没有文字，请核对。")
            elif not text.endswith(tuple(SENTENCE_END)):
                parsed.warn("truncated", place, f"疑似截断：“…{text[-12:]}”没有写完。")


def _last_words(clause: Clause) -> str:
    if not clause.items:
        return clause.text
    item = clause.items[-1]
    return item.points[-1]["text"] if item.points else item.text


def _effective(parsed: Parsed) -> None:
    text = "".join(clause.text for article in parsed.articles[-3:] for clause in article.clauses)
    date = _DATE.search(text)
    if date:
        parsed.effective = f"{date[1]}-{int(date[2]):02d}-{int(date[3]):02d}"
        return
    why = "正文写“自发布之日起施行”，没有发布日期" if _ON_ISSUE.search(text) else "正文没有施行日期"
    parsed.warn(
        "no_effective_date", "文末", f"{why}；网页日期不是施行日期，采用时请填写或标为待核。"
    )
