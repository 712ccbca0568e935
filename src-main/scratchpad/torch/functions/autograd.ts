import { PythonError, typeError } from '../../language/errors';
import { HostFunction, HostObject, type CallContext } from '../../language/host';
import { PyClass, PyList, PyTuple, type Value } from '../../language/values';
import { toTensor } from '../arguments';
import { AccumulateGrad, runBackward } from '../autograd/backward';
import { runRecordedBackward } from '../autograd/recorded-backward';
import { Variable, type Edge, type GradientNode } from '../autograd/variable';
import type { Library } from '../library';
import type { Session } from '../session';
import { cast } from '../math/pointwise';
import { sameShape, shapeText } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { tensorList } from './joining';

interface Root {
  edge: Edge;
  gradient: Variable;
}

function rootOf(x: Tensor, gradient: Value | undefined, place: number): Root {
  const { edge } = x;
  if (!edge)
    throw new PythonError(
      'RuntimeError',
      `element ${place} of tensors does not require grad and does not have a grad_fn. Hint: nothing it was computed from has requires_grad=True, or it was computed inside torch.no_grad() or detached.`,
    );
  if (gradient === null || gradient === undefined) {
    if (x.count !== 1)
      throw new PythonError(
        'RuntimeError',
        `grad can be implicitly created only for scalar outputs. Hint: the shape is ${shapeText(x.shape)}; call .sum() or .mean() first, or give backward() a gradient of this shape.`,
      );
    return { edge, gradient: Variable.of(x.dtype.array(1).fill(1), x.shape, x.dtype) };
  }
  const given = toTensor(gradient, 'gradient');
  if (!sameShape(given.shape, x.shape))
    throw new PythonError(
      'RuntimeError',
      `Mismatch in shape: grad_output[${place}] has a shape of torch.Size(${shapeText(given.shape)}) and output[${place}] has a shape of torch.Size(${shapeText(x.shape)}).`,
    );
  return { edge, gradient: cast(x.session.tape, given.variable, x.dtype) };
}

/**
 * Gradients of `wanted` (null: not reached), or, without it, into grad of everything that asked for one. `again`: they are recorded, so that they have
 * gradients themselves.
 */
function walkBack(
  session: Session,
  roots: readonly Root[],
  { retain, again, wanted }: { retain: Value | undefined; again: Value | undefined; wanted?: readonly Tensor[] },
): (Variable | null)[] {
  const { tape } = session;
  const edges = wanted?.map(({ edge }) => {
    if (edge) return edge;
    throw new PythonError('RuntimeError', 'One of the differentiated Tensors does not require grad');
  });
  if (again === true) return session.withRecording(true, () => runRecordedBackward(tape, roots, edges));
  const buffers = roots.map(({ edge, gradient }) => ({ edge, gradient: gradient.buffer }));
  const found = runBackward(tape, buffers, { keep: retain === true, wanted: edges });
  return (wanted ?? []).map(({ shape, dtype }, i) => {
    const gradient = found[i];
    return gradient ? new Variable(gradient, shape, dtype, null) : null;
  });
}

const nodeClass = new PyClass('Node', null, [], { module: 'torch.autograd.graph' });

/** x.grad_fn, and what stands before it. */
export class GradientFunction extends HostObject {
  readonly type = nodeClass;
  constructor(readonly node: GradientNode) {
    super();
  }

  override attribute(name: string, context: CallContext): Value | undefined {
    if (name === 'next_functions')
      return new PyTuple(
        this.node.edges.map(
          (edge) => new PyTuple([edge ? new GradientFunction(edge.node) : null, BigInt(edge?.output ?? 0)]),
        ),
      );
    if (name === 'name')
      return new HostFunction('name', '', () =>
        this.node instanceof AccumulateGrad ? 'torch::autograd::AccumulateGrad' : this.node.name,
      );
    return super.attribute(name, context);
  }

  override attributeNames(): Iterable<string> {
    return ['name', 'next_functions'];
  }

  override compare(operator: string, other: Value): Value | undefined {
    if (!(other instanceof GradientFunction)) return undefined;
    if (operator === '==') return other.node === this.node;
    return operator === '!=' ? other.node !== this.node : undefined;
  }

  repr(): string {
    return `<${this.node.name} object at 0x${this.node.order.toString(16).padStart(12, '0')}>`;
  }
}

const modeClass = new PyClass('no_grad', null, [], { module: 'torch' });

/** `with torch.no_grad():` and `@torch.no_grad()`. */
class GradMode extends HostObject {
  readonly type = modeClass;
  private before: boolean[] = [];

  constructor(
    private readonly session: Session,
    private readonly recording: boolean,
  ) {
    super();
  }

  override enter(): Value {
    this.before.push(this.session.tape.recording);
    this.session.tape.recording = this.recording;
    return null;
  }

  override exit(): boolean {
    this.session.tape.recording = this.before.pop() ?? true;
    return false;
  }

