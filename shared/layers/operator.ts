import { z } from 'zod';
import type { AttributeValue } from '../network/graph';
import type { LayerDefinition, ParameterDefinition, ParameterValues, Shape, StoredValue } from './definition';
import { operatorMultiplyAdds } from './operator-cost';
import { costOfOutput, elements, formatShape, sameShape } from './sizes';

/**
 * A node of an imported model that is no layer of the catalogue: kept as it is, with its constants and weights in the project's
 * weights file. An import makes these layers; the palette does not offer them.
 */
export interface OperatorForm {
  opType: string;
  attributes: Record<string, AttributeValue>;
  /** By place: the port that is read, the name of a stored value, or '' for an omitted input. */
  inputs: (number | string)[];
  /** Of one sample, by port: what the node was imported for. */
  shapes: number[][];
  /** Of one sample, by output; null where nothing reads it. The first is the layer's own, the others are taken by `operatorOutput`. */
  outputs: (number[] | null)[];
  stored: StoredValue[];
}

const dims = z.array(z.number().int().nonnegative());
const attributes = z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number()), z.array(z.string())]));
const details = z.strictObject({
  inputs: z.array(z.union([z.number().int().nonnegative(), z.string()])),
  shapes: z.array(dims),
  outputs: z.array(dims.nullable()).min(1),
  stored: z.array(z.strictObject({ name: z.string().min(1), dims, kind: z.enum(['weight', 'constant', 'integers']) })),
});

const text = (
  name: string,
  label: ParameterDefinition['label'],
  help: ParameterDefinition['help'],
  otherwise = '',
): ParameterDefinition => ({ name, label, help, type: 'text', default: otherwise });

const parameters: ParameterDefinition[] = [
  text(
    'operator',
    { en: 'Operator', ru: 'Оператор' },
    {
      en: 'The ONNX operator this layer stands for, as the imported file had it.',
      ru: 'Оператор ONNX, который представляет этот слой, как в импортированном файле.',
    },
  ),
  text(
    'attributes',
    { en: 'Attributes', ru: 'Атрибуты' },
    {
      en: "The operator's settings in ONNX's own names; empty braces mean that all have their defaults.",
      ru: 'Настройки оператора под именами ONNX; пустые скобки означают, что все они имеют значения по умолчанию.',
    },
    '{}',
  ),
  {
    ...text(
      'node',
      { en: 'Connections', ru: 'Связи' },
      {
        en: 'Where each input comes from (a port or a stored value) and the shapes the node was imported for.',
        ru: 'Откуда берётся каждый вход (порт или сохранённое значение) и формы, для которых узел импортирован.',
      },
      '{"inputs":[0],"shapes":[[1]],"outputs":[[1]],"stored":[]}',
    ),
    advanced: true,
  },
];

/** The parameters of an operator layer for a node. */
export function operatorParameters({ opType, attributes: values, ...rest }: OperatorForm): ParameterValues {
  return { operator: opType, attributes: JSON.stringify(values), node: JSON.stringify(rest) };
}

/** The node of an operator layer; null where a hand has spoilt its parameters. */
export function operatorForm({ operator: opType, attributes: values, node }: ParameterValues): OperatorForm | null {
  const parsed = details.safeParse(json(node));
  const given = attributes.safeParse(json(values));
  if (!parsed.success || !given.success || typeof opType !== 'string' || opType === '') return null;
  return { opType, attributes: given.data, ...parsed.data };
}

function json(value: unknown): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    // No JSON: the schema refuses it.
    return undefined;
  }
}

const unreadable = { code: 'network.operator-form', details: {} } as const;

