"""Runs the programs beside this file with CPython 3.11 and writes what they printed, what their last line gave, or how they failed.

    python3 generate.py

programs/<topic>.txt holds programs with a line of %% between them.
"""

import ast
import contextlib
import io
import json
import pathlib
import traceback
import warnings

here = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")


def failure(error, line):
    return {"kind": type(error).__name__, "message": str(error.msg if isinstance(error, SyntaxError) else error), "line": line}


def run(source):
    printed = io.StringIO()
    scope = {"__name__": "__main__"}
    record = {"source": source}
    try:
        tree = ast.parse(source, "<cell>")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        body = compile(tree, "<cell>", "exec")
        value = compile(ast.Expression(last.value), "<cell>", "eval") if last else None
        with contextlib.redirect_stdout(printed):
            exec(body, scope)
            result = eval(value, scope) if value else None
            if result is not None:
                record["result"] = repr(result)
    except SyntaxError as error:
        record["error"] = failure(error, error.lineno)
    except BaseException as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<cell>"]
        record["error"] = failure(error, lines[-1])
    record["printed"] = printed.getvalue()
    return record


for path in sorted((here / "programs").glob("*.txt")):
    programs = path.read_text(encoding="utf-8").rstrip("\n").split("\n%%\n")
    records = [run(program) for program in programs]
    text = json.dumps(records, ensure_ascii=False, indent=1) + "\n"
    (here / f"{path.stem}.json").write_text(text, encoding="utf-8")
    print(f"{path.stem}: {len(records)} programs")
