import type { GraphNode, Initializer } from '../../../../shared/network/graph';
import type { Tensor as ConstantTensor } from '../../../engine/native';
import { typeError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import { PyClass, type PyInstance, type Value } from '../../language/values';
import { toTensor } from '../arguments';
import type { Input } from '../autograd/tape';
import { Variable } from '../autograd/variable';
import type { Library } from '../library';
import type { Modules } from '../nn/module';
import type { Session } from '../session';
import { float32 } from '../tensor/dtype';
import { isTensor, Tensor } from '../tensor/tensor';

/** Nodes that stand for one layer of the network. */
export interface LayerGroup {
  id: string;
  kind: string;
  nodes: GraphNode[];
  /** Values of other layers that it reads, in order. */
  inputs: string[];
  output: string;
}

interface Program {
  group: LayerGroup;
  /** What holds the weights, by the names that nodes read. */
  attributes: ReadonlyMap<string, string>;
  /** Fixed numbers. */
  constants: ReadonlyMap<string, ConstantTensor>;
}

/** Layers that torch.nn does not have: their ONNX nodes are computed one by one by the engine. */
export class NodeLayers {
  private readonly classes = new Map<string, PyClass>();
  private readonly programs = new WeakMap<PyInstance, Program>();
  /** Of each operator the inputs that come as fixed numbers. */
  private readonly fixed: ReadonlyMap<string, readonly number[]>;

  constructor(
    private readonly library: Library,
    private readonly modules: Modules,
  ) {
    const { engine } = library.session.tape;
    this.fixed = new Map(engine.operators().map(({ opType, constants }) => [opType, constants]));
  }

  /** `shared`: weights that layers made before hold, which this one may read as well. */
  make(
    group: LayerGroup,
    initializers: ReadonlyMap<string, Initializer>,
    shared: Map<string, Tensor>,
    context: CallContext,
  ): PyInstance {
    const { session } = this.library;
    const layer = context.call(this.classFor(group), []) as PyInstance;
    const attributes = new Map<string, string>();
    const constants = new Map<string, ConstantTensor>();
    for (const { opType, inputs } of group.nodes)
      inputs.forEach((name, place) => {
        const item = initializers.get(name);
        if (!item || attributes.has(name)) return;
        if (item.data instanceof BigInt64Array || this.fixed.get(opType)?.includes(place)) {
          constants.set(name, { dims: item.dims, data: item.data });
          return;
        }
        const attribute = name.slice(name.indexOf('.') + 1).replaceAll(/\W/g, '_');
        attributes.set(name, attribute);
        const values = variableOf(item);
        if (item.frozen) return this.modules.registerBuffer(layer, attribute, session.wrap(values));
        const weight = shared.get(name) ?? parameterOf(session, values);
        shared.set(name, weight);
        layer.attributes.set(attribute, weight);
      });
    this.programs.set(layer, { group, attributes, constants });
    return layer;
  }

  /** LinearSteps, Softmax: as the palette or ONNX calls it. */
  private classFor({ kind, nodes }: LayerGroup): PyClass {
    const plain = kind === 'operator' || kind === '' ? (nodes[0]?.opType ?? 'Layer') : kind;
    const name = plain.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
    const known = this.classes.get(name);
    if (known) return known;
    const made = new PyClass(name, this.modules.moduleClass, [], { module: 'deltalab' });
    made.attributes.set(
      'forward',
      this.library.make('forward', 'self, *inputs', ([self, inputs], context) =>
        this.forward(self as PyInstance, [...context.iterate(inputs ?? null)]),
      ),
    );
    this.classes.set(name, made);
    return made;
  }

  private forward(self: PyInstance, inputs: readonly Value[]): Value {
    const program = this.programs.get(self);
    if (!program) throw typeError(`a ${self.type.name} is made by deltalab.load_network()`);
    const { group } = program;
    if (inputs.length !== group.inputs.length)
      throw typeError(`forward() takes ${group.inputs.length} inputs, but ${inputs.length} were given`);
    const given = inputs.map((input) => toTensor(input));
    const values = new Map<string, Variable>();
    group.inputs.forEach((name, at) => values.set(name, (given[at] as Tensor).variable));
    for (const node of group.nodes) this.run(node, program, self, values);
    return this.library.session.wrap(values.get(group.output) as Variable, given);
  }

  private run(
    node: GraphNode,
    { attributes, constants }: Program,
    self: PyInstance,
    values: Map<string, Variable>,
  ): void {
    const { tape } = this.library.session;
    const inputs = node.inputs.map((name): Input => {
      if (name === '') return null;
      const weight = self.attributes.get(attributes.get(name) ?? '');
      if (isTensor(weight)) return weight.variable;
      return values.get(name) ?? constants.get(name) ?? null;
    });
    const [input] = inputs;
    if (node.opType === 'Cast' && input instanceof Variable) {
      values.set(
        node.outputs[0] ?? '',
        tape.as('Cast', [input], node.attributes, () => whole(input, node)),
      );
      return;
    }
    const options = { attributes: node.attributes, outputs: node.outputs.length };
    const made = tape.applyAll(node.opType, inputs, options);
    node.outputs.forEach((name, at) => values.set(name, made[at] as Variable));
  }
}

/** ONNX's number for float32. */
const onnxFloat = 1;

/** Whole numbers stay float32 here: they are what Gather reads. */
function whole({ array, shape }: Variable, { attributes }: GraphNode): Variable {
  const cut = attributes.to === onnxFloat ? (x: number): number => x : Math.trunc;
  return Variable.of(Float32Array.from(array, cut), shape, float32);
}

const variableOf = ({ dims, data }: Initializer): Variable =>
  Variable.of(Float32Array.from(data, Number), dims, float32);

function parameterOf(session: Session, values: Variable): Tensor {
  const made = new Tensor(session, values, null, undefined, session.parameterClass);
  made.setRequiresGrad(true);
  return made;
}
