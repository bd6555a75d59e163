"""`python -m ethics_engine` is `ethics-engine`."""

from ethics_engine.cli import main

if __name__ == "__main__":
    main(prog_name="ethics-engine")
