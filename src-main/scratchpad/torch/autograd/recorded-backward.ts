import { PythonError } from '../../language/errors';
import { add } from '../math/pointwise';
import { AccumulateGrad, reachable } from './backward';
import { callOf, derivatives } from './derivatives';
import { FunctionNode } from './function-node';
import { OperatorNode } from './operator-node';
import type { Tape } from './tape';
import type { Edge, GradientNode, Variable } from './variable';

/**
 * As runBackward, with gradients that are recorded: they can be differentiated again. The graph is kept. Throws NotImplementedError where the way
 * leads through something that has no formula of the kind.
 */
export function runRecordedBackward(
  tape: Tape,
  roots: readonly { edge: Edge; gradient: Variable }[],
  wanted?: readonly Edge[],
): (Variable | null)[] {
  const arrived = new Map<GradientNode, (Variable | null)[]>();
  const give = ({ node, output }: Edge, gradient: Variable): void => {
    let gradients = arrived.get(node);
    if (!gradients) arrived.set(node, (gradients = node.outputs.map(() => null)));
    const before = gradients[output];
    gradients[output] = before ? add(tape, before, gradient) : gradient;
  };
  const nodes = reachable(roots.map(({ edge }) => edge.node));
  for (const { edge, gradient } of roots) give(edge, gradient);

  const results = (wanted ?? []).map((): Variable | null => null);
  for (const node of nodes) {
    const gradients = arrived.get(node);
    if (!gradients) continue;
    wanted?.forEach(({ node: at, output }, i) => {
      if (at === node) results[i] = gradients[output] ?? null;
    });
    node.retained?.forEach((receive, output) => {
      const gradient = gradients[output];
      if (gradient) receive(gradient.buffer.own());
    });
    const [gradient] = gradients;
    if (node instanceof AccumulateGrad) {
      if (!wanted && gradient) node.holder.addRecorded(gradient);
      continue;
    }
    const passed = differentiate(tape, node, gradients);
    node.edges.forEach((edge, i) => {
      const given = passed[i];
      if (edge && given) give(edge, given);
    });
  }
  return results;
}

function differentiate(
  tape: Tape,
  node: GradientNode,
  [gradient, ...others]: readonly (Variable | null)[],
): (Variable | null)[] {
  if (gradient && others.length === 0) {
    if (node instanceof FunctionNode && node.derivative) return node.derivative(gradient);
    const derivative = node instanceof OperatorNode ? derivatives[node.operation.operator] : undefined;
    if (derivative) return derivative(gradient, callOf(tape, (node as OperatorNode).recall()));
  }
  const what = node.operation?.operator ?? node.name;
  throw new PythonError('NotImplementedError', `create_graph=True does not go through ${what} in a notebook`);
}
