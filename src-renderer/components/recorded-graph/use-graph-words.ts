import { useI18n } from 'vue-i18n';
import type { Words } from '../../../shared/recorded-graph/labels';
import type { RecordedGroup } from '../../../shared/recorded-graph/recorded-graph';
import { layerDefinition } from '../../../shared/layers';
import { useFormat } from '../../format/use-format';
import { useAppStore } from '../../stores/app';
import { layerTitle } from '../../workspaces/design/titles';

/** Numbers and names of a graph in the user's language. */
export function useGraphWords(): Words {
  const app = useAppStore();
  const format = useFormat();
  const { t } = useI18n();
  return {
    number: (value) => format.number(value),
    layer: ({ id, kind, name }: RecordedGroup) => {
      // A module of a notebook: its variable, and the class.
      if (!layerDefinition(kind)) return name === null ? kind : `${name}: ${kind}`;
      const named = name === null ? {} : { name };
      return layerTitle({ id, kind, ...named, parameters: {}, position: { x: 0, y: 0 } }, app.language);
    },
    operators: (count) => t('graph.operators', { count: format.count(count) }, count),
  };
}
