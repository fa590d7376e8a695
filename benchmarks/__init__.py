"""How fast Bagage is: ``python -m benchmarks`` (or ``make bench``) prints one JSON object a line.

Each line: ``bench`` (which module), ``figure`` (what was measured), ``value`` and ``unit``, ``reference`` (the same
measure of something simple, taken in the same run on the same machine, and the ratio to it: that can be compared
between machines), ``conditions``. Messages for people go to the standard error.

A bench is a module ``benchmarks/bench_<name>.py`` with ``run(bench, sizes)``; see :class:`benchmarks.harness.Bench`.
The pages that are measured are listed in ``benchmarks/pages.py``.
"""