export const operator: LayerDefinition = {
  kind: 'operator',
  category: 'math',
  label: { en: 'ONNX operator', ru: 'Оператор ONNX' },
  help: {
    en: 'A step of an imported model that is no layer of the palette. It computes and trains like any other; its settings are those of the file.',
    ru: 'Шаг импортированной модели, которого нет среди слоёв палитры. Он вычисляется и обучается, как остальные; его настройки взяты из файла.',
  },
  icon: 'sigma',
  parameters,
  inputs: [0, 64],
  hasOutput: true,
  shape(values, inputs) {
    const form = operatorForm(values);
    const [output] = form?.outputs ?? [];
    if (!form || !output) return unreadable;
    const port = form.shapes.findIndex((wanted, at) => !inputs[at] || !sameShape(wanted, inputs[at]));
    if (port === -1 && inputs.length === form.shapes.length) return output;
    const at = port === -1 ? form.shapes.length : port;
    const wanted = form.shapes[at];
    return {
      code: 'network.operator-shape',
      details: {
        operator: form.opType,
        port: at + 1,
        wanted: wanted ? formatShape(wanted) : '—',
        got: inputs[at] ? formatShape(inputs[at]) : '—',
      },
    };
  },
  stored: (values) => operatorForm(values)?.stored ?? [],
  cost(values, _inputs, output) {
    const form = operatorForm(values);
    if (!form) return costOfOutput(output);
    const trained = form.stored.filter(({ kind }) => kind === 'weight');
    const parameters = trained.reduce((sum, weight) => sum + elements(weight.dims), 0);
    const stored = new Map(form.stored.map(({ name, dims: sizes }) => [name, sizes]));
    const inputs = form.inputs.map((input) => (typeof input === 'number' ? form.shapes[input] : stored.get(input)));
    const multiplyAdds = operatorMultiplyAdds(form.opType, { attributes: form.attributes, inputs, output });
    return { ...costOfOutput(output), parameters, multiplyAdds };
  },
  emit({ parameters: values, inputNames, outputName, weightName, node }) {
    const form = operatorForm(values);
    if (!form) return;
    const read = (input: number | string): string => {
      if (typeof input === 'number') return inputNames[input] ?? '';
      return input === '' ? '' : weightName(input);
    };
    const outputs = form.outputs.map((shape, at) => (shape ? outputNameOf(outputName, at) : ''));
    node(form.opType, form.inputs.map(read), outputs, form.attributes);
  },
};

/** What a further output of an operator layer is called in the graph. */
function outputNameOf(first: string, at: number): string {
  return at === 0 ? first : `${first}.${at}`;
}

const shapeOf = (value: ParameterValues[string] | undefined): Shape | null => {
  const parsed = dims.safeParse(json(value));
  return parsed.success ? parsed.data : null;
};

/** A further output of an operator layer, for edges carry only the first: the states of an LSTM, the other parts of a Split. */
export const operatorOutput: LayerDefinition = {
  kind: 'operator-output',
  category: 'math',
  label: { en: 'Further output', ru: 'Другой выход' },
  help: {
    en: 'Passes on another output of the operator it is connected to. It must follow that operator directly.',
    ru: 'Передаёт другой выход оператора, с которым соединён. Должен следовать непосредственно за этим оператором.',
  },
  icon: 'arrow-right-from-line',
  parameters: [
    {
      name: 'output',
      type: 'integer',
      default: 2,
      minimum: 2,
      maximum: 64,
      step: 1,
      label: { en: 'Output', ru: 'Выход' },
      help: {
        en: 'Which output of the operator this is; the first is what a plain connection carries.',
        ru: 'Какой это выход оператора; первый передаёт обычная связь.',
      },
    },
    text(
      'shape',
      { en: 'Shape', ru: 'Форма' },
      {
        en: 'The sizes of one sample at this output, as the model was imported.',
        ru: 'Размеры одного примера на этом выходе, как в импортированной модели.',
      },
      '[1]',
    ),
  ],
  inputs: [1, 1],
  hasOutput: true,
  shape: (values) => shapeOf(values.shape) ?? unreadable,
  cost: (_values, _inputs, output) => costOfOutput(output),
  emit({ parameters: values, inputNames: [input = ''], outputName, node }) {
    node('Identity', [outputNameOf(input, Number(values.output) - 1)], outputName);
  },
};
