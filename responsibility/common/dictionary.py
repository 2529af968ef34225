"""The data dictionary: every field of every endpoint in words, read from the models."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models
from rest_framework import serializers

from responsibility.common.api_views import ReadViewSet, endpoints

TYPES: tuple[tuple[type[Any], str], ...] = (
    (serializers.BaseSerializer, "组"),
    (serializers.UUIDField, "标识（UUID）"),
    (serializers.DecimalField, "数（文本，不失精度）"),
    (serializers.IntegerField, "整数"),
    (serializers.BooleanField, "是否"),
    (serializers.DateTimeField, "时间（带时区）"),
    (serializers.DateField, "日期"),
    (serializers.ListField, "列表"),
    (serializers.DictField, "键值"),
)
WORDS = {
    "articles": "依据的条",
    "basis": "依据",
    "checks": "校验规则",
    "clause": "依据的条款",
    "deduction": "扣分原因（通报分数时才有）",
    "figures": "指标数",
    "full": "满分",
    "grades": "等次和起点分",
    "in_force_from": "施行日期",
    "in_force_to": "停用日期",
    "leaves": "指标",
    "lines": "逐项",
    "lines.parts": "分解到下级",
    "lost": "扣分（通报分数时才有）",
    "mark": "得分（通报分数时才有）",
    "name": "名称",
    "parent_code": "上级区划代码",
    "red_lines": "红线和限定的等次",
    "results": "结果的各版，最后一版有效",
    "results.leaves": "各指标得分（通报分数时才有）",
    "results.total": "总分（通报分数时才有）",
    "role": "在规则中的作用：completed 完成值、planned 计划值、other 其他",
    "scans": "纸质件扫描件",
    "sections": "表内各部分",
    "sections.cells": "指标格",
    "self_mark": "自评分（通报分数时才有）",
    "sha256": "文件摘要（SHA-256）",
    "signatures": "签署",
    "signatures.by_authority": "凭授权代签",
    "working": "代入数字的算式（通报分数时才有）",
}
"""Words of fields that no column of a model stands behind."""
MARKS = frozenset(
    ("full", "mark", "self_mark", "lost", "results.total", "results.leaves", "leaves.full")
)
"""Fields counted in marks."""


@dataclass(frozen=True)
class Field:
    """One field: its name with its groups, what it means, type, values, unit, where from."""

    name: str
    words: str
    type: str
    choices: str = ""
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class Endpoint:
    """One endpoint with its rows' name, the scope it asks for, its filters and fields."""

    name: str
    words: str
    scope: str
    filters: tuple[str, ...]
    bulk: bool
    fields: tuple[Field, ...]


@cache
def all_endpoints() -> tuple[Endpoint, ...]:
    """Return every endpoint in the order of the API."""
    return tuple(_endpoint(name, view) for name, view in endpoints.items())


def _endpoint(name: str, view: type[ReadViewSet]) -> Endpoint:
    model = view.queryset.model
    serializer: Any = view.serializer_class
    formats = {renderer.format for renderer in view.renderer_classes}
    filters = [*view.filters, *(["division"] if view.path_lookup else [])]
    return Endpoint(
        name=name,
        words=str(model._meta.verbose_name),
        scope=view.scope,
        filters=tuple(filters),
        bulk="csv" in formats,
        fields=tuple(_fields(serializer(), model, "")),
    )


def _fields(serializer: Any, model: Any, prefix: str) -> Iterator[Field]:
    for name, field in serializer.fields.items():
        inner = field.child if isinstance(field, serializers.ListSerializer) else field
        columns = _columns(model, (field.source or name).split("."))
        column = columns[-1] if columns else None
        label = prefix + name
        unit = _unit(label, inner, serializer)
        yield Field(
            label, _words(label, columns), _type(inner), _choices(column), unit, _source(column)
        )
        if isinstance(inner, serializers.Serializer):
            yield from _fields(inner, getattr(column, "related_model", None), f"{label}.")


def _columns(model: Any, path: list[str]) -> list[Any]:
    """Return the columns of a path from a model; none where it leads nowhere."""
    found: list[Any] = []
    for part in path:
        known = {item.name: item for item in model._meta.get_fields()} if model else {}
        if part not in known:
            return []
        found.append(known[part])
        model = known[part].related_model
    return found


def _words(label: str, columns: list[Any]) -> str:
    """Return the words of the last two columns: 区划 · 代码."""
    named = [str(item.verbose_name) for item in columns[-2:] if isinstance(item, models.Field)]
    known = " · ".join(named)
    return WORDS.get(label, known) if known.isascii() else known


def _type(field: Any) -> str:
    return next((words for kind, words in TYPES if isinstance(field, kind)), "文本")


def _unit(label: str, field: Any, serializer: Any) -> str:
    """Return the unit of a number: marks, or what the row itself says."""
    if label in MARKS:
        return "分"
    said = isinstance(field, serializers.DecimalField) and "unit" in serializer.fields
    return "见同一行的 unit" if said else ""


def _source(column: Any) -> str:
    """Return the table and column that a field is read from."""
    if column is None:
        return "读取时算出"
    if not isinstance(column, models.Field):
        return str(column.related_model._meta.verbose_name)
    meta = column.model._meta
    return f"{meta.verbose_name}（{meta.label_lower}.{column.name}）"


def _choices(column: Any) -> str:
    given = getattr(column, "flatchoices", None) or []
    return "；".join(f"{code}＝{words}" for code, words in given if code != "")