  /** As a decorator: the function runs in this mode. */
  override call([body]: readonly Value[]): Value {
    if (body === undefined) throw typeError('a function is needed');
    return new HostFunction('wrapped', '*args, **keywords', ([args, keywords], context) =>
      this.session.withRecording(this.recording, () => {
        const named = keywords && typeof keywords === 'object' && 'entries' in keywords ? [...keywords.entries()] : [];
        return context.call(
          body,
          args instanceof PyTuple ? args.items : [],
          new Map(named.map(([name, value]) => [String(name), value])),
        );
      }),
    );
  }

  repr(): string {
    return `<torch.autograd.grad_mode.${this.recording ? 'enable_grad' : 'no_grad'}>`;
  }
}

export function addAutograd(library: Library): void {
  const { session } = library;
  library.method(
    'backward',
    'self, gradient=None, retain_graph=None, create_graph: bool=False',
    ([self, gradient, retain, createGraph]) => {
      walkBack(session, [rootOf(toTensor(self), gradient, 0)], { retain, again: createGraph });
      return null;
    },
    'Adds the gradient of this tensor to grad of everything it was computed from that asked for one.',
  );
  library.method('requires_grad_', 'self, requires_grad: bool=True', ([self, requires]) => {
    const x = toTensor(self);
    x.setRequiresGrad(requires === true);
    return x;
  });
  library.method(
    'retain_grad',
    'self',
    ([self]) => {
      const x = toTensor(self);
      if (!x.requiresGrad)
        throw new PythonError('RuntimeError', "can't retain_grad on Tensor that has requires_grad=False");
      x.retainGrad();
      return null;
    },
    'Keeps the gradient of this tensor too, which is no leaf.',
  );
  library.both('detach', 'input', ([input]) => detached(toTensor(input)), 'The same values, apart from the graph.');
  library.method('detach_', 'self', ([self]) => {
    const x = toTensor(self);
    x.forget();
    return x;
  });
  library.both('clone', 'input', ([input]) => cloned(toTensor(input)), 'A copy that gradients go through.');
  library.function('no_grad', '', () => new GradMode(session, false), 'Nothing inside is recorded.');
  library.function('enable_grad', '', () => new GradMode(session, true));
  library.function('inference_mode', '', () => new GradMode(session, false));
  library.function('is_grad_enabled', '', () => session.tape.recording);
  library.function('set_grad_enabled', 'mode: bool', ([mode]) => {
    const guard = new GradMode(session, mode === true);
    guard.enter();
    return guard;
  });
  library.both('is_tensor', 'obj', ([value]) => value instanceof Tensor);
}

export function detached(x: Tensor): Tensor {
  return x.viewed(x.variable.alias(x.shape, null), x.view?.offset ?? 0, x.strides, true);
}

export function cloned(x: Tensor): Tensor {
  const { tape } = x.session;
  if (x.count === 0) return x.session.wrap(Variable.of(x.dtype.array(0), x.shape, x.dtype), [x]);
  if (!tape.records([x.variable])) {
    if (!x.variable.buffer.card) tape.context?.chargeMemory(x.array.byteLength);
    return x.session.wrap(new Variable(x.variable.buffer.own(), x.shape, x.dtype, null), [x]);
  }
  return x.session.wrap(tape.apply('Identity', [x.variable], { name: 'CloneBackward0' }), [x]);
}

/** torch.autograd.grad */
export function autogradFunctions(library: Library): Map<string, Value> {
  const { session } = library;
  const list = (value: Value | undefined, context: CallContext): Tensor[] =>
    value instanceof PyList || value instanceof PyTuple ? tensorList(value, context) : [toTensor(value)];
  const signature =
    'outputs, inputs, grad_outputs=None, retain_graph=None, create_graph: bool=False, allow_unused: bool=False';
  const grad = library.make(
    'grad',
    signature,
    ([outputs, inputs, gradients, retain, createGraph, unused], context) => {
      const given = gradients === null || gradients === undefined ? [] : list(gradients, context);
      const roots = list(outputs, context).map((x, i) => rootOf(x, given[i] ?? null, i));
      const wanted = list(inputs, context);
      const found = walkBack(session, roots, { retain, again: createGraph, wanted });
      return new PyTuple(
        wanted.map((x, i) => {
          const gradient = found[i];
          if (gradient) return session.wrap(gradient, [x]);
          if (unused === true) return null;
          throw new PythonError(
            'RuntimeError',
            'One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.',
          );
        }),
      );
    },
    'Gradients of outputs by inputs, without touching grad.',
  );
  const backward = library.make(
    'backward',
    'tensors, grad_tensors=None, retain_graph=None, create_graph: bool=False',
    ([tensors, gradients, retain, createGraph], context) => {
      const given = gradients === null || gradients === undefined ? [] : list(gradients, context);
      const roots = list(tensors, context).map((x, i) => rootOf(x, given[i] ?? null, i));
      walkBack(session, roots, { retain, again: createGraph });
      return null;
    },
  );
  return new Map<string, Value>([
    ['grad', grad],
    ['backward', backward],
  ]);
}

export const gradientFunctionOf = (x: Tensor): GradientFunction | null =>
  x.edge && !(x.edge.node instanceof AccumulateGrad) ? new GradientFunction(x.edge.node) : null;
