"""The command line as a process of its own; `python -m ethics_engine` is `ethics-engine`."""

import signal

from ethics_engine.cli import main


def run() -> None:
    """Do what the arguments say, and exit.

    An interrupt that comes after all is done and told ends the process there and then: Python, which waits for the
    processes of an audit to end, would tell of it in a traceback.
    """
    try:
        main(prog_name="ethics-engine")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    run()
