"""Runs the programs in torch/ with PyTorch and writes what they print: torch.json.

    python3 tests/golden/scratchpad/torch_programs.py [name…]     (torch 2.13, numpy)
"""

import contextlib
import io
import json
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")
folder = pathlib.Path(__file__).parent


def output(source):
    """What a program prints, as if it were started by itself."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(compile(source, "program", "exec"), {"__name__": "__main__"})
    return text.getvalue()


def main():
    target = folder / "torch.json"
    known = json.loads(target.read_text()) if target.exists() else {}
    wanted = sys.argv[1:] or sorted(path.stem for path in (folder / "torch").glob("*.py"))
    if not sys.argv[1:]:
        known = {}
    for name in wanted:
        try:
            known[name] = output((folder / "torch" / f"{name}.py").read_text())
        except Exception as error:
            raise SystemExit(f"{name}: {type(error).__name__}: {error}")
    target.write_text(json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False) + "\n")


main()
