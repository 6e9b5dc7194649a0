"""What people and scripts type: ``vivido run``, ``check``, ``graph``, ``list``, ``show``.

main.py       the commands, loaded when they are asked for; from errors to sentences and exit codes
commands/     one command a file: read what was given, do it, print it
sources.py    FILE[:NAME] to a compiled workflow; --input to a value
stores.py     which store file, and whether it is there
driving.py    an execution in this process until it rests, or until someone stops it
story.py      records as rows that people read (pure)
texts.py      times, durations and values in few words (pure)
progress.py   rows and running steps, live on a terminal or line by line
events.py     the same as JSON lines
console.py    standard output and error: what goes where, and safe from control characters

Exit codes: 0 succeeded, 1 failed, 2 wrong use, 3 still waiting or stopped before its end.
"""
