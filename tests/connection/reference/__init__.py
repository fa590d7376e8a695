"""References for the fair connection: they answer the same question as the engine and share no code with it.

Written from the question alone, dicts in and dicts out, in exact whole numbers; nothing here imports Bagage.

- ``reading``    money and conditions out of the JSON;
- ``replay``     lives a calendar day by day and says whether every day is served;
- ``plans``      what a subscription costs;
- ``brute``      tries every calendar of a tiny line;
- ``milp``       states a line as an integer programme, for HiGHS;
- ``answer``     the whole answer of a tiny programme, from ``brute`` and ``plans``;
- ``generator``  random lines, persons and catalogues, the same for the same seed;
- ``prove``      what ``make prove`` runs: freezes instances whose optimum was proven.
"""
