import { z } from 'zod';
import { LabError } from '../../shared/errors';
import type { AttributeValue, Graph, GraphNode, Initializer } from '../../shared/network/graph';
import { frozenKey } from './encode';
import type { DecodedModel, ParsedModel } from './model';
import { sizeOperators } from './fold';
import { modernise } from './opset';
import { isIntegerType, portValue, readPort, requireBatch } from './ports';
import { scanModel } from './scan';
import type { PartialShape } from './shapes';
import {
  attributeTypes,
  modelType,
  type RawAttribute,
  type RawGraph,
  type RawModel,
  type RawNode,
  toBigInt,
} from './schema';
import { elementTypeName, readTensor } from './tensor';

/** 28 is the newest published (ONNX 1.23). Forms of before 7 that have no meaning today are refused node by node. */
export const readableOpsets = { oldest: 1, newest: 28 } as const;

/**
 * Reads an ONNX file as a network: the nodes with today's meaning, float32 inputs and outputs that leave nothing open but the
 * batch. `file` is its name in error messages. Every size is checked against the bytes that are there; a damaged or hostile
 * file ends in a LabError that names the file, and the node where there is one.
 */
export function decodeModel(bytes: Uint8Array, file = 'model.onnx'): DecodedModel {
  const model = parseModel(bytes, file);
  for (const input of model.inputs) requireBatch(file, 'input', input);
  for (const output of model.outputs) requireBatch(file, 'output', output);
  const { metadata, opset, producer } = model;
  return { graph: modernise(model), metadata, opset, producer };
}

/** The file with any types and shapes of its ports, as `infer` takes it. Constant nodes become frozen initializers, unnamed nodes get names. */
export function parseModel(
  bytes: Uint8Array,
  file = 'model.onnx',
  options: { known?: ReadonlySet<string> } = {},
): ParsedModel {
  scanModel(bytes, file);
  const model = parse(bytes, file);
  if (!model.graph || model.opsetImport.length === 0) throw new LabError('model.empty', { file });
  if (options.known) requireOperators(model.graph, options.known, file);
  const opset = readOpset(model, file);
  const metadata: Record<string, string> = {};
  for (const { key, value } of model.metadataProps) metadata[key] = value;
  const frozen = takeFrozen(metadata, file);
  const { graph, inputs, outputs } = new GraphReader(file, frozen).read(model.graph);
  const shapes = new Map<string, PartialShape>();
  const batch = inputs[0]?.dims?.[0];
  const sizeOf = (size: number | string): number | null => {
    if (typeof size === 'number') return size;
    return size !== '' && size === batch ? -1 : null;
  };
  for (const { name, dims } of [...model.graph.valueInfo.map(readPort), ...outputs])
    if (dims) shapes.set(name, dims.map(sizeOf));
  for (const { name, dims } of inputs)
    if (dims)
      shapes.set(
        name,
        dims.map((size, axis) => (axis === 0 && typeof size === 'string' ? -1 : sizeOf(size))),
      );
  return { file, graph, metadata, opset, producer: model.producerName, inputs, outputs, frozen, shapes };
}

/** Most nodes that a message names. */
const namedNodes = 20;

/** Operators of which nothing may be left once constants and sizes are worked out, and one that has another name today. */
const folded: ReadonlySet<string> = new Set([...sizeOperators, 'Constant', 'ConstantOfShape', 'Upsample']);

/** Operators that are not among `known`, all of them at once, each with its node. */
function requireOperators({ node: nodes }: RawGraph, known: ReadonlySet<string>, file: string): void {
  const lacking = nodes.flatMap(({ opType, domain, name }, index) => {
    if (isStandardDomain(domain) && (known.has(opType) || folded.has(opType))) return [];
    const operator = isStandardDomain(domain) ? opType : `${domain}.${opType}`;
    return [`${operator} (${name === '' ? `${opType}_${index}` : name})`];
  });
  refuseOperators(lacking, file);
}

