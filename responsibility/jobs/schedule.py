"""What beat runs: when last, with what outcome, when next; by hand, or for a past day."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import redis
from celery.schedules import crontab
from django.conf import settings
from django.db import transaction

from responsibility.audit.services import record
from responsibility.common import clock, daily
from responsibility.common.errors import Invalid
from responsibility.common.tasks import enqueue
from responsibility.jobs import heartbeats, runs
from responsibility.jobs.models import Run

LAST = "schedule:last"
DAY_RUN = "jobs.day"
ALL = "all"
OLDEST = date(2015, 1, 1)
WORDS = {
    "jobs.heartbeat": "后台信号",
    "jobs.pick_up": "接着办中断的任务",
    "audit.seal": "操作记录上链",
    "audit.verify": "核验操作记录",
    "duties.open_year": "开启新年度责任清单",
    "deadlines.sweep": "时限提醒",
    "deadlines.recompute": "按日历重算时限",
    "outbox.deliver": "发邮件和推送",
    "outbox.digest": "每日提要",
    "figures.check_rollups": "核对汇总数",
    "alerts.scan": "查找预警情形",
    "letters.ask_confirmations": "责任书换人确认",
    "letters.open_settlements": "责任书年终对账开启",
    "letters.announce_overdue": "责任书逾期通报",
    "divisions.check_versions": "核对区划沿革",
}


@dataclass(frozen=True)
class Entry:
    """One line of the schedule."""

    key: str
    task: str
    words: str
    rhythm: str
    last: datetime | None
    ok: bool
    seconds: float
    next: datetime | None


def note(task: str, *, ok: bool, seconds: float) -> None:
    """Remember when a task ran last and how it ended."""
    value = json.dumps({"at": time.time(), "ok": ok, "seconds": round(seconds, 2)})
    heartbeats.client().hset(LAST, task, value)


def entries() -> list[Entry]:
    """Return the schedule, with what is known of the last runs (nothing without Redis)."""
    try:
        known: Mapping[Any, Any] = heartbeats.client().hgetall(LAST)
    except redis.RedisError:
        known = {}
    last = {name.decode(): json.loads(value) for name, value in known.items()}
    return [
        _entry(key, item, last.get(item["task"]))
        for key, item in settings.CELERY_BEAT_SCHEDULE.items()
    ]


def _entry(key: str, item: Mapping[str, Any], last: Mapping[str, Any] | None) -> Entry:
    task, plan = str(item["task"]), item["schedule"]
    at = datetime.fromtimestamp(last["at"], tz=clock.SHANGHAI) if last else None
    return Entry(
        key,
        task,
        WORDS.get(task, task),
        _rhythm(plan),
        at,
        bool(last["ok"]) if last else True,
        float(last["seconds"]) if last else 0.0,
        _next(plan, at),
    )


def _rhythm(plan: Any) -> str:
    if isinstance(plan, crontab):
        hour, minute = _moment(plan)
        return f"每天 {hour:02}:{minute:02}"
    seconds = plan.total_seconds() if isinstance(plan, timedelta) else float(plan)
    return f"每 {seconds:.0f} 秒"


def _moment(plan: Any) -> tuple[int, int]:
    """Return hour and minute of a daily entry."""
    return min(plan.hour), min(plan.minute)


def _next(plan: Any, last: datetime | None) -> datetime | None:
    """Return when beat runs it next; None when it is due but beat has not run yet."""
    now = clock.now()
    if isinstance(plan, crontab):
        hour, minute = _moment(plan)
        found = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return found if found > now else found + timedelta(days=1)
    gap = plan if isinstance(plan, timedelta) else timedelta(seconds=float(plan))
    return None if last is None else max(now, last + gap)


@transaction.atomic
def run_now(*, by: Any, key: str) -> str:
    """Send one task of the schedule to a worker now; return its words. Raises Invalid."""
    item = settings.CELERY_BEAT_SCHEDULE.get(key)
    if item is None:
        raise Invalid("没有这项定时任务。", where="key")
    record(by=by, verb="jobs.run_now", target="jobs.schedule", note=str(item["task"]))
    enqueue(item["task"])
    return WORDS.get(str(item["task"]), str(item["task"]))


def dated() -> list[tuple[str, str]]:
    """Return the dated jobs that can be replayed for a day, with their words."""
    return [(job.name, WORDS.get(job.name, job.name)) for job in daily.jobs()]


def replay_day(*, by: Any, day: date, name: str) -> Run:
    """Run the dated jobs of a past day again (one, or all in order); each is safe to run twice.

    Raises Invalid for a day that has not come, one before records began, or an unknown job.
    """
    if not OLDEST <= day <= clock.today():
        raise Invalid("日期应在 2015 年以后、今天以前。", where="day")
    names = [job for job, _ in dated()]
    if name != ALL and name not in names:
        raise Invalid("没有这项按日任务。", where="job")
    chosen = names if name == ALL else [name]
    words = "全部按日任务" if name == ALL else WORDS.get(name, name)
    return runs.start(
        by=by,
        kind=DAY_RUN,
        title=f"补跑 {day.isoformat()}：{words}",
        total=len(chosen),
        arguments={"day": day.isoformat(), "jobs": chosen},
    )


def work_day(run: Run) -> None:
    """Run the jobs of the day in order; one that fails does not stop the next."""
    day = date.fromisoformat(run.arguments["day"])
    known = {job.name: job for job in daily.jobs()}
    for number, name in enumerate(run.arguments["jobs"][run.done :], run.done + 1):
        if runs.cancelled(run):
            return
        line = _line(known[name], day)
        runs.progress(run, done=number, receipt=[line])


def _line(job: daily.Job, day: date) -> dict[str, Any]:
    words = WORDS.get(job.name, job.name)
    try:
        with transaction.atomic():
            result = job.run(day)
    except Exception as error:
        return {"what": words, "done": False, "why": f"{type(error).__name__}: {error}"}
    return {"what": words, "done": True, "why": f"结果：{result}"}
