"""What every form has: Chinese messages that say how to mend, and text without hidden characters.

``install()`` gives Django's own fields these messages, so that a plain ``forms.DateField`` speaks
like the rest; a form may still say it better with its own ``error_messages``.
"""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core import validators
from django.http import HttpRequest, QueryDict

# every control character but tab, line feed and carriage return
HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
MESSAGES: Mapping[type[forms.Field], Mapping[str, str]] = {
    forms.Field: {"required": "这一项还没有填。"},
    forms.DateField: {"invalid": "没有这一天，或写法不对，应如 2020-12-17。"},
    forms.DateTimeField: {"invalid": "时间不对，应如 2020-12-17 08:42。"},
    forms.IntegerField: {"invalid": "应填整数，如 12。"},
    forms.DecimalField: {"invalid": "应填数字，如 12.50。"},
    forms.EmailField: {"invalid": "邮箱写法不对，应如 name@example.cn。"},
    forms.UUIDField: {"invalid": "编号不对，请从页面上重新进入。"},
    forms.ChoiceField: {"invalid_choice": "没有这个选项，请重新选一个。"},
    forms.MultipleChoiceField: {
        "invalid_choice": "没有这个选项，请重新选。",
        "invalid_list": "请从列表里选。",
    },
    forms.ModelChoiceField: {"invalid_choice": "没有这个选项，或不在您的管理范围内。"},
    forms.ModelMultipleChoiceField: {
        "invalid_choice": "有的选项不存在，或不在您的管理范围内。",
        "invalid_list": "请从列表里选。",
        "invalid_pk_value": "有的选项不存在，请重新选。",
    },
    forms.FileField: {
        "required": "还没有选文件。",
        "invalid": "没有收到文件，请重新选。",
        "missing": "没有收到文件，请重新选。",
        "empty": "文件是空的，请换一个。",
        "max_length": "文件名太长，请改短到 %(max)d 字以内。",
    },
}
VALIDATORS: Mapping[type[Any], str] = {
    validators.MaxLengthValidator: "最多 %(limit_value)d 字，现在 %(show_value)d 字，请删减。",
    validators.MinLengthValidator: "至少 %(limit_value)d 字，现在 %(show_value)d 字。",
    validators.MaxValueValidator: "不能大于 %(limit_value)s，请核对。",
    validators.MinValueValidator: "不能小于 %(limit_value)s，请核对。",
    validators.ProhibitNullCharactersValidator: "里面有看不见的字符，请删掉重填。",
}
DECIMALS = {
    "max_digits": "数字太长，最多 %(max)s 位。",
    "max_decimal_places": "小数最多 %(max)s 位。",
    "max_whole_digits": "整数部分最多 %(max)s 位。",
}


def install() -> None:
    """Give Django's fields and validators our messages (once, at start)."""
    for kind, messages in MESSAGES.items():
        kind.default_error_messages = {
            **kind.__dict__.get("default_error_messages", {}),
            **messages,
        }
    for validator, message in VALIDATORS.items():
        validator.message = message
    validators.DecimalValidator.messages = {**validators.DecimalValidator.messages, **DECIMALS}


def clean_text(text: str) -> str:
    """Return a text without NUL, control and half characters; lines and tabs stay."""
    return HIDDEN.sub("", text)


def tidy(data: QueryDict) -> QueryDict:
    """Return what was sent with every value cleaned; the same object if nothing was hidden."""
    if not any(HIDDEN.search(value) for _, values in data.lists() for value in values):
        return data
    clean = QueryDict(mutable=True, encoding=data.encoding)
    for key, values in data.lists():
        clean.setlist(key, [clean_text(value) for value in values])
    clean._mutable = False
    return clean


def tidy_request(request: HttpRequest) -> None:
    """Clean the address's parameters and, of a form, its fields (bodies of the API stay raw)."""
    if "%" in request.META.get("QUERY_STRING", ""):
        request.GET = tidy(request.GET)  # type: ignore[assignment]
    if request.method == "POST" and not request.path.startswith("/api/"):
        request.POST = tidy(request.POST)  # type: ignore[assignment]
