"""The models that are compared: sizes people serve, with generated weights, and any trained directory given by its path."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tools/golden"))
import make_bert_base  # noqa: E402

LABELS = 40
SHAPES = {
    "bert_base": make_bert_base.BASE,
    "minilm": make_bert_base.Shape(hidden=384, layers=6, heads=12, intermediate=1536, labels=LABELS),
    "tiny": make_bert_base.Shape(hidden=64, layers=2, heads=2, intermediate=256, labels=LABELS),
}


def directory(name, folder):
    """The model directory for a name of SHAPES, made below `folder` when it is not there yet; any other name is a path."""
    if name not in SHAPES:
        path = pathlib.Path(name).resolve()
        if not (path / "config.json").exists():
            raise ValueError(f"{name}: neither one of {', '.join(SHAPES)} nor a model directory")
        return path
    made = folder / name
    if not (made / "made").exists():  # a run that was interrupted leaves a directory without it
        make_bert_base.write_model(made, SHAPES[name])
        (made / "made").touch()
    return made.resolve()


def title(name):
    """What a table calls the model."""
    return name if name in SHAPES else pathlib.Path(name).resolve().name


def warm_page_cache(folder):
    """Reads every file once: a start is measured with its files in memory, as on a machine that has served before."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                while file.read(1 << 24):
                    pass
