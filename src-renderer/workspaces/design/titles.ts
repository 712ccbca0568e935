import type { NetworkIssue } from '../../../shared/network/check';
import type { Layer, NetworkDocument } from '../../../shared/network/document';
import { errorMessage, type ErrorDetails } from '../../../shared/errors';
import { layerDefinition } from '../../../shared/layers';
import type { Language } from '../../../shared/text';

/** The user's name for a layer, or the catalogue's with the number of its id: "Linear 2". */
export function layerTitle(layer: Layer, language: Language): string {
  if (layer.name !== undefined) return layer.name;
  const label = layerDefinition(layer.kind)?.label[language] ?? layer.kind;
  const number = layer.id.startsWith(`${layer.kind}-`) ? layer.id.slice(layer.kind.length + 1) : '';
  return /^\d+$/.test(number) ? `${label} ${number}` : label;
}

/** Details that hold names of layers, as the checker writes them: the user's name or the id. */
const layerDetails = ['layer', 'from', 'to', 'first', 'layers'];

/** The message of an issue with layers and parameters called what the page calls them. */
export function issueText(
  issue: NetworkIssue,
  network: NetworkDocument,
  language: Language,
  lossName: (loss: string) => string,
): string {
  const titles = new Map(network.layers.map((layer) => [layer.name ?? layer.id, layerTitle(layer, language)]));
  const own = network.layers.find(({ id }) => id === issue.layer);
  const titleOf = (name: string | number) => titles.get(String(name)) ?? name;
  const details: ErrorDetails = { ...issue.details };
  for (const key of layerDetails) {
    const value = details[key];
    if (Array.isArray(value)) details[key] = value.map(titleOf);
    else if (typeof value === 'string') details[key] = titleOf(value);
  }
  if (own) details.layer = layerTitle(own, language);
  const parameter = layerDefinition(own?.kind ?? '')?.parameters.find(({ name }) => name === details.parameter);
  if (parameter) details.parameter = parameter.label[language];
  if (typeof details.loss === 'string') details.loss = lossName(details.loss);
  return errorMessage({ code: issue.code, details }, language);
}
