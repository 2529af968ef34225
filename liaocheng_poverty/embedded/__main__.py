"""``python -m liaocheng_poverty.embedded run | backup | restore FILE``."""

import sys

from liaocheng_poverty.embedded import launcher


def main(arguments: list[str]) -> int:
    """Run one of the operator's commands; return the exit code."""
    if arguments == ["run"]:
        return launcher.main()
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
