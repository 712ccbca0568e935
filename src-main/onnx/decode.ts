import { z } from 'zod';
import { LabError } from '../../shared/errors';
import type { AttributeValue, Graph, GraphNode, GraphValue, Initializer } from '../../shared/network/graph';
import { frozenKey } from './encode';
import {
  attributeTypes,
  elementTypes,
  modelType,
  type RawAttribute,
  type RawGraph,
  type RawModel,
  type RawNode,
  type RawValue,
  toBigInt,
} from './schema';
import { elementTypeName, readTensor } from './tensor';

export interface DecodedModel {
  graph: Graph;
  metadata: Record<string, string>;
  opset: number;
  producer: string;
}

/** Since 7, Add and its like broadcast as they do now; the newest is the last one looked at. */
export const readableOpsets = { oldest: 7, newest: 25 } as const;

/**
 * Reads an ONNX file. `file` is its name in error messages. Every size is checked against the bytes that are there; a damaged
 * or hostile file ends in a LabError that names the file, and the node where there is one.
 *
 * Constant nodes become frozen initializers, unnamed nodes get names.
 */
export function decodeModel(bytes: Uint8Array, file = 'model.onnx'): DecodedModel {
  const model = parse(bytes, file);
  if (!model.graph || model.opsetImport.length === 0) throw new LabError('model.empty', { file });
  const opset = readOpset(model, file);
  const metadata: Record<string, string> = {};
  for (const { key, value } of model.metadataProps) metadata[key] = value;
  const frozen = takeFrozen(metadata, file);
  const graph = new GraphReader(file, opset, frozen).read(model.graph);
  return { graph, metadata, opset, producer: model.producerName };
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
    private readonly opset: number,
    private readonly frozen: ReadonlySet<string>,
  ) {}

  read(raw: RawGraph): Graph {
    for (const tensor of raw.initializer) {
      const frozen = this.frozen.has(tensor.name) ? { frozen: true } : {};
      this.#define(tensor.name, tensor.name);
      this.#initializers.push({ name: tensor.name, ...readTensor(tensor, this.file), ...frozen });
    }
    // Old files list the weights among the inputs, too.
    const inputs = raw.input
      .filter(({ name }) => !this.#values.has(name))
      .map((input) => this.#readPort(input, 'input'));
    for (const { name } of inputs) this.#define(name, name);

    const outputRanks = new Map(raw.output.map((value) => [value.name, value.type?.tensorType?.shape?.dim.length]));
    const nodes: GraphNode[] = [];
    for (const [index, node] of raw.node.entries()) {
      const read = this.#readNode(node, index, outputRanks);
      if (read) nodes.push(read);
    }
    const outputs = raw.output.map((output) => this.#readPort(output, 'output'));
    for (const { name } of outputs)
      if (!this.#values.has(name)) throw new LabError('model.output-missing', { file: this.file, name });
    if (outputs.length === 0) throw new LabError('model.empty', { file: this.file });
    return { name: raw.name, nodes, initializers: this.#initializers, inputs, outputs };
  }

  #define(value: string, node: string): void {
    if (this.#values.has(value)) throw new LabError('model.value-twice', { file: this.file, value, node });
    this.#values.add(value);
  }

  #readPort({ name, type }: RawValue, direction: 'input' | 'output'): GraphValue {
    const { file } = this;
    const tensor = type?.tensorType;
    if (tensor?.elemType !== elementTypes.float32) {
      const code = direction === 'input' ? 'model.input-type' : 'model.output-kind';
      throw new LabError(code, { file, name, type: tensor ? elementTypeName(tensor.elemType) : '–' });
    }
    const openDimension = (dimension: number, size: string): LabError =>
      new LabError(`model.${direction}-shape`, { file, name, dimension, size });
    if (!tensor.shape) throw openDimension(0, '–');
    const dims = tensor.shape.dim.map((dim, index) => {
      const size = Number(toBigInt(dim.dimValue));
      if (size > 0 && Number.isSafeInteger(size)) return size;
      // Neither a size nor a name also stands for "any".
      if (index === 0 && size === 0) return -1;
      throw openDimension(index, dim.dimParam === '' ? String(size) : dim.dimParam);
    });
    return { name, dims };
  }

  #readNode(raw: RawNode, index: number, outputRanks: ReadonlyMap<string, number | undefined>): GraphNode | null {
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
    for (const attribute of raw.attribute) attributes[attribute.name] = this.#readAttribute(attribute, operator, name);
    if (operator === 'Softmax' && this.opset < 13)
      this.#modernSoftmax(name, attributes, outputRanks.get(raw.output[0] ?? ''));
    return { name, opType: operator, inputs: [...raw.input], outputs: [...raw.output], attributes };
  }

  #nodeName({ name, opType }: RawNode, index: number): string {
    let unique = name === '' ? `${opType}_${index}` : name;
    while (this.#nodeNames.has(unique)) unique += '_';
    this.#nodeNames.add(unique);
    return unique;
  }

  /**
   * Before 13, Softmax treated all dimensions from its axis (default 1) on as one. For the last axis that is today's meaning;
   * we know the axis to be the last when it is -1, or 1 of a graph output of two dimensions.
   */
  #modernSoftmax(node: string, attributes: Record<string, AttributeValue>, rank: number | undefined): void {
    const axis = attributes.axis ?? 1;
    if (axis !== -1 && !(typeof axis === 'number' && rank !== undefined && axis === rank - 1))
      throw new LabError('model.old-softmax', { file: this.file, node, opset: this.opset, axis: String(axis) });
    attributes.axis = -1;
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
