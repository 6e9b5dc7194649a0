"""``python -m vivido``: the command line, where its script is not on the path."""

from vivido.cli.main import main

if __name__ == "__main__":
    main()
