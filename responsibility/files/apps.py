"""文件."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "responsibility.files"
    label = "files"
    verbose_name = "文件"
