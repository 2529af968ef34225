"""OpenAPI: one shape of problems documented for every operation."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "code", "message"],
                "properties": {
                    "where": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
ALWAYS = {
    "400": "请求有误",
    "401": "未认证",
    "403": "没有权限范围",
    "404": "没有找到",
    "405": "不支持这个方法",
    "406": "不支持这种格式",
    "429": "请求太频繁",
}
WRITING = {"409": "有冲突", "413": "内容太大", "415": "不支持这种内容类型"}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the documentation of the bearer token."""

    target_class = "responsibility.postings.api_auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer"}


class Schema(AutoSchema):
    """Names operations by their path, adds the filters that a view declares."""

    def get_override_parameters(self) -> list[Any]:
        """Return the filters of a list as parameters."""
        if not self._is_list_view() or self.method != "GET":
            return []
        names = list(getattr(self.view, "filters", {}))
        if getattr(self.view, "path_lookup", None):
            names.append("division")
        integers: frozenset[str] = getattr(self.view, "integers", frozenset())
        return [
            OpenApiParameter(
                name, OpenApiTypes.INT if name in integers else OpenApiTypes.STR, required=False
            )
            for name in names
        ]


def document_problems(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Add the problem answers (and 304) to every operation, and the token as security."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    result["security"] = [{"token": []}]
    for path in result.get("paths", {}).values():
        for method, operation in path.items():
            if not isinstance(operation, dict):
                continue
            operation["security"] = [{"token": []}]
            answers = operation.setdefault("responses", {})
            wanted = ALWAYS if method == "get" else {**ALWAYS, **WRITING}
            for code, text in wanted.items():
                answers.setdefault(code, _answer(text))
            if method == "get":
                answers.setdefault("304", {"description": "没有变动"})
    return result


def _answer(text: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": text, "content": {"application/problem+json": {"schema": schema}}}
