import { useI18n } from 'vue-i18n';
import type { InspectSummary, ListedSample } from '../../../../shared/api/inspect';
import { useFormat } from '../../../format/use-format';

/** Answers, and what they should be, in words. */
export function useAnswers(target: () => InspectSummary['target']) {
  const format = useFormat();
  const { t } = useI18n();

  function words(values: readonly number[]): string {
    const of = target();
    if (of.kind === 'numbers') return values.map((value) => format.number(value)).join('; ');
    return of.classes[values[0] ?? -1] ?? '–';
  }

  const desired = (sample: Pick<ListedSample, 'desired'>): string => words(sample.desired);

  /** A class with how sure the network is; numbers that are none are said so. */
  function answer({ answer: given, confidence }: Pick<ListedSample, 'answer' | 'confidence'>): string {
    if (confidence === null) return words(given);
    return Number.isNaN(confidence) ? t('inspect.pick.noNumber') : `${words(given)} ${format.percent(confidence, 0)}`;
  }

  /** All about a sample in one line. */
  function label(sample: ListedSample): string {
    return t('inspect.pick.sample', {
      index: format.count(sample.index + 1),
      desired: desired(sample),
      answer: answer(sample),
      loss: format.number(sample.loss),
    });
  }

  return { desired, answer, label };
}