/** Throws the error that names nodes the engine cannot compute, unless there are none. */
export function refuseOperators(lacking: readonly string[], file: string): void {
  if (lacking.length === 0) return;
  const more = lacking.length - namedNodes;
  const nodes = more > 0 ? [...lacking.slice(0, namedNodes), `… +${more}`] : lacking;
  throw new LabError('model.operators', { file, count: lacking.length, nodes });
}

function parse(bytes: Uint8Array, file: string): RawModel {
  try {
    // The descriptor guarantees the types of RawModel: protobufjs drops or refuses what does not fit it.
    return modelType.decode(bytes) as unknown as RawModel;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LabError('model.not-onnx', { file, reason }, { cause: error });
  }
}

function isStandardDomain(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

function readOpset(model: RawModel, file: string): number {
  const entry = model.opsetImport.find(({ domain }) => isStandardDomain(domain));
  const opset = entry ? Number(toBigInt(entry.version)) : 0;
  const { oldest, newest } = readableOpsets;
  if (opset < oldest || opset > newest) throw new LabError('model.opset', { file, opset, oldest, newest });
  return opset;
}

function takeFrozen(metadata: Record<string, string>, file: string): ReadonlySet<string> {
  const text = metadata[frozenKey];
  if (text === undefined) return new Set();
  Reflect.deleteProperty(metadata, frozenKey);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const names = z.array(z.string()).safeParse(value);
  if (!names.success) throw new LabError('model.metadata', { file, reason: `${frozenKey} is no list of names` });
  return new Set(names.data);
}

class GraphReader {
  /** Values that exist so far: by inputs, constants and the nodes read. */
  readonly #values = new Set<string>();
  readonly #nodeNames = new Set<string>();
  readonly #initializers: Initializer[] = [];

  constructor(
    private readonly file: string,
    private readonly frozen: ReadonlySet<string>,
  ) {}

  read(raw: RawGraph): Pick<ParsedModel, 'graph' | 'inputs' | 'outputs'> {
    const constants = new Set<string>();
    for (const tensor of raw.initializer) {
      const frozen = this.frozen.has(tensor.name) ? { frozen: true } : {};
      this.#define(tensor.name, tensor.name);
      constants.add(tensor.name);
      this.#initializers.push({ name: tensor.name, ...readTensor(tensor, this.file), ...frozen });
    }
    const inputs = raw.input.filter(({ name }) => !constants.has(name)).map(readPort);
    for (const { name } of inputs) this.#define(name, name);

    const nodes: GraphNode[] = [];
    for (const [index, node] of raw.node.entries()) {
      const read = this.#readNode(node, index);
      if (read) nodes.push(read);
    }
    const outputs = raw.output.map(readPort);
    for (const { name } of outputs)
      if (!this.#values.has(name)) throw new LabError('model.output-missing', { file: this.file, name });
    if (outputs.length === 0) throw new LabError('model.empty', { file: this.file });
    const graph: Graph = {
      name: raw.name,
      nodes,
      initializers: this.#initializers,
      inputs: inputs.map(portValue),
      outputs: outputs.map(portValue),
    };
    return { graph, inputs, outputs };
  }

  #define(value: string, node: string): void {
    if (this.#values.has(value)) throw new LabError('model.value-twice', { file: this.file, value, node });
    this.#values.add(value);
  }

  #readNode(raw: RawNode, index: number): GraphNode | null {
    const name = this.#nodeName(raw, index);
    const { file } = this;
    const operator = raw.opType;
    if (!isStandardDomain(raw.domain))
      throw new LabError('model.node-domain', { file, node: name, operator, domain: raw.domain });
    for (const value of raw.input)
      if (value !== '' && !this.#values.has(value))
        throw new LabError('model.node-input', { file, node: name, operator, value });
    for (const value of raw.output) if (value !== '') this.#define(value, name);

    if (operator === 'Constant') {
      this.#initializers.push(this.#readConstant(raw, name));
      return null;
    }
    const attributes: Record<string, AttributeValue> = {};
    for (const attribute of raw.attribute) {
      attributes[attribute.name] = this.#readAttribute(attribute, operator, name);
      // Of a tensor only its one number is kept; which kind of number it was matters to a ConstantOfShape.
      if (attribute.t && isIntegerType(elementTypeName(attribute.t.dataType)))
        attributes[`${attribute.name}Type`] = 'int64';
    }
    return { name, opType: operator, inputs: [...raw.input], outputs: [...raw.output], attributes };
  }

  #nodeName({ name, opType }: RawNode, index: number): string {
    let unique = name === '' ? `${opType}_${index}` : name;
    while (this.#nodeNames.has(unique)) unique += '_';
    this.#nodeNames.add(unique);
    return unique;
  }

  #readAttribute(raw: RawAttribute, operator: string, node: string): AttributeValue {
    switch (raw.type) {
      case attributeTypes.float:
        return shortest(raw.f);
      case attributeTypes.int:
        return this.#readInteger(toBigInt(raw.i), raw.name, operator, node);
      case attributeTypes.string:
        return Buffer.from(raw.s).toString('utf8');
      case attributeTypes.floats:
        return raw.floats.map(shortest);
      case attributeTypes.ints:
        return raw.ints.map((value) => this.#readInteger(toBigInt(value), raw.name, operator, node));
      case attributeTypes.strings:
        return raw.strings.map((text) => Buffer.from(text).toString('utf8'));
      case attributeTypes.tensor:
        return this.#readSingle(raw, operator, node);
      case attributeTypes.graph:
      case attributeTypes.graphs:
        throw new LabError('model.sub-graph', { file: this.file, node, operator });
      default:
        throw new LabError('model.attribute-type', {
          file: this.file,
          node,
          operator,
          attribute: raw.name,
          type: raw.type,
        });
    }
  }

  #readInteger(value: bigint, attribute: string, operator: string, node: string): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      const details = { file: this.file, node, operator, attribute, value: String(value) };
      throw new LabError('model.attribute-too-large', details);
    }
    return number;
  }

  /** A tensor of one number (the value of a ConstantOfShape) as that number. */
  #readSingle(raw: RawAttribute, operator: string, node: string): number {
    const values = raw.t ? readTensor(raw.t, this.file, node).data : null;
    if (values?.length === 1) return Number(values[0]);
    const details = { file: this.file, node, operator, attribute: raw.name, type: raw.type };
    throw new LabError('model.attribute-type', details);
  }

  #readConstant(raw: RawNode, node: string): Initializer {
    const [attribute] = raw.attribute;
    const [name = ''] = raw.output;
    const fail = (): LabError => new LabError('model.constant-value', { file: this.file, node });
    if (!attribute || raw.attribute.length > 1 || name === '') throw fail();
    switch (attribute.type) {
      case attributeTypes.tensor:
        if (!attribute.t) throw fail();
        return { name, ...readTensor(attribute.t, this.file, node), frozen: true };
      case attributeTypes.float:
        return { name, dims: [], data: new Float32Array([attribute.f]), frozen: true };
      case attributeTypes.floats:
        return { name, dims: [attribute.floats.length], data: Float32Array.from(attribute.floats), frozen: true };
      case attributeTypes.int:
        return { name, dims: [], data: new BigInt64Array([toBigInt(attribute.i)]), frozen: true };
      case attributeTypes.ints:
        return {
          name,
          dims: [attribute.ints.length],
          data: BigInt64Array.from(attribute.ints, toBigInt),
          frozen: true,
        };
      default:
        throw fail();
    }
  }
}

/** The number a person wrote (0.1), not what float32 made of it (0.10000000149011612): it becomes the same float32 again. */
function shortest(value: number): number {
  for (let digits = 6; digits <= 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(rounded), value)) return rounded;
  }
  return value;
}
