import type { LayerDefinition, LayerIssue, ParameterDefinition, ParameterValues } from './definition';

type Value = ParameterValues[string];

/** Longest list a shape may have, and its largest size: far above any use, below what would overflow. */
const maximumRank = 6;
const maximumSize = 1_000_000;

/** What a layer's absent parameters come to. */
export function defaultParameters(definition: LayerDefinition): ParameterValues {
  return Object.fromEntries(definition.parameters.map((parameter) => [parameter.name, parameter.default]));
}

/** All parameters of a layer, defaults filled in; unknown names are left out. */
export function parameterValues(definition: LayerDefinition, given: ParameterValues): ParameterValues {
  const values = defaultParameters(definition);
  for (const name of Object.keys(values)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** What is wrong with one value, with the nearest value that would do; null when it is fine. */
export function checkParameter(parameter: ParameterDefinition, value: Value): LayerIssue | null {
  const nearest = nearestValue(parameter, value);
  if (nearest === value) return null;
  if (Array.isArray(nearest) && Array.isArray(value) && nearest.join() === value.join()) return null;
  return {
    ...requirement(parameter, describe(value)),
    fix: { kind: 'set-parameter', parameter: parameter.name, value: nearest },
  };
}

/** Unknown names first, then values in the order of the catalogue. */
export function checkParameters(definition: LayerDefinition, given: ParameterValues): LayerIssue[] {
  const known = definition.parameters.map(({ name }) => name);
  const unknown = Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name): LayerIssue => ({
      code: 'network.parameter-unknown',
      details: { parameter: name, known: known.length > 0 ? known : '—' },
      fix: { kind: 'set-parameter', parameter: name, value: null },
    }));
  const values = parameterValues(definition, given);
  const wrong = definition.parameters.flatMap((parameter) => {
    const issue = checkParameter(parameter, values[parameter.name] ?? parameter.default);
    return issue ? [issue] : [];
  });
  return [...unknown, ...wrong];
}

/** The value itself where it is allowed, otherwise the nearest that is. */
function nearestValue(parameter: ParameterDefinition, value: Value): Value {
  switch (parameter.type) {
    case 'integer':
    case 'number': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return parameter.default;
      const whole = parameter.type === 'integer' ? Math.round(value) : value;
      return Math.min(Math.max(whole, parameter.minimum ?? -Infinity), parameter.maximum ?? Infinity);
    }
    case 'boolean':
      return typeof value === 'boolean' ? value : parameter.default;
    case 'choice':
      return parameter.choices.some((choice) => choice.value === value) ? value : parameter.default;
    case 'shape':
      return isShape(value, parameter) ? value : parameter.default;
    case 'text':
      return typeof value === 'string' ? value : parameter.default;
  }
}

/** Which values would do, in words. */
function requirement(parameter: ParameterDefinition, value: string): LayerIssue {
  const details = { parameter: parameter.name, value };
  switch (parameter.type) {
    case 'integer':
    case 'number': {
      const code = parameter.type === 'integer' ? 'network.parameter-integer' : 'network.parameter-number';
      const { minimum = -Infinity, maximum = Infinity } = parameter;
      return { code, details: { ...details, minimum, maximum } };
    }
    case 'boolean':
      return { code: 'network.parameter-boolean', details };
    case 'choice':
      return {
        code: 'network.parameter-choice',
        details: { ...details, choices: parameter.choices.map((choice) => choice.value) },
      };
    case 'text':
      return { code: 'network.parameter-text', details };
    case 'shape':
      return {
        code: 'network.parameter-shape',
        details: {
          ...details,
          count: parameter.maximumLength ?? maximumRank,
          minimum: parameter.minimum ?? 1,
          maximum: maximumSize,
        },
      };
  }
}

function isShape(value: Value, parameter: ParameterDefinition & { type: 'shape' }): boolean {
  const { minimum = 1, maximumLength = maximumRank } = parameter;
  if (!Array.isArray(value) || value.length > maximumLength) return false;
  if (value.length === 0) return parameter.automatic !== undefined;
  const inferred = value.filter((size) => size === -1).length;
  const fits = (size: number) => Number.isInteger(size) && size >= minimum && size <= maximumSize;
  if (parameter.inferred) return inferred <= 1 && value.every((size) => size === -1 || fits(size));
  return value.every(fits);
}

function describe(value: Value): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

/** Whether a parameter means anything beside the others' values. */
export function applies(parameter: ParameterDefinition, values: ParameterValues): boolean {
  const { when } = parameter;
  if (!when) return true;
  const value = values[when.parameter];
  return (typeof value === 'string' || typeof value === 'boolean') && when.is.includes(value);
}
