"""Makes networks/*.onnx and several-ends.onnx: small networks as PyTorch's exporters write them. Some by the older exporter (dynamo=False) with an open batch and
with a batch of one; those that it and the newer one (dynamo=True) spell out in nodes of their own, by both.

    python3 tests/golden/onnx/networks.py

Made with PyTorch 2.13, onnx 1.23, onnxscript 0.7.
"""

import logging
import warnings
from pathlib import Path

import onnx
import torch
from torch import nn
from torch.nn import functional

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
folder = Path(__file__).parent / "networks"
folder.mkdir(exist_ok=True)
torch.manual_seed(0)


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 5, padding=2)
        self.norm = nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 6, 3, stride=2)
        self.hidden = nn.Linear(6 * 2 * 2, 10)
        self.answer = nn.Linear(10, 3)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        x = functional.max_pool2d(torch.relu(self.norm(self.first(x))), 2)
        x = torch.relu(self.second(x))
        x = x.view(x.size(0), -1)
        return self.answer(self.drop(torch.relu(self.hidden(x))))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 4, 3, padding=1, groups=2)
        self.answer = nn.Linear(4, 3)

    def forward(self, x):
        y = torch.relu(self.norm(self.first(x)))
        z = functional.silu(self.second(y)) + y * 0.5
        return functional.log_softmax(self.answer(torch.flatten(functional.adaptive_avg_pool2d(z, 1), 1)), -1)


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(3, 5, batch_first=True, bidirectional=True)
        self.answer = nn.Linear(10, 2)

    def forward(self, x):
        return self.answer(self.recurrent(x)[0][:, -1])


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(7, 4)
        self.recurrent = nn.GRU(4, 5, batch_first=True)
        self.answer = nn.Linear(5, 3)

    def forward(self, x):
        return self.answer(self.recurrent(self.table(x))[1][0])


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.projection = nn.Linear(8, 24)
        self.steps = nn.Sequential(nn.Linear(8, 12), nn.Tanh(), nn.Linear(12, 8))
        self.answer = nn.Linear(8, 3)

    def forward(self, x):
        query, key, value = self.projection(self.norm(x)).chunk(3, -1)
        x = x + torch.softmax(query @ key.transpose(1, 2) / 8**0.5, -1) @ value
        return self.answer((x + self.steps(x)).mean(1))


for name, network, sample in (
    ("pictures", Pictures(), torch.randn(1, 1, 12, 12)),
    ("residual", Residual(), torch.randn(1, 3, 6, 6)),
    ("sequence", Sequence(), torch.randn(1, 6, 3)),
    ("words", Words(), torch.randint(0, 7, (1, 4))),
    ("attention", Attention(), torch.randn(1, 5, 8)),
):
    for kind, axes in (("open", {"x": {0: "batch"}, "y": {0: "batch"}}), ("fixed", {})):
        for opset in (11, 17):
            torch.onnx.export(network.eval(), (sample,), folder / f"{name}-{kind}-{opset}.onnx", dynamo=False,
                              opset_version=opset, input_names=["x"], output_names=["y"], dynamic_axes=axes)


class Recurrent(nn.Module):
    """`result`: the whole sequence, the state after the last step, or the last row of the sequence."""

    def __init__(self, kind, result, both_ways=False, steps_first=False, layers=1):
        super().__init__()
        self.recurrent = kind(3, 4, layers, batch_first=not steps_first, bidirectional=both_ways)
        self.answer = nn.Linear(8 if both_ways else 4, 2)
        self.result, self.both_ways, self.steps_first = result, both_ways, steps_first

    def forward(self, x):
        sequence, state = self.recurrent(x.transpose(0, 1) if self.steps_first else x)
        if self.steps_first:
            sequence = sequence.transpose(0, 1)
        if self.result == "sequence":
            return self.answer(sequence)
        if self.result == "row":
            return self.answer(sequence[:, -1])
        hidden = state[0] if isinstance(state, tuple) else state
        return self.answer(torch.cat([hidden[-2], hidden[-1]], -1) if self.both_ways else hidden[-1])


class Encoder(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.1, **options)
        self.answer = nn.Linear(8, 3)

    def forward(self, x):
        return self.answer(self.layer(x).mean(1))


class SelfAttention(nn.Module):
    """With PyTorch's own module, or with its function between two linear layers."""

    def __init__(self, causal, module):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True) if module else None
        self.projection, self.output = (None, None) if module else (nn.Linear(8, 24), nn.Linear(8, 8))
        self.causal = causal

    def forward(self, x):
        if self.attention is not None:
            mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1]) if self.causal else None
            return self.attention(x, x, x, need_weights=False, attn_mask=mask)[0]
        batch, steps, width = x.shape
        heads = [part.view(batch, steps, 2, 4).transpose(1, 2) for part in self.projection(x).chunk(3, -1)]
        mixed = functional.scaled_dot_product_attention(*heads, is_causal=self.causal)
        return self.output(mixed.transpose(1, 2).reshape(batch, steps, width))


