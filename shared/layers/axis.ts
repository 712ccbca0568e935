import type { LayerIssue, ParameterDefinition, ParameterValues, Shape } from './definition';
import { formatShape } from './sizes';

/**
 * Dimensions of a sample are counted from 1; the batch, ONNX's dimension 0, is not among them, so the number is ONNX's axis. −1 is
 * the last.
 */
export function axisParameter(standard: number, help: ParameterDefinition['help']): ParameterDefinition {
  return {
    name: 'axis',
    type: 'integer',
    default: standard,
    minimum: -6,
    maximum: 6,
    step: 1,
    label: { en: 'Dimension', ru: 'Измерение' },
    help,
  };
}

/** The place of the dimension in a sample's shape, from 0. */
export function axisOf({ axis }: ParameterValues, shape: Shape): number | LayerIssue {
  const given = Number(axis);
  const place = given < 0 ? shape.length + given : given - 1;
  if (given !== 0 && place >= 0 && place < shape.length) return place;
  return {
    code: 'network.axis',
    details: { axis: given, got: formatShape(shape), rank: shape.length },
    fix: { kind: 'set-parameter', parameter: 'axis', value: -1 },
  };
}
