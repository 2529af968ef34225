"""``python -m liaocheng_poverty.embedded run | backup [FILE] | restore FILE``."""

import sys

from liaocheng_poverty.embedded import backup, launcher
from liaocheng_poverty.embedded.supervisor import say


def main(arguments: list[str]) -> int:
    """Run one of the operator's commands; return the exit code."""
    command, target = arguments[:1], "".join(arguments[1:2])
    try:
        if command == ["run"]:
            return launcher.main()
        if command == ["backup"]:
            say(f"Backup written: {backup.backup(target)}")
            say("It holds the keys of personal data: keep it as you keep the keys.")
            return 0
        if command == ["restore"]:
            backup.restore(target)
            say("Restored. 'make manage ARGS=audit_verify' proves the audit chain.")
            return 0
    except (backup.Trouble, RuntimeError) as error:
        say(str(error))
        return 1
    say(__doc__ or "")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