class Curves(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.Sequential(nn.Linear(6, 8), nn.LayerNorm(8), nn.GELU(), nn.GELU("tanh"), nn.Mish(), nn.Linear(8, 3))

    def forward(self, x):
        return self.steps(x)


class Enlarged(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.groups = nn.GroupNorm(2, 4)
        self.enlarge = nn.Upsample(scale_factor=2)
        self.smooth = nn.Upsample(scale_factor=1.5, mode="bilinear")
        self.answer = nn.Linear(4, 3)

    def forward(self, x):
        x = functional.hardswish(self.groups(self.first(x)))
        return self.answer(self.smooth(self.enlarge(x)).clamp(-1, 1).mean((2, 3)))


class TiedWords(nn.Module):
    """The output layer is the table of words, read with rows as columns (each step) or as they are (a row a sample)."""

    def __init__(self, steps):
        super().__init__()
        self.table, self.mix, self.answer = nn.Embedding(7, 4), nn.Linear(4, 4), nn.Linear(4, 7)
        self.answer.weight = self.table.weight
        self.steps = steps

    def forward(self, x):
        words = self.table(x)
        return self.answer(torch.tanh(self.mix(words if self.steps else words.mean(1))))


class TiedLayers(nn.Module):
    """Two layers, each used three times: a linear one, and a whole encoder layer as ALBERT has it."""

    def __init__(self, encoder):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True) if encoder else nn.Linear(8, 8)
        self.answer = nn.Linear(8, 3)

    def forward(self, x):
        for _ in range(3):
            x = torch.tanh(self.layer(x))
        return self.answer(x)


def without_traces(path):
    """The newer exporter notes where in Python each node comes from."""
    model = onnx.load(path)
    parts = [model, model.graph, *model.graph.node, *model.graph.initializer, *model.graph.value_info, *model.graph.input, *model.graph.output]
    for part in parts:
        del part.metadata_props[:]
        part.ClearField("doc_string")
    onnx.save(model, path)


torch.manual_seed(1)
sequence = torch.randn(2, 5, 3)
wide = torch.randn(2, 5, 8)
for name, network, sample in (
    ("lstm-sequence", Recurrent(nn.LSTM, "sequence", both_ways=True), sequence),
    ("lstm-state", Recurrent(nn.LSTM, "state", both_ways=True), sequence),
    ("lstm-row", Recurrent(nn.LSTM, "row", steps_first=True), sequence),
    ("lstm-two", Recurrent(nn.LSTM, "row", layers=2), sequence),
    ("gru-sequence", Recurrent(nn.GRU, "sequence"), sequence),
    ("gru-state", Recurrent(nn.GRU, "state"), sequence),
    ("rnn-sequence", Recurrent(nn.RNN, "sequence", both_ways=True), sequence),
    ("rnn-state", Recurrent(nn.RNN, "state", steps_first=True), sequence),
    ("encoder-relu", Encoder(), wide),
    ("encoder-gelu", Encoder(norm_first=True, activation="gelu"), wide),
    ("attention-module", SelfAttention(False, True), wide),
    ("attention-causal", SelfAttention(True, True), wide),
    ("attention-function", SelfAttention(True, False), wide),
    ("curves", Curves(), torch.randn(2, 6)),
    ("enlarged", Enlarged(), torch.randn(2, 3, 4, 4)),
):
    options = {"input_names": ["x"], "output_names": ["y"]}
    torch.onnx.export(network.eval(), (sample,), folder / f"{name}-older.onnx", dynamo=False, opset_version=14,
                      dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, **options)
    torch.onnx.export(network.eval(), (sample,), folder / f"{name}-newer.onnx", dynamo=True, external_data=False, verbose=False,
                      dynamic_shapes=({0: torch.export.Dim("batch")},), **options)
    without_traces(folder / f"{name}-newer.onnx")


torch.manual_seed(3)
for name, network, sample in (
    ("tied-steps", TiedWords(True), torch.randint(0, 7, (2, 5))),
    ("tied-row", TiedWords(False), torch.randint(0, 7, (2, 5))),
    ("tied-linear", TiedLayers(False), torch.randn(2, 8)),
    ("tied-encoder", TiedLayers(True), torch.randn(2, 5, 8)),
):
    torch.onnx.export(network.eval(), (sample,), folder / f"{name}-older.onnx", dynamo=False, opset_version=17, input_names=["x"],
                      output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}})


class SeveralEnds(nn.Module):
    """Three inputs, one of them words; scores and a number as outputs, and the place of the best score."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(7, 4)
        self.recurrent = nn.GRU(2, 3, batch_first=True)
        self.scores, self.number = nn.Linear(4 + 3 + 3, 5), nn.Linear(3, 1)

    def forward(self, row, steps, words):
        state = self.recurrent(steps)[1][0]
        scores = self.scores(torch.cat([row, state, self.table(words).mean(1)], 1))
        return scores, self.number(row), scores.argmax(1)


torch.manual_seed(2)
names = ["row", "steps", "words", "scores", "number", "best"]
torch.onnx.export(SeveralEnds().eval(), (torch.randn(2, 3), torch.randn(2, 4, 2), torch.randint(0, 7, (2, 6))), folder.parent / "several-ends.onnx",
                  dynamo=False, opset_version=17, input_names=names[:3], output_names=names[3:],
                  dynamic_axes={name: {0: "batch"} for name in names})
