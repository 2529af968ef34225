"""指标与数据."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "responsibility.figures"
    label = "figures"
    verbose_name = "指标与数据"

    def ready(self) -> None:
        from responsibility.common import menu
        from responsibility.common.rights import Right
        from responsibility.figures import origins

        menu.register("资料", "指标", "indicator_list", icon="chart", right=Right.VIEW, order=20)
        origins.register("accounts.user", "接口报送", lambda key: "")
        origins.register("jobs.importreceipt", "表格导入", lambda key: "")
