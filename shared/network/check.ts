import type { TargetSummary } from '../api/data';
import { layerDefinition } from '../layers';
import { formatShape, sameShape } from '../layers/sizes';
import { losses, outputsForClasses, type LossName } from '../training/losses';
import { analyseNetwork, issueOn, layerName, type NetworkCheck } from './analyse';
import type { Layer, NetworkDocument } from './document';
import type { NetworkFix, NetworkIssue } from './issue';

export type { LayerShapes, NetworkCheck } from './analyse';
export type { NetworkFix, NetworkIssue } from './issue';

export interface CheckContext {
  /** Of one sample; null while there are no data. */
  inputShape: readonly number[] | null;
  target: TargetSummary | null;
  /** Null: the one that suits the target. */
  loss: LossName | null;
}

/** Everything that would keep a network from being trained, each on the layer it belongs to. Never throws. */
export function checkNetwork(network: NetworkDocument, context: CheckContext): NetworkCheck {
  const check = analyseNetwork(network, context.inputShape);
  if (network.layers.length === 0) return check;
  const layers = new Map(network.layers.map((layer) => [layer.id, layer]));
  for (const id of check.live) {
    const layer = layers.get(id);
    if (!layer || layerDefinition(layer.kind)?.differentiable !== false) continue;
    check.issues.push({
      ...issueOn(layer, { code: 'network.not-differentiable', details: {} }, 'error'),
      fix: { kind: 'replace-kind', layer: id, replacement: 'sigmoid' },
    });
  }
  const output = network.layers.find(({ kind }) => layerDefinition(kind)?.role === 'output');
  // Of two layers with one id the first counts; an output that is the second is no place for further issues.
  const counts = output && network.layers.find(({ id }) => id === output.id) === output;
  if (counts) check.issues.push(...outputIssues(network, check, output, context));
  return check;
}

export function hasErrors(check: NetworkCheck): boolean {
  return check.issues.some(({ severity }) => severity === 'error');
}

function outputIssues(
  network: NetworkDocument,
  check: NetworkCheck,
  output: Layer,
  { target, loss: chosen }: CheckContext,
): NetworkIssue[] {
  const layer = layerName(output);
  const on = { layer: output.id, severity: 'error' } as const;
  const issues: NetworkIssue[] = [];
  const shape = check.shapes[output.id]?.output ?? null;
  if (shape && check.total.parameters === 0)
    issues.push({ ...on, code: 'network.nothing-to-train', details: { layer } });
  else if (shape && check.trainable === 0) {
    const layers = network.layers.filter(({ id, frozen }) => frozen && check.live.includes(id)).map(({ id }) => id);
    issues.push({ ...on, code: 'network.all-frozen', details: { layer }, fix: { kind: 'unfreeze-layers', layers } });
  }
  if (!target) return [...issues, { ...on, code: 'network.target-missing', details: { layer } }];

  const loss = chosen ?? target.suggestedLoss;
  if (losses[loss].targets === 'classes' && target.kind !== 'classes')
    return [...issues, { ...on, code: 'network.loss-needs-classes', details: { layer, loss } }];
  // The others also take classes, as one target of 0 or 1 each; binary cross-entropy two of them, as a single one.
  const classes = target.kind === 'classes' ? target.classes.length : null;
  if (loss === 'bce-logits' && classes !== null && classes !== 2)
    return [...issues, { ...on, code: 'network.loss-needs-two-classes', details: { layer, loss, classes } }];
  const wanted = target.kind === 'classes' ? outputsForClasses(loss, target.classes.length) : target.names.length;
  if (shape && !sameShape(shape, [wanted])) {
    const code = outputSizeCode(target, loss);
    const fix = sizeFix(network, check, output, wanted);
    issues.push({ ...on, code, details: { layer, got: formatShape(shape), wanted }, ...(fix ? { fix } : {}) });
  }
  const last = sourceOf(network, output.id);
  if (last && layerDefinition(last.kind)?.containedInLoss === loss) {
    issues.push({
      layer: last.id,
      severity: 'warning',
      code: 'network.loss-contains-layer',
      details: { layer: layerName(last), loss },
      fix: { kind: 'bypass-layer', layer: last.id },
    });
  }
  return issues;
}

function outputSizeCode({ kind }: TargetSummary, loss: LossName): NetworkIssue['code'] {
  if (kind !== 'classes') return 'network.output-size-numbers';
  return loss === 'bce-logits' ? 'network.output-size-two-classes' : 'network.output-size-classes';
}

/** The layer that decides the size of the output, where only layers that keep it stand between. */
function sizeFix(network: NetworkDocument, check: NetworkCheck, output: Layer, wanted: number): NetworkFix | null {
  const seen = new Set<string>();
  for (let layer = sourceOf(network, output.id); layer && !seen.has(layer.id); layer = sourceOf(network, layer.id)) {
    seen.add(layer.id);
    const definition = layerDefinition(layer.kind);
    if (definition?.sizeParameter) {
      if (check.shapes[layer.id]?.output?.length !== 1) return null;
      return { kind: 'set-parameter', layer: layer.id, parameter: definition.sizeParameter, value: wanted };
    }
    const { inputs, output: shape } = check.shapes[layer.id] ?? { inputs: [], output: null };
    const keepsSize = inputs.length === 1 && inputs[0] && shape && sameShape(inputs[0], shape);
    if (!keepsSize) return null;
  }
  return null;
}

/** The layer before one with a single input. */
function sourceOf(network: NetworkDocument, id: string): Layer | undefined {
  const from = network.edges.find(({ to, port }) => to === id && port === 0)?.from;
  return network.layers.find((layer) => layer.id === from);
}
