import { useI18n } from 'vue-i18n';
import type { NetworkFix, NetworkIssue } from '../../../shared/network/check';
import type { Layer } from '../../../shared/network/document';
import type { Text } from '../../../shared/text';
import { useAppStore } from '../../stores/app';
import { useNetworkStore } from '../../stores/network';
import { issueText, layerTitle } from './titles';

/** Texts of the catalogue and of the checker in the user's language; reactive in templates. */
export function useTexts() {
  const app = useAppStore();
  const store = useNetworkStore();
  const { t } = useI18n();
  return {
    text: (text: Text) => text[app.language],
    title: (layer: Layer) => layerTitle(layer, app.language),
    /** What the button of a fix says. */
    fix: (fix: NetworkFix) =>
      t(`design.fix.${fix.kind === 'set-parameter' && fix.value === null ? 'default' : fix.kind}`),
    issue: (issue: NetworkIssue) => issueText(issue, store.network, app.language, (loss) => t(`design.loss.${loss}`)),
  };
}
