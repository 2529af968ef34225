"""What a parsed regulation consists of, and its JSON."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Item:
    """（一）项, with its 1. 目 as points."""

    number: str
    text: str
    points: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Clause:
    """款: a paragraph of an article, and the articles it refers to."""

    number: int
    text: str
    items: list[Item] = field(default_factory=list)
    refers_to: list[str] = field(default_factory=list)


@dataclass
class Article:
    """条, numbered ``12`` or ``10-1``."""

    number: str
    chapter: str | None
    section: str | None = None
    clauses: list[Clause] = field(default_factory=list)


@dataclass
class Chapter:
    """章; the title is empty where the text has none."""

    number: str
    title: str


@dataclass(frozen=True)
class Warning_:  # noqa: N801 - the builtin has the plain name
    """Something tolerated or doubtful, and where."""

    code: str
    where: str
    message: str


@dataclass
class Parsed:
    """The whole."""

    title: str = ""
    issuer: str | None = None
    effective: str | None = None
    chapters: list[Chapter] = field(default_factory=list)
    sections: list[Chapter] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    warnings: list[Warning_] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many of each there are."""
        clauses = [clause for article in self.articles for clause in article.clauses]
        return {
            "chapters": len(self.chapters),
            "sections": len(self.sections),
            "articles": len(self.articles),
            "clauses": len(clauses),
            "items": sum(len(clause.items) for clause in clauses),
        }

    def warn(self, code: str, where: str, message: str) -> None:
        """Note something."""
        self.warnings.append(Warning_(code, where, message))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON that ``import_regulation --json`` prints."""
        return {
            "title": self.title,
            "issuer": self.issuer,
            "effective": self.effective,
            "counts": self.counts,
            "chapters": [{"number": c.number, "title": c.title} for c in self.chapters],
            "articles": [_article(article) for article in self.articles],
            "warnings": [
                {"code": w.code, "where": w.where, "message": w.message} for w in self.warnings
            ],
        }


def _article(article: Article) -> dict[str, Any]:
    return {
        "number": article.number,
        "chapter": article.chapter,
        "clauses": [
            {
                "number": clause.number,
                "text": clause.text,
                "items": [{"number": item.number, "text": item.text} for item in clause.items],
            }
            for clause in article.clauses
        ],
    }
