"""What acts: deliveries of messages, attempts of steps, control from outside.

It decides nothing that `engine` decides.

engine.py    Engine: one runtime over some ports: start, deliver, control
turn.py      Turn: one delivery, from reading its head to handing on; its parts are
             performing.py (steps, compensations), forking.py, waiting.py, ending.py
ends.py      arrivals at joins, lanes
steps.py     one attempt of one step
control.py   pause, resume, cancel, time-out: by flags and messages
library.py   from the names in a definition to the author's objects
worker.py    the loop that receives and delivers on this machine
"""
