import type { InspectSummary, NeuronPlace } from '../../../shared/api/inspect';
import { mapsOf, type InspectedLayer } from '../../../shared/inspect/layers';
import { layerDefinition } from '../../../shared/layers';
import { outputsForClasses, type LossName } from '../../../shared/training/losses';
import { useI18n } from 'vue-i18n';
import { useAppStore } from '../../stores/app';
import { layerTitle } from '../design/titles';

/** What layers and neurons are called on this page. */
export function useNames() {
  const app = useAppStore();
  const { t } = useI18n();

  function layerName(summary: InspectSummary, index: number): string {
    const layer = summary.layers[index];
    if (!layer) return '';
    if (layer.role === 'input') return t('inspect.drawing.input');
    const { id, kind, name } = layer;
    return layerTitle(
      { id, kind, ...(name === null ? {} : { name }), parameters: {}, position: { x: 0, y: 0 } },
      app.language,
    );
  }

  /** Of the activation that a layer of neurons took in. */
  function activationName({ activation }: InspectedLayer): string {
    return activation ? (layerDefinition(activation.kind)?.label[app.language] ?? activation.kind) : '';
  }

  function neuronName(summary: InspectSummary, { layer: place, neuron }: NeuronPlace): string {
    const layer = layerName(summary, place);
    const own = summary.layers[place];
    const maps = own ? mapsOf(own) : null;
    if (!maps) return t('inspect.selected.neuron', { layer, neuron: neuron + 1 });
    const side = maps.height * maps.width;
    const within = neuron % side;
    return t('inspect.selected.map', {
      layer,
      channel: Math.floor(neuron / side) + 1,
      row: Math.floor(within / maps.width) + 1,
      column: (within % maps.width) + 1,
    });
  }

  /** Of an input or an output: what it stands for in the data; else its symbol. */
  function shortName(summary: InspectSummary, { layer: place, neuron }: NeuronPlace): string {
    const layer = summary.layers[place];
    if (layer?.role === 'input') return summary.inputs?.[neuron]?.name ?? `x${neuron + 1}`;
    if (!layer?.isOutput) return '';
    const { target } = summary;
    const names = target.kind === 'classes' ? outputNames(target.classes, summary.loss) : target.names;
    return names[neuron] ?? `y${neuron + 1}`;
  }

  return { layerName, activationName, neuronName, shortName };
}

/** The class of each output; a single one for two classes is the logit of the second. */
function outputNames(classes: string[], loss: LossName): string[] {
  return classes.slice(classes.length - outputsForClasses(loss, classes.length));
}
